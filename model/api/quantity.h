// Quantity: fixed-point amounts with SI suffixes, as k8s.io/apimachinery/pkg/api/resource.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/base/result.h"

namespace orrery::api {

class BigDecimal;

/// How a quantity is written. Parsing remembers it; kUnset (never given one) prints as an exponent.
enum class QuantityFormat : std::uint8_t { kUnset, kDecimalSI, kBinarySI, kDecimalExponent };

/// Powers of ten for scaled_value() and friends.
inline constexpr std::int32_t kNano = -9;
inline constexpr std::int32_t kMicro = -6;
inline constexpr std::int32_t kMilli = -3;
inline constexpr std::int32_t kKilo = 3;
inline constexpr std::int32_t kMega = 6;
inline constexpr std::int32_t kGiga = 9;

/// 16 bytes: a 64-bit mantissa times a power of ten. Amounts beyond that, and texts that print as they
/// were read ("1.250", "+5", "1E3"), live in a shared node on the heap; both are rare. Differences from
/// upstream, all outside its documented range: conversions to int64 saturate; where no suffix exists
/// (beyond E or below n) the exponent form is printed instead of a number without suffix; negative
/// amounts round away from zero in every representation; sums lose an operand more than 4096 decimal
/// places below the other; numbers of more than 4096 digits are refused.
class Quantity {
 public:
  Quantity() = default;
  Quantity(std::int64_t value, QuantityFormat format) : value_(value), format_(format) {}
  /// value / 1000
  static Quantity milli(std::int64_t value, QuantityFormat format) { return scaled(value, kMilli, format); }
  /// value * 10^scale
  static Quantity scaled(std::int64_t value, std::int32_t scale,
                         QuantityFormat format = QuantityFormat::kDecimalSI) {
    Quantity q(value, format);
    q.scale_ = scale;
    return q;
  }
  static Quantity from_decimal(const BigDecimal& amount, QuantityFormat format);
  /// Amounts finer than a nano are rounded up (away from zero); binary amounts are capped at 2^63-1. Fails
  /// with upstream's texts.
  static base::Result<Quantity> parse(std::string_view text);
  /// A JSON scalar as upstream reads it: null is zero; quotes and white space inside them are dropped.
  static base::Result<Quantity> parse_json(std::string_view text);
  /// For literals of the program.
  static Quantity must_parse(std::string_view text);

  Quantity(const Quantity& o) noexcept
      : value_(o.value_), scale_(o.scale_), format_(o.format_), kind_(o.kind_) {
    if (kind_ != Kind::kSmall) retain();
  }
  Quantity(Quantity&& o) noexcept
      : value_(o.value_), scale_(o.scale_), format_(o.format_), kind_(std::exchange(o.kind_, Kind::kSmall)) {}
  Quantity& operator=(Quantity o) noexcept {
    std::swap(value_, o.value_);
    std::swap(scale_, o.scale_);
    std::swap(format_, o.format_);
    std::swap(kind_, o.kind_);
    return *this;
  }
  ~Quantity() {
    if (kind_ != Kind::kSmall) release();
  }

  QuantityFormat format() const { return format_; }
  void set_format(QuantityFormat format);
  bool is_zero() const { return kind_ == Kind::kSmall ? value_ == 0 : sign() == 0; }
  int sign() const;

  /// Rounded away from zero to an integer.
  std::int64_t value() const { return scaled_value(0); }
  std::int64_t milli_value() const { return scaled_value(kMilli); }
  /// q / 10^scale, rounded away from zero.
  std::int64_t scaled_value(std::int32_t scale) const {
    return kind_ == Kind::kSmall && scale_ == scale ? value_ : scaled_value_slow(scale);
  }
  /// The exact integer, if it is one that is cheap to tell: never for a negative scale.
  std::optional<std::int64_t> as_int64() const;
  /// AsApproximateFloat64: mantissa times power of ten, two roundings.
  double approximate_double() const;
  /// AsFloat64Slow: the nearest double.
  double nearest_double() const;
  BigDecimal decimal() const;

  /// A zero quantity takes the format of the operand.
  void add(const Quantity& y);
  void sub(const Quantity& y);
  /// False when the mantissa left 64 bits; the product is exact all the same.
  bool mul(std::int64_t factor);
  void neg();
  /// Rounds away from zero to a multiple of 10^scale; false when that lost precision.
  bool round_up(std::int32_t scale);

  /// -1, 0, 1 by amount; the format does not matter.
  int cmp(const Quantity& y) const;
  int cmp_int64(std::int64_t y) const { return cmp(Quantity(y, QuantityFormat::kDecimalSI)); }
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.cmp(b) == 0; }
  friend bool operator<(const Quantity& a, const Quantity& b) { return a.cmp(b) < 0; }

  /// The canonical text, or the text read when upstream keeps it.
  std::string str() const;
  void append_to(std::string& out) const;

 private:
  enum class Kind : std::uint8_t { kSmall, kText, kBig };
  struct Node;
  void retain() const noexcept;
  void release() noexcept;
  std::int64_t mantissa() const;  // not for kBig
  std::int64_t scaled_value_slow(std::int32_t scale) const;
  void assign(const BigDecimal& amount);
  void keep_text(std::string_view text);
  void drop_text();
  bool add_small(std::int64_t value, std::int32_t scale);
  void append_decimal(std::string& out, QuantityFormat format) const;
  bool append_binary(std::string& out) const;

  union {
    std::int64_t value_ = 0;
    Node* node_;
  };
  std::int32_t scale_ = 0;
  QuantityFormat format_ = QuantityFormat::kUnset;
  Kind kind_ = Kind::kSmall;
};

static_assert(sizeof(Quantity) == 16);

}  // namespace orrery::api
