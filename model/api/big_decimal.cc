#include "model/api/big_decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "model/base/check.h"

namespace orrery::api {
namespace {

std::string_view without_leading_zeros(std::string_view s) {
  s.remove_prefix(std::min(s.find_first_not_of('0'), s.size()));
  return s;
}

int compare_magnitudes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  const int c = a.compare(b);
  return c < 0 ? -1 : c > 0 ? 1 : 0;
}

char digit_from_end(std::string_view s, std::size_t i) { return i < s.size() ? s[s.size() - 1 - i] : '0'; }

std::string add_magnitudes(std::string_view a, std::string_view b) {
  const std::size_t n = std::max(a.size(), b.size()) + 1;
  std::string out(n, '0');
  int carry = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const int sum = digit_from_end(a, i) - '0' + digit_from_end(b, i) - '0' + carry;
    out[n - 1 - i] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  return out;
}

// a - b for a >= b.
std::string subtract_magnitudes(std::string_view a, std::string_view b) {
  std::string out(a);
  int borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    int diff = digit_from_end(a, i) - digit_from_end(b, i) - borrow;
    borrow = diff < 0 ? 1 : 0;
    if (borrow) diff += 10;
    out[a.size() - 1 - i] = static_cast<char>('0' + diff);
  }
  return out;
}

}  // namespace

BigDecimal::BigDecimal(std::int64_t mantissa, std::int64_t exponent)
    : BigDecimal(mantissa < 0,
                 std::to_string(mantissa < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(mantissa)
                                             : static_cast<std::uint64_t>(mantissa)),
                 exponent) {}

BigDecimal::BigDecimal(bool negative, std::string_view digits, std::int64_t exponent)
    : digits_(without_leading_zeros(digits)) {
  if (digits_.empty()) return;
  exponent_ = exponent;
  negative_ = negative;
}

int BigDecimal::cmp(const BigDecimal& o) const {
  if (sign() != o.sign()) return sign() < o.sign() ? -1 : 1;
  if (is_zero()) return 0;
  // The leading digit's position decides, unless it is the same; then the shift is at most a digit count.
  const std::int64_t top = exponent_ + static_cast<std::int64_t>(digits_.size());
  const std::int64_t other_top = o.exponent_ + static_cast<std::int64_t>(o.digits_.size());
  if (top != other_top) return (top < other_top) == negative_ ? 1 : -1;
  const std::int64_t low = std::min(exponent_, o.exponent_);
  const int c = compare_magnitudes(digits_at(low), o.digits_at(low));
  return negative_ ? -c : c;
}

BigDecimal BigDecimal::neg() const { return BigDecimal(!negative_, digits_, exponent_); }

BigDecimal BigDecimal::add(const BigDecimal& o) const {
  if (is_zero()) return o;
  if (o.is_zero()) return *this;
  if (exponent_ - o.exponent_ > kMaxShift) return *this;
  if (o.exponent_ - exponent_ > kMaxShift) return o;
  const std::int64_t low = std::min(exponent_, o.exponent_);
  const std::string a = digits_at(low);
  const std::string b = o.digits_at(low);
  if (negative_ == o.negative_) return BigDecimal(negative_, add_magnitudes(a, b), low);
  if (compare_magnitudes(a, b) >= 0) return BigDecimal(negative_, subtract_magnitudes(a, b), low);
  return BigDecimal(o.negative_, subtract_magnitudes(b, a), low);
}

BigDecimal BigDecimal::mul(std::int64_t factor) const {
  const BigDecimal other(factor, 0);
  std::string product;
  for (const char c : other.digits_) {
    product += '0';
    for (int i = c - '0'; i > 0; --i) product = add_magnitudes(product, digits_);
  }
  return BigDecimal(negative_ != other.negative_, product, exponent_);
}

BigDecimal BigDecimal::round_up(std::int64_t exponent, bool& exact) const {
  exact = true;
  if (is_zero() || exponent_ >= exponent) return *this;
  const std::int64_t drop = exponent - exponent_;
  const auto size = static_cast<std::int64_t>(digits_.size());
  const std::string_view all = digits_;
  const std::string_view kept = drop >= size ? std::string_view() : all.substr(0, size - drop);
  exact = all.find_first_not_of('0', kept.size()) == std::string_view::npos;
  return BigDecimal(negative_, exact ? std::string(kept) : add_magnitudes(kept, "1"), exponent);
}

std::optional<std::int64_t> BigDecimal::mantissa() const {
  if (is_zero()) return 0;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits_.data(), digits_.data() + digits_.size(), value);
  if (error != std::errc() || end != digits_.data() + digits_.size()) return std::nullopt;
  const std::uint64_t limit = static_cast<std::uint64_t>(INT64_MAX) + (negative_ ? 1 : 0);
  if (value > limit) return std::nullopt;
  return static_cast<std::int64_t>(negative_ ? std::uint64_t{0} - value : value);
}

std::int64_t BigDecimal::scaled(std::int64_t exponent) const {
  bool exact = true;
  const BigDecimal rounded = round_up(exponent, exact);
  const std::int64_t saturated = negative_ ? INT64_MIN : INT64_MAX;
  if (rounded.is_zero()) return 0;
  if (rounded.exponent_ - exponent > 20) return saturated;
  return BigDecimal(negative_, rounded.digits_at(exponent), exponent).mantissa().value_or(saturated);
}

std::optional<BigDecimal> BigDecimal::divided(std::uint32_t divisor) const {
  if (is_zero() || exponent_ < 0 || exponent_ > kMaxShift) return std::nullopt;
  const std::string dividend = digits_at(0);
  std::string quotient;
  std::uint64_t rest = 0;
  for (const char c : dividend) {
    rest = rest * 10 + static_cast<std::uint64_t>(c - '0');
    quotient += static_cast<char>('0' + rest / divisor);
    rest %= divisor;
  }
  if (rest != 0) return std::nullopt;
  return BigDecimal(negative_, quotient, 0);
}

BigDecimal BigDecimal::normalized() const {
  if (is_zero()) return {};
  const std::size_t size = digits_.find_last_not_of('0') + 1;
  return BigDecimal(negative_, std::string_view(digits_).substr(0, size),
                    exponent_ + static_cast<std::int64_t>(digits_.size() - size));
}

std::string BigDecimal::digits_at(std::int64_t exponent) const {
  if (is_zero()) return "";
  ORRERY_CHECK(exponent <= exponent_, "digits_at() would lose digits");
  return digits_ + std::string(static_cast<std::size_t>(exponent_ - exponent), '0');
}

double BigDecimal::nearest_double() const {
  if (is_zero()) return 0;
  const std::string text = digits_ + "e" + std::to_string(exponent_);
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc::result_out_of_range) {
    const bool large = exponent_ + static_cast<std::int64_t>(digits_.size()) > 0;
    value = large ? std::numeric_limits<double>::infinity() : 0;
  }
  return negative_ ? -value : value;
}

std::string BigDecimal::str() const {
  if (is_zero()) return "0";
  std::string out = negative_ ? "-" : "";
  if (exponent_ >= 0) return out + digits_at(0);
  const auto places = static_cast<std::size_t>(-exponent_);
  std::string padded = digits_;
  if (padded.size() <= places) padded.insert(0, places + 1 - padded.size(), '0');
  return out + padded.substr(0, padded.size() - places) + "." + padded.substr(padded.size() - places);
}

}  // namespace orrery::api
