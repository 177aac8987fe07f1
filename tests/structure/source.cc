#include "tests/structure/source.h"

#include <algorithm>
#include <cctype>

namespace orrery::structure {
namespace {

/// Blanks preprocessor lines with their continuations.
void blank_directives(std::string& code) {
  std::size_t at = 0;
  bool continued = false;
  while (at < code.size()) {
    std::size_t end = code.find('\n', at);
    if (end == code.npos) end = code.size();
    const std::size_t first = code.find_first_not_of(" \t", at);
    const bool directive = continued || (first < end && code[first] == '#');
    continued = directive && end > at && code[end - 1] == '\\';
    if (directive) std::fill(code.begin() + static_cast<long>(at), code.begin() + static_cast<long>(end), ' ');
    at = end + 1;
  }
}

std::vector<Source::Include> find_includes(std::string_view text) {
  std::vector<Source::Include> out;
  int line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    std::size_t end = text.find('\n', at);
    if (end == text.npos) end = text.size();
    const std::string_view l = text.substr(at, end - at);
    if (l.starts_with("#include \"")) {
      const std::string_view rest = l.substr(10);
      out.push_back({std::string(rest.substr(0, rest.find('"'))), line});
    }
    at = end + 1;
  }
  return out;
}

/// The end of the literal or comment that starts at `at`, or `at` when none does.
std::size_t literal_end(std::string_view t, std::size_t at) {
  const auto past = [&](std::size_t found, std::size_t length) { return found == t.npos ? t.size() : found + length; };
  if (t.substr(at, 2) == "//") return std::min(t.find('\n', at), t.size());
  if (t.substr(at, 2) == "/*") return past(t.find("*/", at + 2), 2);
  if (t.substr(at, 2) == "R\"" && (at == 0 || !is_word(t[at - 1]))) {
    const std::size_t open = t.find('(', at);
    if (open == t.npos) return t.size();
    const std::string close = ")" + std::string(t.substr(at + 2, open - at - 2)) + "\"";
    return past(t.find(close, open), close.size());
  }
  const bool separator = t[at] == '\'' && at > 0 && std::isxdigit(static_cast<unsigned char>(t[at - 1]));
  if ((t[at] != '"' && t[at] != '\'') || separator) return at;
  for (std::size_t i = at + 1; i < t.size() && t[i] != '\n'; ++i) {
    if (t[i] == '\\') ++i;
    else if (t[i] == t[at]) return i + 1;
  }
  return at + 1;
}

}  // namespace

bool is_word(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); }

std::size_t find_word(std::string_view code, std::string_view word, std::size_t from) {
  for (std::size_t at = code.find(word, from); at != code.npos; at = code.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !is_word(code[at - 1]) || !is_word(word.front());
    const bool ends = end >= code.size() || !is_word(code[end]) || !is_word(word.back());
    if (starts && ends) return at;
  }
  return code.npos;
}

std::string blank_comments_and_literals(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = literal_end(text, at);
    if (end == at) {
      ++at;
      continue;
    }
    for (std::size_t i = at; i < end; ++i) {
      if (out[i] != '\n') out[i] = ' ';
    }
    // The quotes stay, so that a literal still looks like a value.
    if (text[at] == '"' || text[at] == '\'') out[at] = out[end - 1] = text[at];
    at = end;
  }
  return out;
}

Source::Source(std::string p, std::string t)
    : path(std::move(p)), text(std::move(t)), code(blank_comments_and_literals(text)), includes(find_includes(text)) {
  blank_directives(code);
}

bool Source::is_cxx() const { return path.ends_with(".h") || path.ends_with(".cc"); }

int Source::line_of(std::size_t offset) const {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n'));
}

int Source::line_count() const { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace orrery::structure
