// Tokens of the label selector syntax (k8s.io/apimachinery/pkg/labels).
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace orrery::api {

enum class SelectorToken : unsigned char {
  kError,
  kEnd,
  kCloseParen,
  kComma,
  kNot,
  kDoubleEquals,
  kEquals,
  kGreaterThan,
  kIdentifier,
  kIn,
  kLessThan,
  kNotEquals,
  kNotIn,
  kOpenParen,
};

struct SelectorLexeme {
  SelectorToken token = SelectorToken::kEnd;
  std::string literal;  ///< of kError: what is wrong
};

/// All tokens of the text, kEnd last. Runs of operator characters give the longest known token; anything else
/// up to white space or an operator character is an identifier or a keyword. A NUL byte ends the text.
std::vector<SelectorLexeme> lex_selector(std::string_view text);

}  // namespace orrery::api
