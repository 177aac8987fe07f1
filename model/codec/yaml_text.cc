#include "model/codec/yaml_text.h"

#include "model/codec/json_text.h"
#include "model/codec/yaml_scalar.h"

namespace orrery::codec {
namespace {

constexpr std::size_t kWidth = 80;

/// What a text allows.
struct Analysis {
  bool plain = true, single_quoted = true, literal = true;
};

std::uint32_t decode(std::string_view s, std::size_t n) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  if (n <= 1) return at(0);
  std::uint32_t c = at(0) & (0xFF >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) c = c << 6 | (at(i) & 63);
  return c;
}

bool is_break(std::uint32_t c) { return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029; }

/// libyaml's notion, which knows no characters beyond the basic plane.
bool is_printable(std::uint32_t c) {
  return c == '\n' || (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

bool blank_at(std::string_view s, std::size_t i) {
  return i >= s.size() || s[i] == ' ' || s[i] == '\t' ||
         is_break(decode(s.substr(i), utf8_length(s.substr(i))));
}

bool one_of(std::uint32_t c, std::string_view set) {
  return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

Analysis analyse(std::string_view s) {
  Analysis a;
  bool indicators = s.starts_with("---") || s.starts_with("...");
  bool breaks = false, special = false, leading = false, trailing = false, trailing_space = false;
  bool break_space = false, space_break = false, previous_space = false, previous_break = false,
       after_blank = true;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t n = utf8_length(s.substr(i));
    const std::uint32_t c = decode(s.substr(i), n);
    const std::size_t next = i + (n ? n : 1);
    const bool before_blank = blank_at(s, next), last = next == s.size();
    if (i == 0) {
      indicators |= one_of(c, "#,[]{}&*!|>'\"%@`") || (one_of(c, "-?:") && before_blank);
    } else {
      indicators |= (c == ':' && before_blank) || (c == '#' && after_blank);
    }
    if (n == 0 || !is_printable(c)) special = true;
    const bool space = c == ' ', line_break = is_break(c);
    breaks |= line_break;
    if (space || line_break) {
      leading |= i == 0;
      trailing |= last;
      trailing_space |= space && last;
      break_space |= space && previous_break;
      space_break |= line_break && previous_space;
    }
    previous_space = space;
    previous_break = line_break;
    after_blank = space || line_break || c == '\t';
    i = next;
  }
  if (leading || trailing || breaks || indicators || break_space) a.plain = false;
  if (trailing_space) a.literal = false;
  if (break_space) a.single_quoted = false;
  if (space_break || special) a.plain = a.single_quoted = a.literal = false;
  return a;
}

/// Characters since the last line end, to decide where to fold.
struct Column {
  std::string& out;
  std::size_t at;
  std::size_t indent;
  explicit Column(std::string& o, std::size_t i) : out(o), indent(i) {
    const std::size_t line = o.rfind('\n');
    at = 0;
    for (std::size_t k = line == std::string::npos ? 0 : line + 1; k < o.size(); ++k)
      at += (o[k] & 0xC0) != 0x80;
  }
  void put(std::string_view s) {
    out += s;
    for (const char c : s) at += (c & 0xC0) != 0x80;
  }
  void fold() {
    out += '\n';
    out.append(indent, ' ');
    at = indent;
  }
};

void write_plain(std::string_view s, std::size_t indent, bool key, std::string& out) {
  Column column(out, indent);
  bool spaces = false;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t n = utf8_length(s.substr(i));
    if (s[i] == ' ') {
      if (!key && !spaces && column.at > kWidth && !(i + 1 < s.size() && s[i + 1] == ' ')) column.fold();
      else column.put(" ");
      spaces = true;
    } else {
      column.put(s.substr(i, n));
      spaces = false;
    }
    i += n;
  }
}

void write_single_quoted(std::string_view s, std::size_t indent, bool key, std::string& out) {
  Column column(out, indent);
  column.put("'");
  bool spaces = false;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t n = utf8_length(s.substr(i));
    if (s[i] == ' ') {
      const bool inside = i > 0 && i + 1 < s.size();
      if (!key && !spaces && inside && column.at > kWidth && s[i + 1] != ' ') column.fold();
      else column.put(" ");
      spaces = true;
    } else {
      if (s[i] == '\'') column.put("'");
      column.put(s.substr(i, n));
      spaces = false;
    }
    i += n;
  }
  column.put("'");
}

std::string escaped(std::uint32_t c) {
  switch (c) {
    case 0: return "\\0";
    case 7: return "\\a";
    case 8: return "\\b";
    case 9: return "\\t";
    case 10: return "\\n";
    case 11: return "\\v";
    case 12: return "\\f";
    case 13: return "\\r";
    case 27: return "\\e";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case 0x85: return "\\N";
    case 0xA0: return "\\_";
    case 0x2028: return "\\L";
    case 0x2029: return "\\P";
    default: break;
  }
  static constexpr char kHex[] = "0123456789ABCDEF";
  const int width = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
  std::string text = width == 2 ? "\\x" : width == 4 ? "\\u" : "\\U";
  for (int shift = (width - 1) * 4; shift >= 0; shift -= 4) text += kHex[(c >> shift) & 15];
  return text;
}

void write_double_quoted(std::string_view s, std::size_t indent, bool key, std::string& out) {
  Column column(out, indent);
  column.put("\"");
  bool spaces = false;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t n = utf8_length(s.substr(i));
    const std::uint32_t c = decode(s.substr(i), n);
    if (n == 0 || !is_printable(c) || is_break(c) || c == '"' || c == '\\') {
      column.put(n == 0 ? "\\uFFFD" : escaped(c));
      spaces = false;
    } else if (c == ' ') {
      const bool inside = i > 0 && i + 1 < s.size();
      if (!key && !spaces && inside && column.at > kWidth) {
        column.fold();
        if (s[i + 1] == ' ') column.put("\\");
      } else {
        column.put(" ");
      }
      spaces = true;
    } else {
      column.put(s.substr(i, n));
      spaces = false;
    }
    i += n ? n : 1;
  }
  column.put("\"");
}

void write_literal(std::string_view s, std::size_t indent, std::string& out) {
  out += '|';
  if (s[0] == ' ' || s[0] == '\n') out += '2';
  if (s.back() != '\n') out += '-';
  else if (s.size() == 1 || s[s.size() - 2] == '\n') out += '+';
  bool fresh = true;
  out += '\n';
  for (const char c : s) {
    if (fresh && c != '\n') out.append(indent, ' ');
    out += c;
    fresh = c == '\n';
  }
  if (fresh) out.pop_back();  // the caller ends the line
}

}  // namespace

void append_yaml_string(std::string_view s, std::size_t indent, bool key, std::string& out) {
  const Analysis a = analyse(s);
  const bool lines = s.find('\n') != std::string_view::npos;
  if (lines) {
    if (a.literal && !key) write_literal(s, indent, out);
    else write_double_quoted(s, indent, key, out);
    return;
  }
  if (resolve_yaml_scalar(s).tag != YamlTag::kString || is_base60(s))
    write_double_quoted(s, indent, key, out);
  else if (a.plain) write_plain(s, indent, key, out);
  else if (a.single_quoted) write_single_quoted(s, indent, key, out);
  else write_double_quoted(s, indent, key, out);
}

}  // namespace orrery::codec
