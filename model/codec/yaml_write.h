// JSON values to YAML text in block style, as kubectl -o yaml prints them.
#pragma once
#include <string>

#include "model/api/object.h"
#include "model/codec/json_value.h"

namespace orrery::codec {

/// Keys sorted as go-yaml sorts them (digits by value); strings quoted only when they would read as something
/// else; long plain and quoted texts folded at column 80. Ends with a line end.
std::string to_yaml(const JsonValue& value);
std::string to_yaml(const api::Object& object);

}  // namespace orrery::codec
