// Styles of YAML scalars as libyaml's emitter chooses and writes them. Internal to model/codec.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace orrery::codec {

/// Appends `text` as a scalar; `indent` is the column of continuation lines. Keys are never folded nor
/// literal.
void append_yaml_string(std::string_view text, std::size_t indent, bool key, std::string& out);

}  // namespace orrery::codec
