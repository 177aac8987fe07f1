// The rule about mutable static state: a small reader of declarations.
#include <algorithm>
#include <cctype>

#include "tests/structure/rules.h"

namespace orrery::structure {
namespace {

std::size_t skip_block(std::string_view code, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{') ++depth;
    if (code[i] == '}' && --depth == 0) return i + 1;
  }
  return code.size();
}

/// The declaration without template arguments, initialiser and attributes: what says whether it is const.
std::string head_of(std::string_view declaration) {
  std::string head;
  int angle = 0;
  for (std::size_t i = 0; i < declaration.size(); ++i) {
    const char c = declaration[i];
    if (angle == 0 && (c == '=' || c == '{' || c == '(')) break;
    if (c == '<') ++angle;
    if (angle == 0) head.push_back(c);
    if (c == '>' && angle > 0) --angle;
  }
  return head;
}

bool is_constant(const std::string& head) {
  if (find_word(head, "constexpr") != head.npos) return true;
  const std::size_t star = head.rfind('*');
  return find_word(head, "const", star == head.npos ? 0 : star) != head.npos;
}

int words_in(const std::string& head) {
  int words = 0;
  bool inside = false;
  for (const char c : head) {
    const bool word = is_word(c) || c == ':';
    words += word && !inside;
    inside = word;
  }
  return words;
}

bool starts_with_word(const std::string& head, std::initializer_list<std::string_view> any) {
  const std::size_t first = head.find_first_not_of(" \n\t");
  if (first == head.npos) return true;
  return std::any_of(any.begin(), any.end(), [&](std::string_view w) { return find_word(head, w, first) == first; });
}

/// True when `(` at `open` starts a parameter list rather than an initialiser.
bool is_function(std::string_view code, std::size_t open) {
  const std::size_t first = code.find_first_not_of(" \n", open + 1);
  if (first == code.npos) return true;
  const char c = code[first];
  return c == ')' || !(std::isdigit(static_cast<unsigned char>(c)) || c == '"' || c == '\'' || c == '&' || c == '-' || c == '{');
}

/// Where the declarator that starts at `at` is decided: '=', ';', '{' or '(' outside template arguments.
std::size_t decided_at(std::string_view code, std::size_t at) {
  int angle = 0;
  for (; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '<') ++angle;
    if (c == '>' && angle > 0) --angle;
    if (c == ';' || (angle == 0 && (c == '=' || c == '{' || c == '('))) return at;
  }
  return at;
}

void check_static_words(const Source& s, std::vector<Finding>& out) {
  for (std::size_t at = find_word(s.code, "static"); at != s.code.npos; at = find_word(s.code, "static", at + 1)) {
    const std::size_t end = decided_at(s.code, at);
    const std::string declaration = s.code.substr(at, end - at);
    if (find_word(declaration, "operator") != declaration.npos) continue;
    if (end < s.code.size() && s.code[end] == '(' && is_function(s.code, end)) continue;
    if (!is_constant(head_of(declaration))) out.push_back({s.path, s.line_of(at), "mutable static state"});
  }
}

/// Variables at namespace scope that are neither static nor constant.
void check_globals(const Source& s, std::vector<Finding>& out) {
  const std::string& code = s.code;
  std::size_t start = 0;
  int parens = 0;
  for (std::size_t i = 0; i < code.size();) {
    const char c = code[i];
    parens += (c == '(') - (c == ')');
    if (parens > 0) {
      ++i;
      continue;
    }
    if (c == '}') {  // the end of a namespace
      start = ++i;
      continue;
    }
    if (c != ';' && c != '{') {
      ++i;
      continue;
    }
    const std::string statement = code.substr(start, i - start);
    const std::string head = head_of(statement);
    if (c == '{' && starts_with_word(head, {"namespace", "inline namespace", "extern \""}) && words_in(statement) <= 3) {
      start = ++i;
      continue;
    }
    const std::size_t decided = decided_at(code, start);
    const bool variable = decided <= i && code[decided] != '(' && words_in(head) >= 2 &&
                          find_word(statement, "operator") == statement.npos && find_word(head, "static") == head.npos &&
                          !starts_with_word(head, {"namespace", "using", "typedef", "template", "extern template", "class", "struct",
                                                   "union", "enum", "friend", "static_assert", "concept"});
    if (variable && !is_constant(head)) {
      out.push_back({s.path, s.line_of(code.find_first_not_of(" \n\t", start)), "mutable global state"});
    }
    i = c == '{' ? skip_block(code, i) : i + 1;
    // The block of a function ends its statement; that of a type or an initialiser is followed by ';'.
    if (c == ';' || (code[decided] == '(' && !variable)) start = i;
    else if (const std::size_t next = code.find_first_not_of(" \n\t", i); next != code.npos && code[next] == ';') start = i = next + 1;
    else start = i;
  }
}

}  // namespace

std::vector<Finding> check_static_state(const Source& s) {
  std::vector<Finding> out;
  const bool concerned = s.path.starts_with("model/") || s.path.starts_with("control/") || s.path.starts_with("nodes/");
  if (!concerned || !s.is_cxx()) return out;
  for (std::size_t at = find_word(s.code, "thread_local"); at != s.code.npos; at = find_word(s.code, "thread_local", at + 1)) {
    out.push_back({s.path, s.line_of(at), "thread_local state"});
  }
  check_static_words(s, out);
  check_globals(s, out);
  return out;
}

}  // namespace orrery::structure
