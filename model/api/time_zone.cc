#include "model/api/time_zone.h"

#include <cstdio>

namespace orrery::api {
namespace {

constexpr std::int64_t kHourLong = 3600, kDayLong = 86'400;
constexpr std::int64_t kDefaultChange = 2 * kHourLong;  // 02:00

}  // namespace

/// Reads a rule from its beginning.
class TimeZone::Rule {
 public:
  explicit Rule(std::string_view text) : rest_(text) {}

  TimeZone read() {
    TimeZone zone;
    skip_name();
    zone.standard_ = zone.summer_ = -span();
    if (rest_.empty()) return zone;
    skip_name();
    zone.summer_ = rest_.starts_with(',') ? zone.standard_ + kHourLong : -span();
    zone.begin_ = change();
    zone.end_ = change();
    return zone;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_name() {
    if (take('<')) return rest_.remove_prefix(rest_.find('>') + 1);
    while (!rest_.empty() && ((rest_[0] >= 'A' && rest_[0] <= 'Z') || (rest_[0] >= 'a' && rest_[0] <= 'z'))) rest_.remove_prefix(1);
  }
  std::int64_t number() {
    std::int64_t n = 0;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1)) n = n * 10 + (rest_[0] - '0');
    return n;
  }
  /// [+-]HOURS[:MINUTES[:SECONDS]]
  std::int64_t span() {
    const bool negative = take('-');
    if (!negative) take('+');
    std::int64_t seconds = number() * kHourLong;
    if (take(':')) seconds += number() * 60;
    if (take(':')) seconds += number();
    return negative ? -seconds : seconds;
  }
  /// ",Mm.w.d[/SPAN]"
  Change change() {
    Change c;
    take(',');
    take('M');
    c.month = static_cast<unsigned>(number());
    take('.');
    c.week = static_cast<unsigned>(number());
    take('.');
    c.weekday = static_cast<unsigned>(number());
    c.seconds = take('/') ? span() : kDefaultChange;
    return c;
  }

  std::string_view rest_;
};

std::int64_t TimeZone::Change::in_year(std::int64_t year) const {
  const std::int64_t first = days_from_civil(year, month, 1);
  const std::int64_t next = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
  constexpr std::int64_t kThursday = 4;  // 1970-01-01
  const std::int64_t weekday_of_first = ((first + kThursday) % 7 + 7) % 7;
  std::int64_t day = first + (weekday + 7 - weekday_of_first) % 7 + 7 * (static_cast<std::int64_t>(week) - 1);
  while (day >= next) day -= 7;
  return day * kDayLong + seconds;
}

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  const std::string_view rule = time_zone_rule(name);
  if (rule.empty()) return std::nullopt;
  return Rule(rule).read();
}

std::int64_t TimeZone::offset(Time at) const {
  if (!begin_ || !end_) return standard_;
  const std::int64_t local = at.seconds + standard_;
  const std::int64_t year = civil_from_days(local / kDayLong - (local % kDayLong < 0)).year;
  const std::int64_t begin = begin_->in_year(year) - standard_, end = end_->in_year(year) - summer_;
  const bool summer = begin < end ? at.seconds >= begin && at.seconds < end : at.seconds >= begin || at.seconds < end;
  return summer ? summer_ : standard_;
}

std::string TimeZone::text(Time at) const {
  const std::int64_t east = offset(at);
  std::string out = Time(at.seconds + east).str();
  if (east == 0) return out;
  out.pop_back();  // the "Z"
  const std::int64_t minutes = (east < 0 ? -east : east) / 60;
  char tail[16];
  std::snprintf(tail, sizeof tail, "%c%02d:%02d", east < 0 ? '-' : '+', static_cast<int>(minutes / 60),
                static_cast<int>(minutes % 60));
  return out + tail;
}

}  // namespace orrery::api
