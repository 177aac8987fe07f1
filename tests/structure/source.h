// Source: the text of one file in the forms the structure rules look at.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace orrery::structure {

struct Source {
  Source(std::string path, std::string text);
  std::string path;                ///< below the root of the project, with '/'
  std::string text;                ///< as it is
  std::string code;                ///< comments, literals and preprocessor lines blanked, same offsets and lines
  /// The quoted includes, with their lines.
  struct Include {
    std::string file;
    int line;
  };
  std::vector<Include> includes;

  bool is_cxx() const;
  int line_of(std::size_t offset) const;
  int line_count() const;
};

/// Blanks comments and the insides of string and character literals; newlines stay.
std::string blank_comments_and_literals(std::string_view text);

bool is_word(char c);
/// The offset of the next whole word `word` in `code` from `from`, or npos.
std::size_t find_word(std::string_view code, std::string_view word, std::size_t from = 0);

}  // namespace orrery::structure
