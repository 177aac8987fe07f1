#include "model/codec/json_lexer.h"

#include <array>

#include "model/base/ascii.h"
#include "model/codec/json_text.h"

namespace orrery::codec {
namespace {

/// Bytes that end the fast scan of a string.
constexpr std::array<bool, 256> kStop = [] {
  std::array<bool, 256> t{};
  for (int c = 0; c < 256; ++c) t[c] = c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
  return t;
}();

using base::is_digit;

std::string quoted_char(char c) {
  if (c == '\'') return "'\\''";
  if (c == '"') return "'\"'";
  const auto u = static_cast<unsigned char>(c);
  if (u >= 0x20 && u < 0x7F && c != '\\') return std::string("'") + c + "'";
  static constexpr char kNames[] = "abtnvfr";
  if (u >= 7 && u <= 13) return std::string("'\\") + kNames[u - 7] + "'";
  if (c == '\\') return "'\\\\'";
  static constexpr char kHex[] = "0123456789abcdef";
  if (u >= 0xA1 && u != 0xAD) {
    std::string text = "'";
    append_utf8(u, text);
    return text + "'";
  }
  std::string text = u < 0x80 ? "'\\x" : "'\\u00";
  text += kHex[u >> 4];
  text += kHex[u & 15];
  return text + "'";
}

}  // namespace

bool JsonLexer::fail(std::string message) {
  if (error_.empty()) error_ = std::move(message);
  return false;
}

bool JsonLexer::fail_at_char(const char* context) {
  if (at_end()) return fail("unexpected end of JSON input");
  return fail("invalid character " + quoted_char(text_[at_]) + " " + context);
}

char JsonLexer::peek_value() {
  if (!ok()) return 0;
  space();
  if (at_end()) {
    fail_at_char("");
    return 0;
  }
  const char c = text_[at_];
  if (c == '{' || c == '[' || c == '"' || c == '-' || is_digit(c) || c == 't' || c == 'f' || c == 'n')
    return c;
  fail_at_char("looking for beginning of value");
  return 0;
}

bool JsonLexer::open() {
  if (!ok()) return false;
  if (++depth_ > max_depth_) return fail("exceeded max depth");
  ++at_;
  return true;
}

bool JsonLexer::next_member(bool first, std::string_view& key) {
  if (!ok()) return false;
  space();
  if (!at_end() && text_[at_] == '}') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    if (at_end() || text_[at_] != ',') return fail_at_char("after object key:value pair");
    ++at_;
    space();
  }
  if (at_end() || text_[at_] != '"') return fail_at_char("looking for beginning of object key string");
  if (!string(key)) return false;
  space();
  if (at_end() || text_[at_] != ':') return fail_at_char("after object key");
  ++at_;
  return true;
}

bool JsonLexer::next_element(bool first) {
  if (!ok()) return false;
  space();
  if (!at_end() && text_[at_] == ']') {
    ++at_;
    --depth_;
    return false;
  }
  if (first) return true;
  if (at_end() || text_[at_] != ',') return fail_at_char("after array element");
  ++at_;
  space();
  // A bracket here would close after a comma; peek_value reports it.
  return true;
}

bool JsonLexer::string(std::string_view& out) {
  if (!ok()) return false;
  const std::size_t begin = ++at_;
  while (!at_end()) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (!kStop[c]) {
      ++at_;
      continue;
    }
    if (c == '"') {
      out = text_.substr(begin, at_ - begin);
      ++at_;
      return true;
    }
    if (c == '\\') return escaped_string(begin, out);
    if (c < 0x20) return fail_at_char("in string literal");
    const std::size_t n = utf8_length(text_.substr(at_));
    if (n == 0) return fail("invalid UTF-8 in string literal");
    at_ += n;
  }
  return fail_at_char("");
}

bool JsonLexer::escaped_string(std::size_t begin, std::string_view& out) {
  scratch_.assign(text_.substr(begin, at_ - begin));
  while (!at_end()) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '"') {
      ++at_;
      out = scratch_;
      return true;
    }
    if (c == '\\') {
      if (!escape()) return false;
    } else if (c < 0x20) {
      return fail_at_char("in string literal");
    } else {
      const std::size_t n = utf8_length(text_.substr(at_));
      if (n == 0) return fail("invalid UTF-8 in string literal");
      scratch_.append(text_.substr(at_, n));
      at_ += n;
    }
  }
  return fail_at_char("");
}

bool JsonLexer::hex4(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_end() ? 0 : text_[at_];
    std::uint32_t v;
    if (is_digit(c)) v = static_cast<std::uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f') v = static_cast<std::uint32_t>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F') v = static_cast<std::uint32_t>(c - 'A' + 10);
    else return fail_at_char("in \\u hexadecimal character escape");
    unit = unit << 4 | v;
  }
  return true;
}

bool JsonLexer::escape() {
  ++at_;
  switch (at_end() ? 0 : text_[at_]) {
    case '"':
    case '\\':
    case '/': scratch_ += text_[at_]; break;
    case 'b': scratch_ += '\b'; break;
    case 'f': scratch_ += '\f'; break;
    case 'n': scratch_ += '\n'; break;
    case 'r': scratch_ += '\r'; break;
    case 't': scratch_ += '\t'; break;
    case 'u': {
      ++at_;
      std::uint32_t unit, low;
      if (!hex4(unit)) return false;
      if (unit >= 0xD800 && unit <= 0xDFFF) {
        if (unit >= 0xDC00 || text_.substr(at_, 2) != "\\u") return fail("lone surrogate in string literal");
        at_ += 2;
        if (!hex4(low)) return false;
        if (low < 0xDC00 || low > 0xDFFF) return fail("lone surrogate in string literal");
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      }
      append_utf8(unit, scratch_);
      return true;
    }
    default: return fail_at_char("in string escape code");
  }
  ++at_;
  return true;
}

bool JsonLexer::digits(const char* context) {
  if (at_end() || !is_digit(text_[at_])) return fail_at_char(context);
  while (!at_end() && is_digit(text_[at_])) ++at_;
  return true;
}

bool JsonLexer::number(std::string_view& out) {
  if (!ok()) return false;
  const std::size_t begin = at_;
  if (text_[at_] == '-') ++at_;
  if (!at_end() && text_[at_] == '0') ++at_;
  else if (!digits("in numeric literal")) return false;
  if (!at_end() && text_[at_] == '.') {
    ++at_;
    if (!digits("after decimal point in numeric literal")) return false;
  }
  if (!at_end() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (!at_end() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (!digits("in exponent of numeric literal")) return false;
  }
  out = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonLexer::literal() {
  if (!ok()) return false;
  const char c = text_[at_];
  const std::string_view word = c == 't' ? "true" : c == 'f' ? "false" : "null";
  for (const char expected : word) {
    if (at_end() || text_[at_] != expected)
      return fail_at_char(
          (std::string("in literal ") + std::string(word) + " (expecting " + quoted_char(expected) + ")")
              .c_str());
    ++at_;
  }
  return true;
}

bool JsonLexer::scalar(std::string* compact) {
  const std::size_t begin = at_;
  std::string_view text;
  const char c = text_[at_];
  if (c == '"') {
    if (!string(text)) return false;
  } else if (c == '-' || is_digit(c)) {
    if (!number(text)) return false;
  } else if (!literal()) {
    return false;
  }
  if (!compact) return true;
  if (c != '"') {
    compact->append(text_.substr(begin, at_ - begin));
    return true;
  }
  // Canonical: the same string always has the same text.
  append_json_string(text, *compact);
  return true;
}

bool JsonLexer::skip(std::string* compact) {
  // One bit per open bracket instead of recursion: depth is the sender's choice.
  std::string closers;
  bool first = true;
  const std::size_t base = depth_;
  for (;;) {
    if (depth_ > base) {
      const char closer = closers.back();
      std::string_view key;
      const bool more = closer == '}' ? next_member(first, key) : next_element(first);
      if (!ok()) return false;
      if (!more) {
        if (compact) *compact += closer;
        closers.pop_back();
        first = false;
        if (depth_ == base) return true;
        continue;
      }
      if (compact && !first) *compact += ',';
      if (compact && closer == '}') {
        append_json_string(key, *compact);
        *compact += ':';
      }
    }
    const char c = peek_value();
    if (!c) return false;
    if (c == '{' || c == '[') {
      if (!open()) return false;
      if (compact) *compact += c;
      closers += c == '{' ? '}' : ']';
      first = true;
      continue;
    }
    if (!scalar(compact)) return false;
    if (depth_ == base) return true;
    first = false;
  }
}

bool JsonLexer::finish() {
  if (!ok()) return false;
  space();
  return at_end() || fail_at_char("after top-level value");
}

}  // namespace orrery::codec
