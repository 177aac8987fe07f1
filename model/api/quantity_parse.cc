// Reading quantities: the scanner, and upstream's rules for what is exact, capped, rounded or kept as text.
#include <algorithm>
#include <array>

#include "model/api/big_decimal.h"
#include "model/api/quantity.h"
#include "model/base/ascii.h"
#include "model/base/check.h"

namespace orrery::api {
namespace {

constexpr std::array<std::string_view, 10> kParsedDecimals{"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
constexpr std::array<std::string_view, 7> kParsedBinaries{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

constexpr std::string_view kFormatWrong =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr std::string_view kNumericWrong = "unable to parse numeric part of quantity";
constexpr std::string_view kSuffixWrong = "unable to parse quantity's suffix";
constexpr std::size_t kMaxDigits = 4096;

struct Parts {
  bool negative = false;
  bool plain = true;  // as the canonical text writes numbers: no plus sign, leading zero or point
  std::string_view number;
  std::string_view fraction;
  std::string_view suffix;
};

using base::is_digit;

std::string_view take_digits(std::string_view& s) {
  std::size_t n = 0;
  while (n < s.size() && is_digit(s[n])) ++n;
  const std::string_view digits = s.substr(0, n);
  s.remove_prefix(n);
  return digits;
}

bool split(std::string_view s, Parts& out) {
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) {
    out.negative = s[0] == '-';
    out.plain = out.negative;
    s.remove_prefix(1);
  }
  while (!s.empty() && s[0] == '0') {
    out.plain = false;
    s.remove_prefix(1);
  }
  out.number = take_digits(s);
  if (out.number.empty()) out.number = "0";
  if (!s.empty() && s[0] == '.') {
    out.plain = false;
    s.remove_prefix(1);
    out.fraction = take_digits(s);
  }
  out.suffix = s;
  s.remove_prefix(std::min(s.find_first_not_of("eEinumkKMGTP"), s.size()));
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  take_digits(s);
  return s.empty();
}

struct Suffix {
  int base = 10;
  std::int64_t exponent = 0;
  QuantityFormat format = QuantityFormat::kDecimalSI;
  bool plain = true;
};

bool read_exponent(std::string_view s, Suffix& out) {
  std::string_view digits = s;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty()) return false;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c) || __builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, c - '0', &value)) {
      return false;
    }
  }
  // Upstream keeps the low 32 bits.
  out.exponent = static_cast<std::int32_t>(negative ? -value : value);
  return true;
}

bool interpret(std::string_view s, Suffix& out) {
  for (std::size_t i = 0; i < kParsedDecimals.size(); ++i) {
    if (kParsedDecimals[i] != s) continue;
    out.exponent = (static_cast<std::int64_t>(i) - 3) * 3;
    return true;
  }
  for (std::size_t i = 1; i < kParsedBinaries.size(); ++i) {
    if (kParsedBinaries[i] != s) continue;
    out = {2, static_cast<std::int64_t>(i) * 10, QuantityFormat::kBinarySI, true};
    return true;
  }
  if (s.size() < 2 || (s[0] != 'e' && s[0] != 'E') || !read_exponent(s.substr(1), out)) return false;
  out.format = QuantityFormat::kDecimalExponent;
  out.plain = out.exponent != 0 && s == "e" + std::to_string(out.exponent);
  return true;
}

// The number of decimal digits that certainly fit, as upstream estimates it; negative: not a fast case.
std::int64_t spare_digits(const Parts& parts, const Suffix& suffix) {
  const auto digits = static_cast<std::int64_t>(parts.number.size() + parts.fraction.size());
  if (suffix.base == 10) return 19 - digits;
  return parts.fraction.empty() ? 15 - digits - suffix.exponent * 3 / 10 - 1 : -1;
}

BigDecimal parse_big(const Parts& parts, Suffix& suffix) {
  const std::string digits = std::string(parts.number) + std::string(parts.fraction);
  std::int64_t exponent = -static_cast<std::int64_t>(parts.fraction.size());
  if (suffix.base == 10) exponent += suffix.exponent;
  BigDecimal amount(false, digits, exponent);
  if (suffix.base == 2) amount = amount.mul(std::int64_t{1} << suffix.exponent);
  bool exact = true;
  amount = amount.round_up(kNano, exact);
  if (suffix.format == QuantityFormat::kBinarySI) {
    const BigDecimal max(INT64_MAX, 0);
    if (amount.cmp(max) > 0) amount = max;
    // Less than one unit would be rounded when printed in binary.
    if (!amount.is_zero() && amount.cmp(BigDecimal(1, 0)) < 0) suffix.format = QuantityFormat::kDecimalSI;
  }
  return parts.negative ? amount.neg() : amount;
}

// Upstream prints a parsed text again as it was when this holds, canonical or not.
bool keeps_text(const Parts& parts, const Suffix& suffix, std::int64_t scale, std::int64_t value) {
  if (suffix.base == 2) return (value & 7) != 0;
  const std::string_view tail = parts.fraction.empty() ? parts.number : parts.fraction;
  const bool thousands = parts.fraction.size() >= 3 || parts.fraction.empty()
                             ? tail.ends_with("000")
                             : (std::string(parts.number) + std::string(parts.fraction)).ends_with("000");
  return scale % 3 == 0 && !thousands && parts.number[0] != '0';
}

}  // namespace

base::Result<Quantity> Quantity::parse(std::string_view text) {
  const auto fail = [](std::string_view what) { return base::invalid(std::string(what)); };
  Parts parts;
  if (text.empty() || !split(text, parts)) return fail(kFormatWrong);
  Suffix suffix;
  if (!interpret(parts.suffix, suffix)) return fail(kSuffixWrong);
  if (parts.number.size() + parts.fraction.size() > kMaxDigits) return fail(kNumericWrong);

  const std::int64_t scale = (suffix.base == 10 ? suffix.exponent : 0) -
                             static_cast<std::int64_t>(parts.fraction.size());
  if (spare_digits(parts, suffix) >= 0 && scale >= kNano) {
    std::int64_t value = 0;
    for (const std::string_view digits : {parts.number, parts.fraction}) {
      for (const char c : digits) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, c - '0', &value)) {
          return fail(kNumericWrong);
        }
      }
    }
    const std::int64_t unit = suffix.base == 2 ? std::int64_t{1} << suffix.exponent : 1;
    const std::int64_t amount = value * unit * (parts.negative ? -1 : 1);
    Quantity q = scaled(amount, static_cast<std::int32_t>(scale), suffix.format);
    if (!(parts.plain && suffix.plain) && keeps_text(parts, suffix, scale, value)) q.keep_text(text);
    return q;
  }
  if (text.find_first_of("0123456789") >= text.size() - parts.suffix.size()) return fail(kNumericWrong);
  const BigDecimal amount = parse_big(parts, suffix);
  return from_decimal(amount, suffix.format);
}

base::Result<Quantity> Quantity::parse_json(std::string_view text) {
  if (text == "null") return Quantity();
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return parse("");
  return parse(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

Quantity Quantity::must_parse(std::string_view text) {
  base::Result<Quantity> q = parse(text);
  ORRERY_CHECK(q.ok(), "malformed quantity literal");
  return *std::move(q);
}

}  // namespace orrery::api
