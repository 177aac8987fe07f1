#include "model/api/quantity.h"

#include <array>

#include "model/api/big_decimal.h"
#include "model/base/check.h"
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
  static constexpr std::array<double, 32> kUnits{1e00, 1e01, 1e02, 1e03, 1e04, 1e05, 1e06, 1e07, 1e08, 1e09, 1e10,
                                                 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
                                                 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};
  static constexpr std::array<double, 10> kUp{1e00, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288};
  static constexpr std::array<double, 11> kDown{1e-00,  1e-32,  1e-64,  1e-96,  1e-128, 1e-160,
                                                1e-192, 1e-224, 1e-256, 1e-288, 1e-320};
  if (n >= 0 && n <= 308) return kUp[static_cast<std::size_t>(n) / 32] * kUnits[static_cast<std::size_t>(n) % 32];
  if (n < 0 && n >= -323) return kDown[static_cast<std::size_t>(-n) / 32] / kUnits[static_cast<std::size_t>(-n) % 32];
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
  ORRERY_CHECK(exponent >= INT32_MIN && exponent <= INT32_MAX, "quantity exponent out of range");
  if (small) return scaled(*small, static_cast<std::int32_t>(exponent), format);
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
      const Wide a = static_cast<Wide>(mantissa()) * (apart > 0 ? kPow10[static_cast<std::size_t>(apart)] : 1);
      const Wide b = static_cast<Wide>(y.mantissa()) * (apart < 0 ? kPow10[static_cast<std::size_t>(-apart)] : 1);
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
  BigDecimal amount = decimal();
  bool exact = true;
  amount = amount.round_up(0, exact);
  if (!exact || amount.exponent() > BigDecimal::kMaxShift) return false;
  std::size_t times = 0;
  if (std::optional<std::int64_t> small = as_int64()) {
    while (*small % 1024 == 0 && times < 6) {
      *small /= 1024;
      ++times;
    }
    out += std::to_string(*small);
  } else {
    while (times < 6) {
      const std::optional<BigDecimal> next = amount.divided(1024);
      if (!next) break;
      amount = *next;
      ++times;
    }
    if (amount.sign() < 0) out += '-';
    out += amount.digits_at(0);
  }
  out += kBinarySuffixes[times];
  return true;
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

// ---------------------------------------------------------------------------------------------------------------
// Parsing

namespace {

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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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
  while (!s.empty() && std::string_view("eEinumkKMGTP").find(s[0]) != std::string_view::npos) s.remove_prefix(1);
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
  for (std::size_t i = 0; i < kDecimalSuffixes.size(); ++i) {
    if (kDecimalSuffixes[i] != s) continue;
    out.exponent = (static_cast<std::int64_t>(i) - 3) * 3;
    return true;
  }
  for (std::size_t i = 1; i < kBinarySuffixes.size(); ++i) {
    if (kBinarySuffixes[i] != s) continue;
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
