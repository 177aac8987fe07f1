// Names of Go types and kinds, as upstream's error messages and hashes have them.
#pragma once
#include <string>

#include "model/api/type.h"

namespace orrery::codec {

/// The Go type that upstream declares for a value of `type`: "int32", "[]v1.Container", "*v1.Time".
std::string go_type(const api::Type& type);
/// The type that errors of decoding such a value name: "[]v1.Container", "string" for a time.
std::string go_decoded_type(const api::Type& type);
/// reflect.Kind of it: "struct", "slice", "string".
const char* go_kind(const api::Type& type);

}  // namespace orrery::codec
