#include "model/api/selector_lexer.h"

#include <array>
#include <utility>

namespace orrery::api {
namespace {

constexpr std::array<std::pair<std::string_view, SelectorToken>, 11> kKnown{{
    {")", SelectorToken::kCloseParen},
    {",", SelectorToken::kComma},
    {"!", SelectorToken::kNot},
    {"==", SelectorToken::kDoubleEquals},
    {"=", SelectorToken::kEquals},
    {">", SelectorToken::kGreaterThan},
    {"in", SelectorToken::kIn},
    {"<", SelectorToken::kLessThan},
    {"!=", SelectorToken::kNotEquals},
    {"notin", SelectorToken::kNotIn},
    {"(", SelectorToken::kOpenParen},
}};

SelectorToken known(std::string_view text) {
  for (const auto& [literal, token] : kKnown) {
    if (literal == text) return token;
  }
  return SelectorToken::kError;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_special(char c) { return std::string_view("=!(),><").find(c) != std::string_view::npos; }

SelectorLexeme scan_word(std::string_view& rest) {
  std::size_t n = 0;
  while (n < rest.size() && !is_special(rest[n]) && !is_blank(rest[n])) ++n;
  const std::string word(rest.substr(0, n));
  rest.remove_prefix(n);
  const SelectorToken token = known(word);
  return {token == SelectorToken::kError ? SelectorToken::kIdentifier : token, word};
}

// The first character and as many more as still make a known token.
SelectorLexeme scan_symbol(std::string_view& rest) {
  std::size_t n = 1;
  while (n < rest.size() && is_special(rest[n]) && known(rest.substr(0, n + 1)) != SelectorToken::kError) ++n;
  SelectorLexeme out{known(rest.substr(0, n)), std::string(rest.substr(0, n))};
  rest.remove_prefix(n);
  return out;
}

}  // namespace

std::vector<SelectorLexeme> lex_selector(std::string_view text) {
  std::vector<SelectorLexeme> out;
  std::string_view rest = text.substr(0, text.find('\0'));
  for (;;) {
    while (!rest.empty() && is_blank(rest[0])) rest.remove_prefix(1);
    if (rest.empty()) break;
    out.push_back(is_special(rest[0]) ? scan_symbol(rest) : scan_word(rest));
  }
  out.push_back({});
  return out;
}

}  // namespace orrery::api
