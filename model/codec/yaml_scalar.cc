#include "model/base/ascii.h"
#include "model/codec/yaml_scalar.h"

#include <charconv>
#include <limits>

namespace orrery::codec {
namespace {

using base::is_digit;

template <std::size_t N>
bool any_of(std::string_view text, const char* const (&words)[N]) {
  for (const char* w : words)
    if (text == w) return true;
  return false;
}

/// Reads `min` to `max` digits.
bool digits(std::string_view& s, std::size_t min, std::size_t max) {
  std::size_t n = 0;
  while (n < s.size() && n < max && is_digit(s[n])) ++n;
  s.remove_prefix(n);
  return n >= min;
}

bool take(std::string_view& s, char c) {
  if (s.empty() || s[0] != c) return false;
  s.remove_prefix(1);
  return true;
}

/// 2006-1-2, 2006-1-2 15:4:5.9, 2006-1-2T15:4:5.9Z07:00
bool is_timestamp(std::string_view s) {
  if (!digits(s, 4, 4) || !take(s, '-') || !digits(s, 1, 2) || !take(s, '-') || !digits(s, 1, 2))
    return false;
  if (s.empty()) return true;
  const bool zoned = s[0] == 'T' || s[0] == 't';
  if (!zoned && s[0] != ' ') return false;
  s.remove_prefix(1);
  if (!digits(s, 1, 2) || !take(s, ':') || !digits(s, 1, 2) || !take(s, ':') || !digits(s, 1, 2))
    return false;
  if (take(s, '.') && !digits(s, 1, 9)) return false;
  if (!zoned || take(s, 'Z')) return s.empty();
  if (s.empty() || (s[0] != '+' && s[0] != '-')) return false;
  s.remove_prefix(1);
  return digits(s, 2, 2) && take(s, ':') && digits(s, 2, 2) && s.empty();
}

/// Go's ParseInt with base 0: a prefix chooses 16, 8, 2; a leading zero means 8.
bool parse_int(std::string_view s, std::int64_t& out) {
  const bool negative = !s.empty() && s[0] == '-';
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  int base = 10;
  if (s.size() > 1 && s[0] == '0') {
    const char p = static_cast<char>(s[1] | 0x20);
    base = p == 'x' ? 16 : p == 'b' ? 2 : 8;
    s.remove_prefix(p == 'x' || p == 'b' || p == 'o' ? 2 : 1);
  }
  std::uint64_t magnitude = 0;
  const auto r = std::from_chars(s.data(), s.data() + s.size(), magnitude, base);
  if (r.ec != std::errc() || r.ptr != s.data() + s.size()) return false;
  const std::uint64_t limit = std::uint64_t{1} << 63;
  if (magnitude > limit || (magnitude == limit && !negative)) return false;
  out = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool parse_float(std::string_view s, double& out) {
  const std::string_view whole = s;
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
  if (take(s, '.')) {
    if (!digits(s, 1, kAny)) return false;
  } else {
    if (!digits(s, 1, kAny)) return false;
    if (take(s, '.')) digits(s, 0, kAny);
  }
  if (!s.empty() && (s[0] == 'e' || s[0] == 'E')) {
    s.remove_prefix(1);
    if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
    if (!digits(s, 1, kAny)) return false;
  }
  if (!s.empty()) return false;
  const char* from = whole.data() + (whole[0] == '+');
  return std::from_chars(from, whole.data() + whole.size(), out).ec == std::errc();
}

YamlScalar number(std::string_view text) {
  std::string plain;
  for (const char c : text)
    if (c != '_') plain += c;
  std::int64_t i = 0;
  double d = 0;
  if (parse_int(plain, i)) return {YamlTag::kInt, JsonValue(i)};
  if (parse_float(plain, d)) return {YamlTag::kFloat, JsonValue(d)};
  return {YamlTag::kString, JsonValue(text)};
}

}  // namespace

YamlScalar resolve_yaml_scalar(std::string_view text) {
  static constexpr const char* kNull[] = {"~", "null", "Null", "NULL"};
  static constexpr const char* kTrue[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                          "True", "TRUE", "on",  "On",  "ON"};
  static constexpr const char* kFalse[] = {"n",     "N",     "no",  "No",  "NO", "false",
                                           "False", "FALSE", "off", "Off", "OFF"};
  static constexpr const char* kNoNumber[] = {".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
                                              "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"};
  if (text.empty() || any_of(text, kNull)) return {YamlTag::kNull, JsonValue()};
  if (any_of(text, kTrue)) return {YamlTag::kBool, JsonValue(true)};
  if (any_of(text, kFalse)) return {YamlTag::kBool, JsonValue(false)};
  if (any_of(text, kNoNumber)) return {YamlTag::kFloat, JsonValue(text), false};
  const char c = text[0];
  if (c == '.') {
    double d = 0;
    if (parse_float(text, d)) return {YamlTag::kFloat, JsonValue(d)};
  } else if (is_digit(c) || c == '+' || c == '-') {
    if (is_timestamp(text)) return {YamlTag::kTimestamp, JsonValue(text)};
    return number(text);
  }
  return {YamlTag::kString, JsonValue(text)};
}

bool is_base60(std::string_view s) {
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  if (s.empty() || !is_digit(s[0])) return false;
  while (!s.empty() && (is_digit(s[0]) || s[0] == '_')) s.remove_prefix(1);
  bool colon = false;
  while (take(s, ':')) {
    colon = true;
    if (s.empty() || !is_digit(s[0])) return false;
    const bool two = s.size() > 1 && is_digit(s[1]);
    if (two && s[0] > '5') return false;
    s.remove_prefix(two ? 2 : 1);
  }
  if (!colon) return false;
  if (take(s, '.'))
    while (!s.empty() && (is_digit(s[0]) || s[0] == '_')) s.remove_prefix(1);
  return s.empty();
}

}  // namespace orrery::codec
