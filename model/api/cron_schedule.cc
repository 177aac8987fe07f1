#include "model/api/cron_schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include "model/base/ascii.h"
#include "model/base/str.h"

namespace orrery::api {
namespace {

using base::cat;

constexpr std::int64_t kMinuteSeconds = 60, kDaySeconds = 86'400;
constexpr std::int64_t kFarthestYears = 5;

struct Bounds {
  unsigned min, max;
  std::span<const std::string_view> names;  ///< of min, min + 1, ...
};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr Bounds kMinuteBounds{0, 59, {}}, kHourBounds{0, 23, {}}, kDayBounds{1, 31, {}};
const Bounds kMonthBounds{1, 12, kMonths}, kWeekdayBounds{0, 6, kWeekdays};

struct Choice {
  std::uint64_t bits = 0;
  bool star = false;
};

/// Empty parts are dropped, as by Go's strings.FieldsFunc.
std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t begin = text.find_first_not_of(separators);
    if (begin == text.npos) return out;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

/// Empty parts are kept, as by Go's strings.Split.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t end = text.find(separator); end != text.npos; end = text.find(separator)) {
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  out.push_back(text);
  return out;
}

base::Result<unsigned> number(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range)
    return base::invalid(cat("failed to parse int from ", text, ": strconv.Atoi: parsing \"", text, "\": value out of range"));
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
    return base::invalid(cat("failed to parse int from ", text, ": strconv.Atoi: parsing \"", text, "\": invalid syntax"));
  if (value < 0) return base::invalid(cat("negative number (", std::to_string(value), ") not allowed: ", text));
  return static_cast<unsigned>(std::min<std::int64_t>(value, UINT32_MAX));
}

base::Result<unsigned> number_or_name(std::string_view text, const Bounds& bounds) {
  const std::string lower = base::to_lower(text);
  const auto found = std::find(bounds.names.begin(), bounds.names.end(), lower);
  if (found != bounds.names.end()) return bounds.min + static_cast<unsigned>(found - bounds.names.begin());
  return number(text);
}

struct Range {
  unsigned start = 0, end = 0, step = 1;
  bool star = false;
};

base::Result<Range> range_ends(std::string_view text, std::string_view whole, const Bounds& bounds) {
  const auto ends = split(text, '-');
  Range r;
  if (ends[0] == "*" || ends[0] == "?") {
    r.start = bounds.min;
    r.end = bounds.max;
    r.star = true;
    return r;
  }
  const auto start = number_or_name(ends[0], bounds);
  if (!start.ok()) return start.error();
  r.start = r.end = *start;
  if (ends.size() > 2) return base::invalid(cat("too many hyphens: ", whole));
  if (ends.size() == 2) {
    const auto end = number_or_name(ends[1], bounds);
    if (!end.ok()) return end.error();
    r.end = *end;
  }
  return r;
}

/// "*", "N", "N-M", each with "/STEP".
base::Result<Range> range_of(std::string_view text, const Bounds& bounds) {
  const auto halves = split(text, '/');
  auto range = range_ends(halves[0], text, bounds);
  if (!range.ok()) return range;
  Range& r = *range;
  if (halves.size() > 2) return base::invalid(cat("too many slashes: ", text));
  if (halves.size() == 2) {
    const auto step = number(halves[1]);
    if (!step.ok()) return step.error();
    r.step = *step;
    if (halves[0].find('-') == halves[0].npos) r.end = bounds.max;
    if (r.step > 1) r.star = false;
  }
  const auto n = [](unsigned v) { return std::to_string(v); };
  if (r.start < bounds.min)
    return base::invalid(cat("beginning of range (", n(r.start), ") below minimum (", n(bounds.min), "): ", text));
  if (r.end > bounds.max) return base::invalid(cat("end of range (", n(r.end), ") above maximum (", n(bounds.max), "): ", text));
  if (r.start > r.end)
    return base::invalid(cat("beginning of range (", n(r.start), ") beyond end of range (", n(r.end), "): ", text));
  if (r.step == 0) return base::invalid(cat("step of range should be a positive number: ", text));
  return range;
}

base::Result<Choice> field_of(std::string_view text, const Bounds& bounds) {
  Choice f;
  for (const std::string_view part : parts_of(text, ",")) {
    const auto range = range_of(part, bounds);
    if (!range.ok()) return range.error();
    for (unsigned v = range->start; v <= range->end; v += range->step) f.bits |= std::uint64_t{1} << v;
    f.star |= range->star;
  }
  return f;
}

struct Descriptor {
  std::string_view name, fields;
};
constexpr Descriptor kDescriptors[] = {{"@yearly", "0 0 1 1 *"},  {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
                                       {"@weekly", "0 0 * * 0"},  {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
                                       {"@hourly", "0 * * * *"}};

}  // namespace

base::Result<CronSchedule> CronSchedule::parse(std::string_view text) {
  if (text.empty()) return base::invalid("empty spec string");
  CronSchedule s;
  if (text.starts_with("TZ=") || text.starts_with("CRON_TZ=")) {
    const std::size_t begin = text.find('=') + 1, end = std::min(text.find(' '), text.size());
    const std::string_view zone = text.substr(begin, end - begin);
    const auto found = TimeZone::find(zone);
    if (!found) return base::invalid(cat("provided bad location ", zone, ": unknown time zone ", zone));
    s.zone_ = *found;
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  constexpr std::string_view kEvery = "@every ";
  if (text.starts_with(kEvery)) {
    const std::string_view duration = text.substr(kEvery.size());
    const auto period = parse_duration(duration);
    if (!period.ok()) return base::invalid(cat("failed to parse duration ", text, ": ", period.error().message));
    s.every_ = std::max<std::int64_t>(1, *period / base::kSecond);
    return s;
  }
  if (text.starts_with('@')) {
    const auto found = std::find_if(std::begin(kDescriptors), std::end(kDescriptors), [&](const Descriptor& d) { return d.name == text; });
    if (found == std::end(kDescriptors)) return base::invalid(cat("unrecognized descriptor: ", text));
    text = found->fields;
  }
  const auto words = parts_of(text, " \t\n\v\f\r");
  if (words.size() != 5) {
    std::string list;
    for (const std::string_view w : words) list += cat(list.empty() ? "" : " ", w);
    return base::invalid(cat("expected exactly 5 fields, found ", std::to_string(words.size()), ": [", list, "]"));
  }
  const Bounds* bounds[] = {&kMinuteBounds, &kHourBounds, &kDayBounds, &kMonthBounds, &kWeekdayBounds};
  Choice fields[5];
  for (std::size_t i = 0; i < 5; ++i) {
    const auto f = field_of(words[i], *bounds[i]);
    if (!f.ok()) return f.error();
    fields[i] = *f;
  }
  s.fields_ = {fields[0].bits, fields[1].bits, fields[2].bits, fields[3].bits, fields[4].bits, fields[2].star, fields[4].star};
  return s;
}

bool CronSchedule::on_day(std::int64_t days) const {
  const CivilDate date = civil_from_days(days);
  if (!(fields_.months >> date.month & 1)) return false;
  constexpr std::int64_t kFirstWeekday = 4;  // 1970-01-01 was a Thursday
  const std::int64_t weekday = ((days + kFirstWeekday) % 7 + 7) % 7;
  const bool day = fields_.days >> date.day & 1, of_week = fields_.weekdays >> weekday & 1;
  return fields_.any_day || fields_.any_weekday ? day && of_week : day || of_week;
}

/// As SpecSchedule.Next, which goes on by instants and reads the zone's clocks at each: an hour that they skip has no start, one
/// that they repeat has two.
Time CronSchedule::next(Time time) const {
  if (every_ > 0) return Time(time.seconds + every_);
  constexpr std::int64_t kHourMinutes = 60, kDayMinutes = kDaySeconds / kMinuteSeconds;
  const auto floor = [](std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); };
  const auto local = [&](std::int64_t minute) {
    const Time at(minute * kMinuteSeconds);
    return minute + zone_.offset(at) / kMinuteSeconds;
  };
  std::int64_t m = floor(time.seconds, kMinuteSeconds) + 1;
  const std::int64_t last_year = civil_from_days(floor(local(m), kDayMinutes)).year + kFarthestYears;
  while (true) {
    const std::int64_t here = local(m), day = floor(here, kDayMinutes), minute = here - day * kDayMinutes;
    if (civil_from_days(day).year > last_year) return {};
    // Where the clocks change before the next midnight or hour, step by step.
    const auto ahead = [&](std::int64_t minutes) { return local(m + minutes) == here + minutes ? minutes : 1; };
    if (!on_day(day)) m += ahead(kDayMinutes - minute);
    else if (!(fields_.hours >> (minute / kHourMinutes) & 1)) m += ahead(kHourMinutes - minute % kHourMinutes);
    else if (!(fields_.minutes >> (minute % kHourMinutes) & 1)) ++m;
    else return Time(m * kMinuteSeconds);
  }
}

}  // namespace orrery::api
