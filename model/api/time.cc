#include "model/api/time.h"

#include <array>

#include "model/api/path.h"
#include "model/base/str.h"

namespace orrery::api {
namespace {

constexpr std::int64_t kDaySeconds = 86400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
std::int64_t floor_mod(std::int64_t a, std::int64_t b) { return a - floor_div(a, b) * b; }

base::Instant saturating_instant(std::int64_t value, std::int64_t unit_ns) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(value, unit_ns, &ns)) return {value < 0 ? INT64_MIN : INT64_MAX};
  return {ns};
}

void append_padded(std::string& out, std::uint64_t value, int width) {
  std::array<char, 20> digits;
  int n = 0;
  do {
    digits[n++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value);
  for (int i = n; i < width; ++i) out += '0';
  while (n) out += digits[--n];
}

// Everything up to the seconds: 2025-01-01T00:00:00
void append_civil(std::string& out, std::int64_t seconds) {
  const CivilDate date = civil_from_days(floor_div(seconds, kDaySeconds));
  const auto in_day = static_cast<std::uint64_t>(floor_mod(seconds, kDaySeconds));
  if (date.year < 0) out += '-';
  append_padded(out, static_cast<std::uint64_t>(date.year < 0 ? -date.year : date.year), 4);
  out += '-';
  append_padded(out, date.month, 2);
  out += '-';
  append_padded(out, date.day, 2);
  out += 'T';
  append_padded(out, in_day / 3600, 2);
  out += ':';
  append_padded(out, in_day / 60 % 60, 2);
  out += ':';
  append_padded(out, in_day % 60, 2);
}

bool is_leap(std::int64_t y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); }

unsigned days_in(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

struct ParsedTime {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
};

// Walks the layout of time.Parse element by element; the first failure is kept with Go's text.
class TimeParser {
 public:
  TimeParser(std::string_view text, bool micro) : text_(text), rest_(text), micro_(micro) {}

  base::Result<ParsedTime> parse() {
    std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool ok = number("2006", 4, 4, 0, 9999, "year", year) && literal("-") &&
                    number("01", 2, 2, 1, 12, "month", month) && literal("-") &&
                    number("02", 2, 2, 0, 99, "day", day) && literal("T") &&
                    number("15", 1, 2, 0, 23, "hour", hour) && literal(":") &&
                    number("04", 2, 2, 0, 59, "minute", minute) && literal(":") &&
                    number("05", 2, 2, 0, 59, "second", second) && fraction() && zone();
    if (!ok) return base::invalid(error_);
    if (!rest_.empty()) return base::invalid(prefix() + ": extra text: " + go_quote(rest_));
    if (day < 1 || day > static_cast<std::int64_t>(days_in(year, static_cast<unsigned>(month)))) {
      return base::invalid(prefix() + ": day out of range");
    }
    const std::int64_t days = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    const std::int64_t seconds = days * kDaySeconds + hour * 3600 + minute * 60 + second - offset_seconds_;
    return ParsedTime{seconds, nanos_};
  }

 private:
  static bool digit(char c) { return c >= '0' && c <= '9'; }
  std::string prefix() const { return "parsing time " + go_quote(text_); }
  bool mismatch(std::string_view element, std::string_view at) {
    const std::string_view layout = micro_ ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
    error_ = base::cat(prefix(), " as ", go_quote(layout), ": cannot parse ", go_quote(at), " as ",
                       go_quote(element));
    return false;
  }
  bool out_of_range(std::string_view what) {
    error_ = base::cat(prefix(), ": ", what, " out of range");
    return false;
  }
  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return mismatch(text, rest_);
    rest_.remove_prefix(text.size());
    return true;
  }
  bool number(std::string_view element, std::size_t min_digits, std::size_t max_digits, std::int64_t lo,
              std::int64_t hi, std::string_view what, std::int64_t& out) {
    std::size_t n = 0;
    while (n < max_digits && n < rest_.size() && digit(rest_[n])) out = out * 10 + (rest_[n++] - '0');
    if (n < min_digits) return mismatch(element, rest_);
    rest_.remove_prefix(n);
    return out >= lo && out <= hi ? true : out_of_range(what);
  }
  // After the seconds Go accepts any fraction, unless the layout itself asks for digits.
  bool fraction() {
    const bool mark = !rest_.empty() && (rest_[0] == '.' || rest_[0] == ',');
    std::size_t n = 1;
    while (mark && n < rest_.size() && digit(rest_[n]) && (!micro_ || n < 7)) ++n;
    if (micro_ && (!mark || n != 7)) return mismatch(".000000", rest_);
    if (!mark || n < 2) return true;
    std::int64_t unit = 100'000'000;
    for (std::size_t i = 1; i < n && unit > 0; ++i, unit /= 10) nanos_ += unit * (rest_[i] - '0');
    rest_.remove_prefix(n);
    return true;
  }
  bool zone() {
    if (rest_.starts_with("Z")) {
      rest_.remove_prefix(1);
      return true;
    }
    const std::string_view z = rest_.substr(0, 6);
    const bool shape = z.size() == 6 && (z[0] == '+' || z[0] == '-') && digit(z[1]) && digit(z[2]) &&
                       z[3] == ':' && digit(z[4]) && digit(z[5]);
    if (!shape) return mismatch("Z07:00", rest_);
    const std::int64_t hours = (z[1] - '0') * 10 + (z[2] - '0');
    const std::int64_t minutes = (z[4] - '0') * 10 + (z[5] - '0');
    if (hours > 24) return out_of_range("time zone offset hour");
    if (minutes > 60) return out_of_range("time zone offset minute");
    offset_seconds_ = (hours * 60 + minutes) * 60 * (z[0] == '-' ? -1 : 1);
    rest_.remove_prefix(6);
    return true;
  }

  std::string_view text_;
  std::string_view rest_;
  bool micro_;
  std::int64_t nanos_ = 0;
  std::int64_t offset_seconds_ = 0;
  std::string error_;
};

struct DurationUnit {
  std::string_view name;
  std::uint64_t ns;
};
constexpr std::array<DurationUnit, 8> kDurationUnits{{{"ns", 1},
                                                      {"us", 1'000},
                                                      {"\u00b5s", 1'000},
                                                      {"\u03bcs", 1'000},
                                                      {"ms", 1'000'000},
                                                      {"s", 1'000'000'000},
                                                      {"m", 60'000'000'000},
                                                      {"h", 3'600'000'000'000}}};

// `value` with the decimal point `digits` places from the right, without trailing zeros.
std::string decimal(std::uint64_t value, int digits) {
  std::uint64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::string out = std::to_string(value / unit);
  std::string tail;
  append_padded(tail, value % unit, digits);
  while (!tail.empty() && tail.back() == '0') tail.pop_back();
  return tail.empty() ? out : out + "." + tail;
}

}  // namespace

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  // Years begin in March, so that the leap day is the last one; eras are 400 years (146097 days).
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_div(y, 400);
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t month_from_march = (static_cast<std::int64_t>(month) + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = floor_div(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const auto month = static_cast<unsigned>(month_from_march + (month_from_march < 10 ? 3 : -9));
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

Time Time::from(base::Instant wall) { return Time(floor_div(wall.ns, base::kSecond)); }
base::Instant Time::instant() const { return saturating_instant(seconds, base::kSecond); }

void Time::append_to(std::string& out) const {
  append_civil(out, seconds);
  out += 'Z';
}

std::string Time::str() const {
  std::string out;
  append_to(out);
  return out;
}

base::Result<Time> Time::parse(std::string_view text) {
  const auto parsed = TimeParser(text, false).parse();
  if (!parsed) return parsed.error();
  return Time(parsed->seconds);
}

MicroTime MicroTime::from(base::Instant wall) { return MicroTime(floor_div(wall.ns, base::kMicrosecond)); }
base::Instant MicroTime::instant() const { return saturating_instant(micros, base::kMicrosecond); }

void MicroTime::append_to(std::string& out) const {
  append_civil(out, floor_div(micros, 1'000'000));
  out += '.';
  append_padded(out, static_cast<std::uint64_t>(floor_mod(micros, 1'000'000)), 6);
  out += 'Z';
}

std::string MicroTime::str() const {
  std::string out;
  append_to(out);
  return out;
}

base::Result<MicroTime> MicroTime::parse(std::string_view text) {
  const auto parsed = TimeParser(text, true).parse();
  if (!parsed) return parsed.error();
  return MicroTime(parsed->seconds * 1'000'000 + parsed->nanos / 1000);
}

std::string duration_str(base::Nanos d) {
  if (d == 0) return "0s";
  const std::string sign = d < 0 ? "-" : "";
  const auto bits = static_cast<std::uint64_t>(d);
  const std::uint64_t ns = d < 0 ? std::uint64_t{0} - bits : bits;
  if (ns < 1'000) return sign + std::to_string(ns) + "ns";
  if (ns < 1'000'000) return sign + decimal(ns, 3) + "\u00b5s";
  if (ns < 1'000'000'000) return sign + decimal(ns, 6) + "ms";
  const std::uint64_t minutes = ns / 60'000'000'000;
  std::string out = sign;
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes > 0) out += std::to_string(minutes % 60) + "m";
  return out + decimal(ns % 60'000'000'000, 9) + "s";
}

base::Result<base::Nanos> parse_duration(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return base::invalid(base::cat("time: ", why, " duration ", go_quote(text)));
  };
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string_view s = text;
  const bool negative = s.starts_with('-');
  if (negative || s.starts_with('+')) s.remove_prefix(1);
  if (s == "0") return base::Nanos{0};
  if (s.empty()) return bad("invalid");
  std::uint64_t total = 0;
  while (!s.empty()) {
    std::uint64_t whole = 0, part = 0;
    double scale = 1;
    bool any = false, full = false;
    for (; !s.empty() && digit(s[0]); s.remove_prefix(1), any = true) {
      if (whole > kLimit / 10) return bad("invalid");
      whole = whole * 10 + static_cast<std::uint64_t>(s[0] - '0');
      if (whole > kLimit) return bad("invalid");
    }
    if (s.starts_with('.')) {
      s.remove_prefix(1);
      for (; !s.empty() && digit(s[0]); s.remove_prefix(1), any = true) {
        // Digits beyond 63 bits cannot change a nanosecond.
        const auto last = static_cast<std::uint64_t>(s[0] - '0');
        full = full || part > (kLimit - 1) / 10 || part * 10 + last > kLimit;
        if (full) continue;
        part = part * 10 + last;
        scale *= 10;
      }
    }
    if (!any) return bad("invalid");
    std::size_t n = 0;
    while (n < s.size() && s[n] != '.' && !digit(s[n])) ++n;
    if (n == 0) return bad("missing unit in");
    const DurationUnit* unit = nullptr;
    for (const DurationUnit& u : kDurationUnits) {
      if (u.name == s.substr(0, n)) unit = &u;
    }
    if (!unit) {
      return base::invalid(base::cat("time: unknown unit ", go_quote(s.substr(0, n)), " in duration ",
                                     go_quote(text)));
    }
    s.remove_prefix(n);
    if (whole > kLimit / unit->ns) return bad("invalid");
    std::uint64_t value = whole * unit->ns;
    if (part > 0) {
      // Go's own expression, so that the same nanosecond comes out.
      const double ns = static_cast<double>(part) * (static_cast<double>(unit->ns) / scale);
      value += static_cast<std::uint64_t>(ns);
      if (value > kLimit) return bad("invalid");
    }
    total += value;
    if (total > kLimit) return bad("invalid");
  }
  if (negative) return static_cast<base::Nanos>(std::uint64_t{0} - total);
  if (total > kLimit - 1) return bad("invalid");
  return static_cast<base::Nanos>(total);
}

}  // namespace orrery::api
