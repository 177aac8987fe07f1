// BigDecimal: exact decimal numbers beyond 64 bits, for the quantities that need them. Rare, so simple: text.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery::api {

/// digits * 10^exponent, negated when `negative`. Zero has no digits and is never negative.
class BigDecimal {
 public:
  /// Exponents further apart than this are not written out: see add().
  static constexpr std::int64_t kMaxShift = 4096;

  BigDecimal() = default;
  BigDecimal(std::int64_t mantissa, std::int64_t exponent);
  /// `digits`: decimal digits, leading zeros allowed.
  BigDecimal(bool negative, std::string_view digits, std::int64_t exponent);

  bool is_zero() const { return digits_.empty(); }
  int sign() const { return digits_.empty() ? 0 : negative_ ? -1 : 1; }
  std::int64_t exponent() const { return exponent_; }
  const std::string& digits() const { return digits_; }

  /// -1, 0 or 1. Any exponents.
  int cmp(const BigDecimal& o) const;
  BigDecimal neg() const;
  /// The sum. An operand more than kMaxShift decimal places below the other is lost.
  BigDecimal add(const BigDecimal& o) const;
  BigDecimal mul(std::int64_t factor) const;
  /// Rounded away from zero to a multiple of 10^exponent. `exact` tells whether nothing was lost.
  BigDecimal round_up(std::int64_t exponent, bool& exact) const;
  /// The mantissa when 64 bits hold it.
  std::optional<std::int64_t> mantissa() const;
  /// The mantissa at `exponent`, rounded away from zero, saturated to 64 bits.
  std::int64_t scaled(std::int64_t exponent) const;
  /// The value divided by `divisor` (small, positive) when it is an integer and divides exactly.
  std::optional<BigDecimal> divided(std::uint32_t divisor) const;
  /// Moves trailing zeros of the digits into the exponent.
  BigDecimal normalized() const;
  /// Digits of the value written as an integer with the given exponent, which must not be above ours.
  std::string digits_at(std::int64_t exponent) const;
  /// Nearest double, ties to even.
  double nearest_double() const;
  /// "-922337203685477580.8"
  std::string str() const;

 private:
  std::string digits_;
  std::int64_t exponent_ = 0;
  bool negative_ = false;
};

}  // namespace orrery::api
