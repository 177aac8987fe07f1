#include "model/api/int_or_string.h"

#include <cmath>

#include "model/api/path.h"

namespace orrery::api {

base::Result<std::int64_t> parse_decimal(std::string_view text, std::string_view function) {
  const auto fail = [&](std::string_view why) {
    return base::invalid(base::cat("strconv.", function, ": parsing ", go_quote(text), ": ", why));
  };
  std::string_view digits = text;
  const bool negative = !digits.empty() && digits.front() == '-';
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
  if (digits.empty()) return fail("invalid syntax");
  std::uint64_t value = 0;
  bool overflow = false;
  for (const char c : digits) {
    if (c < '0' || c > '9') return fail("invalid syntax");
    overflow = overflow || __builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
               __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value);
  }
  const std::uint64_t limit = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
  if (overflow || value > limit) return fail("value out of range");
  return static_cast<std::int64_t>(negative ? std::uint64_t{0} - value : value);
}

IntOrString IntOrString::parse(std::string_view text) {
  const auto number = parse_decimal(text, "Atoi");
  if (!number) return IntOrString(base::Str(text));
  return IntOrString(static_cast<std::int32_t>(*number));
}

std::int64_t IntOrString::int_value() const {
  if (!is_text_) return number_;
  const auto number = parse_decimal(text_, "Atoi");
  return number ? *number : 0;
}

std::string IntOrString::str() const { return is_text_ ? text_.str() : std::to_string(number_); }

base::Result<std::int64_t> IntOrString::scaled_value(std::int64_t total, bool round_up) const {
  constexpr std::string_view kPrefix = "invalid value for IntOrString: ";
  if (!is_text_) return std::int64_t{number_};
  const std::string_view text = text_;
  if (!text.ends_with('%')) {
    return base::invalid(base::cat(kPrefix, "invalid type: string is not a percentage"));
  }
  const auto percent = parse_decimal(text.substr(0, text.size() - 1), "Atoi");
  if (!percent) {
    return base::invalid(base::cat(kPrefix, "invalid value ", go_quote(text), ": ", percent.error().message));
  }
  // The same IEEE operations in upstream's order; ceil and floor are exact.
  const double scaled = static_cast<double>(*percent) * static_cast<double>(total) / 100;
  const double rounded = round_up ? std::ceil(scaled) : std::floor(scaled);
  if (rounded >= 0x1p63) return std::int64_t{INT64_MAX};
  if (rounded < -0x1p63) return std::int64_t{INT64_MIN};
  return static_cast<std::int64_t>(rounded);
}

}  // namespace orrery::api
