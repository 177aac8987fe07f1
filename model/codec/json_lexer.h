// JsonLexer: a pull tokenizer over a JSON text. It checks the grammar of RFC 8259 with the error texts of
// Go's encoding/json and makes no copies except of strings that contain escapes. The caller drives it along
// the values it expects.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace orrery::codec {

/// After the first failure every call returns false and changes nothing. Byte order marks, invalid UTF-8,
/// lone surrogates, NaN and the like are errors. Linear in time, constant in memory besides the longest
/// escaped string.
class JsonLexer {
 public:
  explicit JsonLexer(std::string_view text, std::size_t max_depth = 10'000)
      : text_(text), max_depth_(max_depth) {}

  /// The first byte of the next value, without consuming it; 0 when there is none (which is an error).
  char peek_value();
  /// Consumes the bracket that peek_value() showed.
  bool open();
  /// Inside an object: true with the next key (valid until the next string is read); false at the closing
  /// brace, which is consumed, or on an error. `first` must be true on the first call only.
  bool next_member(bool first, std::string_view& key);
  bool next_element(bool first);

  /// The text of a string, valid until the next string is read.
  bool string(std::string_view& out);
  bool number(std::string_view& out);
  /// true, false or null, whichever peek_value() showed.
  bool literal();
  /// Any value. With `compact`, appends its text without space, <, > and & escaped as Go's compaction does.
  bool skip(std::string* compact = nullptr);
  /// Checks that nothing but space follows.
  bool finish();

  bool ok() const { return error_.empty(); }
  std::size_t text_size() const { return text_.size(); }
  const std::string& error() const { return error_; }
  /// Where the failure was noticed, else how far reading has come. In bytes from 0.
  std::size_t offset() const { return at_; }

 private:
  bool fail_at_char(const char* context);
  bool fail(std::string message);
  void space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
      ++at_;
    }
  }
  bool escaped_string(std::size_t begin, std::string_view& out);
  bool escape();
  bool hex4(std::uint32_t& unit);
  bool digits(const char* context);
  bool scalar(std::string* compact);
  bool at_end() const { return at_ >= text_.size(); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t max_depth_;
  std::string scratch_;
  std::string error_;
};

}  // namespace orrery::codec
