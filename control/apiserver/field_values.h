// Fields that field selectors may name, per kind (k8s.io/kubernetes pkg/apis/*/v1/conversion.go and
// registry ToSelectableFields).
#pragma once
#include <string>
#include <string_view>

#include "model/api/object.h"

namespace orrery::apiserver {

/// "" for a field that may be selected on, else upstream's complaint.
std::string check_field_label(api::KindId kind, std::string_view field);
/// The value; empty when the object has none. The view lives as long as the object.
std::string_view field_value(const api::Object& object, std::string_view field);

}  // namespace orrery::apiserver
