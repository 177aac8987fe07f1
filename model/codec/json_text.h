// Texts of JSON values as Go's encoding/json writes them, and base64.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/result.h"

namespace orrery::codec {

/// Appends `text` as a JSON string: <, > and & escaped, U+2028 and U+2029 escaped, invalid UTF-8 as \ufffd.
void append_json_string(std::string_view text, std::string& out);
std::string json_string(std::string_view text);
/// Shortest digits that read back; exponent form below 1e-6 and from 1e21 on. NaN and infinities become 0,
/// which JSON has no text for.
void append_json_double(double value, std::string& out);
void append_int(std::int64_t value, std::string& out);

/// Standard alphabet with padding (RFC 4648 section 4).
void append_base64(std::string_view bytes, std::string& out);
/// Line breaks are ignored, as Go's decoder does. Fails with Go's text.
base::Result<std::string> parse_base64(std::string_view text);

/// The length of the valid UTF-8 sequence at the start of `text`, or 0 (empty, truncated, overlong,
/// surrogate, > 10FFFF).
std::size_t utf8_length(std::string_view text);
void append_utf8(std::uint32_t code_point, std::string& out);

}  // namespace orrery::codec
