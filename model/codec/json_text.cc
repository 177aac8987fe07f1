#include "model/codec/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace orrery::codec {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// 0: as it is; 1: needs a look.
constexpr std::array<bool, 256> kSpecial = [] {
  std::array<bool, 256> t{};
  for (int c = 0; c < 256; ++c)
    t[c] = c < 0x20 || c >= 0x80 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&';
  return t;
}();

void append_escaped_byte(unsigned char c, std::string& out) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

}  // namespace

std::size_t utf8_length(std::string_view s) {
  if (s.empty()) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const unsigned char c = at(0);
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return s.size() >= 2 && tail(1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    if (s.size() < 3 || !tail(1) || !tail(2)) return 0;
    if (c == 0xE0 && at(1) < 0xA0) return 0;
    if (c == 0xED && at(1) > 0x9F) return 0;
    return 3;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    if (s.size() < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
    if (c == 0xF0 && at(1) < 0x90) return 0;
    if (c == 0xF4 && at(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

void append_utf8(std::uint32_t c, std::string& out) {
  const auto put = [&](std::uint32_t b) { out += static_cast<char>(b); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 63));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 63));
    put(0x80 | (c & 63));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 63));
    put(0x80 | ((c >> 6) & 63));
    put(0x80 | (c & 63));
  }
}

void append_json_string(std::string_view s, std::string& out) {
  out += '"';
  std::size_t plain = 0;  // start of the bytes not yet copied
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    if (!kSpecial[c]) {
      ++i;
      continue;
    }
    if (c >= 0x80) {
      const std::size_t n = utf8_length(s.substr(i));
      const bool separator =
          n == 3 && c == 0xE2 && s[i + 1] == '\x80' && (s[i + 2] == '\xA8' || s[i + 2] == '\xA9');
      if (n && !separator) {
        i += n;
        continue;
      }
      out.append(s.data() + plain, i - plain);
      if (separator) out += s[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      else out += "\\ufffd";
      i += n ? n : 1;
    } else {
      out.append(s.data() + plain, i - plain);
      append_escaped_byte(c, out);
      ++i;
    }
    plain = i;
  }
  out.append(s.data() + plain, s.size() - plain);
  out += '"';
}

void append_int(std::int64_t value, std::string& out) {
  char room[24];
  const auto r = std::to_chars(room, room + sizeof room, value);
  out.append(room, static_cast<std::size_t>(r.ptr - room));
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

void append_json_double(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += '0';
    return;
  }
  char room[40];
  const auto end = std::to_chars(room, room + sizeof room, value, std::chars_format::scientific).ptr;
  const std::string_view text(room, static_cast<std::size_t>(end - room));
  const double magnitude = std::fabs(value);
  const std::size_t e = text.find('e');
  if (magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    out.append(text.substr(0, e + 2));
    const std::string_view exponent = text.substr(e + 2);
    out.append(text[e + 1] == '-' && exponent.size() == 2 && exponent[0] == '0' ? exponent.substr(1)
                                                                                : exponent);
    return;
  }
  std::string digits;
  for (const char c : text.substr(0, e))
    if (c != '.' && c != '-') digits += c;
  int exponent = 0;
  const char* from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, end, exponent);
  if (text[0] == '-') out += '-';
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out += digits;
    return;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out += digits;
    out.append(whole - digits.size(), '0');
  } else {
    out.append(digits, 0, whole);
    out += '.';
    out.append(digits, whole);
  }
}

void append_base64(std::string_view bytes, std::string& out) {
  const auto at = [&](std::size_t i) -> std::uint32_t {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t v = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    out += kBase64[v >> 18];
    out += kBase64[(v >> 12) & 63];
    out += i + 1 < bytes.size() ? kBase64[(v >> 6) & 63] : '=';
    out += i + 2 < bytes.size() ? kBase64[v & 63] : '=';
  }
}

base::Result<std::string> parse_base64(std::string_view text) {
  static constexpr std::array<std::int8_t, 256> kValue = [] {
    std::array<std::int8_t, 256> t{};
    for (auto& v : t) v = -1;
    for (int i = 0; i < 64; ++i) t[static_cast<unsigned char>(kBase64[i])] = static_cast<std::int8_t>(i);
    return t;
  }();
  const auto bad = [](std::size_t at) {
    return base::invalid("illegal base64 data at input byte " + std::to_string(at));
  };
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t word = 0;
  int have = 0, padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || c == '\r') continue;
    const int v = kValue[static_cast<unsigned char>(c)];
    if (c == '=') {
      if (have < 2 || have + ++padding > 4) return bad(i);
      continue;
    }
    if (v < 0 || padding) return bad(i);
    word = word << 6 | static_cast<std::uint32_t>(v);
    if (++have == 4) {
      out += static_cast<char>(word >> 16);
      out += static_cast<char>(word >> 8);
      out += static_cast<char>(word);
      word = 0;
      have = 0;
    }
  }
  if (have == 0) return out;
  if (have + padding != 4) return bad(text.size());
  word <<= 6 * (4 - have);
  out += static_cast<char>(word >> 16);
  if (have == 3) out += static_cast<char>(word >> 8);
  return out;
}

}  // namespace orrery::codec
