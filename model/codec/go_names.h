// Go's names for the fields and types of a pod template, where they do not follow from the field descriptions.
#pragma once
#include <string_view>

namespace orrery::codec {

struct GoName {
  std::string_view of;    ///< "STRUCT.field" with the JSON name, or ".field" in every struct
  std::string_view name;  ///< of the Go field; "" follows the rule: the JSON name with a capital
  std::string_view type;  ///< of the Go field; "" follows the description
};

/// The row for a field, one that names the struct before one that does not; an empty row when there is none.
/// Source: k8s.io/api/core/v1/types.go and k8s.io/apimachinery/pkg/apis/meta/v1/types.go of 1.33.
GoName go_name(std::string_view struct_name, std::string_view json);

}  // namespace orrery::codec
