#include "model/api/quantity.h"

#include <array>

#include "model/api/big_decimal.h"
#include "model/base/ref.h"

namespace orrery::api {
namespace {

using Wide = __int128;

constexpr std::array<std::int64_t, 19> kPow10 = [] {
  std::array<std::int64_t, 19> p{};
  p[0] = 1;
  for (std::size_t i = 1; i < p.size(); ++i) p[i] = p[i - 1] * 10;
  return p;
}();

// value / 10^places, away from zero. places > 0.
std::int64_t divide_up(std::int64_t value, std::int64_t places, bool& exact) {
  if (places > 18) {
    exact = value == 0;
    return value == 0 ? 0 : value < 0 ? -1 : 1;
  }
  const std::int64_t unit = kPow10[static_cast<std::size_t>(places)];
  const std::int64_t rest = value % unit;
  exact = rest == 0;
  return value / unit + (rest == 0 ? 0 : value < 0 ? -1 : 1);
}

// value * 10^places, or nothing on overflow.
std::optional<std::int64_t> multiply(std::int64_t value, std::int64_t places) {
  std::int64_t out = 0;
  if (value == 0) return 0;
  if (places > 18 || __builtin_mul_overflow(value, kPow10[static_cast<std::size_t>(places)], &out)) return {};
  return out;
}

// Go's math.Pow10: exact up to 31, then two factors.
double pow10(std::int64_t n) {
  static constexpr std::array<double, 32> kUnits{
      1e00, 1e01, 1e02, 1e03, 1e04, 1e05, 1e06, 1e07, 1e08, 1e09, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};
  static constexpr std::array<double, 10> kUp{1e00,  1e32,  1e64,  1e96,  1e128,
                                              1e160, 1e192, 1e224, 1e256, 1e288};
  static constexpr std::array<double, 11> kDown{1e-00,  1e-32,  1e-64,  1e-96,  1e-128, 1e-160,
                                                1e-192, 1e-224, 1e-256, 1e-288, 1e-320};
  const auto size = static_cast<std::size_t>(n < 0 ? -n : n);
  if (n >= 0 && n <= 308) return kUp[size / 32] * kUnits[size % 32];
  if (n < 0 && n >= -323) return kDown[size / 32] / kUnits[size % 32];
  return n > 0 ? 1e308 * 10 : 0;
}

constexpr std::array<std::string_view, 10> kDecimalSuffixes{"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
constexpr std::array<std::string_view, 7> kBinarySuffixes{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

// Digits with the largest exponent divisible by three, and its suffix.
void append_with_exponent(std::string& out, bool negative, std::string_view digits, std::int64_t exponent,
                          QuantityFormat format) {
  while (digits.size() > 1 && digits.back() == '0') {
    digits.remove_suffix(1);
    ++exponent;
  }
  if (negative) out += '-';
  out += digits;
  const std::int64_t odd = ((exponent % 3) + 3) % 3;
  out.append(static_cast<std::size_t>(odd), '0');
  exponent -= odd;
  const bool has_suffix = exponent >= kNano && exponent <= 18;
  if (format == QuantityFormat::kDecimalSI && has_suffix) {
    out += kDecimalSuffixes[static_cast<std::size_t>(exponent / 3 + 3)];
  } else if (exponent != 0) {
    out += 'e';
    out += std::to_string(exponent);
  }
}

}  // namespace

struct Quantity::Node : base::RefCounted {
  std::int64_t mantissa = 0;  // kText
  std::string text;           // kText
  BigDecimal big;             // kBig
};

void Quantity::retain() const noexcept { node_->retain(); }

void Quantity::release() noexcept {
  if (node_->release()) delete node_;
}

std::int64_t Quantity::mantissa() const { return kind_ == Kind::kSmall ? value_ : node_->mantissa; }

void Quantity::keep_text(std::string_view text) {
  Node* node = new Node;
  node->retain();
  node->mantissa = value_;
  node->text = std::string(text);
  node_ = node;
  kind_ = Kind::kText;
}

void Quantity::drop_text() {
  if (kind_ != Kind::kText) return;
  const std::int64_t value = node_->mantissa;
  release();
  kind_ = Kind::kSmall;
  value_ = value;
}

void Quantity::assign(const BigDecimal& amount) {
  const QuantityFormat format = format_;
  *this = from_decimal(amount, format);
}

Quantity Quantity::from_decimal(const BigDecimal& amount, QuantityFormat format) {
  std::optional<std::int64_t> small = amount.mantissa();
  std::int64_t exponent = amount.exponent();
  if (!small) {
    const BigDecimal shorter = amount.normalized();
    small = shorter.mantissa();
    exponent = shorter.exponent();
  }
  const bool in_range = exponent >= INT32_MIN && exponent <= INT32_MAX;
  if (small && in_range) return scaled(*small, static_cast<std::int32_t>(exponent), format);
  Quantity q(0, format);
  Node* node = new Node;
  node->retain();
  node->big = amount;
  q.node_ = node;
  q.kind_ = Kind::kBig;
  return q;
}

BigDecimal Quantity::decimal() const {
  return kind_ == Kind::kBig ? node_->big : BigDecimal(mantissa(), scale_);
}

void Quantity::set_format(QuantityFormat format) {
  if (format == format_) return;
  drop_text();
  format_ = format;
}

int Quantity::sign() const {
  if (kind_ == Kind::kBig) return node_->big.sign();
  const std::int64_t m = mantissa();
  return m == 0 ? 0 : m < 0 ? -1 : 1;
}

std::int64_t Quantity::scaled_value_slow(std::int32_t scale) const {
  if (kind_ == Kind::kBig) return node_->big.scaled(scale);
  const std::int64_t m = mantissa();
  const std::int64_t up = static_cast<std::int64_t>(scale_) - scale;
  if (up >= 0) return multiply(m, up).value_or(m < 0 ? INT64_MIN : INT64_MAX);
  bool exact = true;
  return divide_up(m, -up, exact);
}

std::optional<std::int64_t> Quantity::as_int64() const {
  if (kind_ == Kind::kBig || scale_ < 0) return std::nullopt;
  return multiply(mantissa(), scale_);
}

double Quantity::approximate_double() const {
  if (kind_ == Kind::kBig) {
    const BigDecimal& big = node_->big;
    const double base = BigDecimal(big.sign() < 0, big.digits(), 0).nearest_double();
    return big.exponent() == 0 ? base : base * pow10(big.exponent());
  }
  const auto base = static_cast<double>(mantissa());
  return scale_ == 0 ? base : base * pow10(scale_);
}

double Quantity::nearest_double() const { return decimal().nearest_double(); }

bool Quantity::add_small(std::int64_t value, std::int32_t scale) {
  if (value == 0) return true;
  if (value_ == 0) {
    value_ = value;
    scale_ = scale;
    return true;
  }
  std::int64_t a = value_;
  std::int64_t b = value;
  if (scale_ != scale) {
    const std::int64_t apart = static_cast<std::int64_t>(scale_) - scale;
    const std::optional<std::int64_t> shifted = apart > 0 ? multiply(a, apart) : multiply(b, -apart);
    if (!shifted) return false;
    (apart > 0 ? a : b) = *shifted;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return false;
  value_ = sum;
  if (scale < scale_) scale_ = scale;
  return true;
}

void Quantity::add(const Quantity& y) {
  drop_text();
  if (is_zero()) format_ = y.format_;
  if (kind_ == Kind::kSmall && y.kind_ != Kind::kBig && add_small(y.mantissa(), y.scale_)) return;
  assign(decimal().add(y.decimal()));
}

void Quantity::sub(const Quantity& y) {
  drop_text();
  if (is_zero()) format_ = y.format_;
  const bool small = kind_ == Kind::kSmall && y.kind_ != Kind::kBig;
  if (small && y.mantissa() != INT64_MIN && add_small(-y.mantissa(), y.scale_)) return;
  assign(decimal().add(y.decimal().neg()));
}

bool Quantity::mul(std::int64_t factor) {
  drop_text();
  std::int64_t product = 0;
  if (kind_ == Kind::kSmall && !__builtin_mul_overflow(value_, factor, &product)) {
    value_ = product;
    if (factor == 0) scale_ = 0;
    return true;
  }
  const BigDecimal exact = decimal().mul(factor);
  assign(exact);
  return exact.mantissa().has_value();
}

void Quantity::neg() {
  drop_text();
  if (kind_ == Kind::kSmall && value_ != INT64_MIN) value_ = -value_;
  else assign(decimal().neg());
}

bool Quantity::round_up(std::int32_t scale) {
  bool exact = true;
  if (kind_ == Kind::kBig) {
    assign(node_->big.round_up(scale, exact));
    return exact;
  }
  if (scale_ >= scale) return true;
  drop_text();
  value_ = divide_up(value_, static_cast<std::int64_t>(scale) - scale_, exact);
  scale_ = scale;
  return exact;
}

int Quantity::cmp(const Quantity& y) const {
  if (kind_ != Kind::kBig && y.kind_ != Kind::kBig) {
    const std::int64_t apart = static_cast<std::int64_t>(scale_) - y.scale_;
    if (apart >= -18 && apart <= 18) {
      const std::int64_t unit = kPow10[static_cast<std::size_t>(apart < 0 ? -apart : apart)];
      const Wide a = static_cast<Wide>(mantissa()) * (apart > 0 ? unit : 1);
      const Wide b = static_cast<Wide>(y.mantissa()) * (apart < 0 ? unit : 1);
      return a < b ? -1 : a > b ? 1 : 0;
    }
  }
  return decimal().cmp(y.decimal());
}

void Quantity::append_decimal(std::string& out, QuantityFormat format) const {
  const BigDecimal amount = kind_ == Kind::kBig ? node_->big : BigDecimal();
  if (kind_ == Kind::kBig) {
    append_with_exponent(out, amount.sign() < 0, amount.digits(), amount.exponent(), format);
    return;
  }
  std::array<char, 20> room;
  const std::int64_t m = mantissa();
  auto rest = m < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(m) : static_cast<std::uint64_t>(m);
  std::size_t at = room.size();
  for (; rest; rest /= 10) room[--at] = static_cast<char>('0' + rest % 10);
  append_with_exponent(out, m < 0, std::string_view(room.data() + at, room.size() - at), scale_, format);
}

// False when the amount is no integer of at least 1024: such amounts are shown in decimal.
bool Quantity::append_binary(std::string& out) const {
  if (cmp_int64(-1024) > 0 && cmp_int64(1024) < 0) return false;
  std::size_t times = 0;
  bool exact = true;
  std::optional<std::int64_t> small = as_int64();
  if (!small && kind_ != Kind::kBig && scale_ < 0) {
    small = divide_up(mantissa(), -static_cast<std::int64_t>(scale_), exact);
  }
  if (small) {
    for (; *small % 1024 == 0 && times < 6; ++times) *small /= 1024;
    if (exact) out += std::to_string(*small);
  } else {
    BigDecimal amount = decimal().round_up(0, exact);
    if (amount.exponent() > BigDecimal::kMaxShift) return false;
    for (; times < 6; ++times) {
      const std::optional<BigDecimal> next = amount.divided(1024);
      if (!next) break;
      amount = *next;
    }
    if (exact) out += amount.sign() < 0 ? "-" + amount.digits_at(0) : amount.digits_at(0);
  }
  if (exact) out += kBinarySuffixes[times];
  return exact;
}

void Quantity::append_to(std::string& out) const {
  if (kind_ == Kind::kText) {
    out += node_->text;
  } else if (is_zero()) {
    out += '0';
  } else if (format_ == QuantityFormat::kBinarySI) {
    if (!append_binary(out)) append_decimal(out, QuantityFormat::kDecimalSI);
  } else {
    append_decimal(out, format_ == QuantityFormat::kDecimalSI ? format_ : QuantityFormat::kDecimalExponent);
  }
}

std::string Quantity::str() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace orrery::api
