// IntOrString: a port or a name, a count or a percentage (k8s.io/apimachinery/pkg/util/intstr).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/result.h"
#include "model/base/str.h"

namespace orrery::api {

class IntOrString {
 public:
  IntOrString() = default;
  IntOrString(std::int32_t number) : number_(number) {}              // NOLINT: implicit on purpose
  IntOrString(base::Str text) : text_(std::move(text)), is_text_(true) {}  // NOLINT: implicit on purpose
  IntOrString(const char* text) : IntOrString(base::Str(text)) {}    // NOLINT: implicit on purpose

  /// A number when the text is one, else the text.
  static IntOrString parse(std::string_view text);

  bool is_int() const { return !is_text_; }
  bool is_string() const { return is_text_; }
  std::int32_t number() const { return number_; }
  const base::Str& text() const { return text_; }
  /// The number; a text is read as a number, 0 when it is none.
  std::int64_t int_value() const;
  std::string str() const;

  /// The number itself, or the percentage of `total`, rounded up or down. Fails with upstream's text when the
  /// text is not a number followed by '%'.
  base::Result<std::int64_t> scaled_value(std::int64_t total, bool round_up) const;

  friend bool operator==(const IntOrString& a, const IntOrString& b) {
    return a.is_text_ == b.is_text_ && (a.is_text_ ? a.text_ == b.text_ : a.number_ == b.number_);
  }

 private:
  base::Str text_;
  std::int32_t number_ = 0;
  bool is_text_ = false;
};

/// Go's strconv.ParseInt(text, 10, 64): an optional sign and digits only. Fails with its error text, with
/// `function` as the name it reports ("ParseInt", "Atoi").
base::Result<std::int64_t> parse_decimal(std::string_view text, std::string_view function = "ParseInt");

}  // namespace orrery::api
