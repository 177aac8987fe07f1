// Names of Go types and kinds of JSON values, for error messages only.
#pragma once
#include <string>

#include "model/api/type.h"

namespace orrery::codec {

/// The Go type that upstream declares for a value of `type`: "int32", "[]v1.Container", "map[string]string".
std::string go_type(const api::Type& type);
/// reflect.Kind of it: "struct", "slice", "string".
const char* go_kind(const api::Type& type);

}  // namespace orrery::codec
