// TimeZone: how far the clocks of a zone are from UTC: the zones of the IANA database by the rules of today, in POSIX's form
// (TZ in POSIX.1-2017 8.3, with the hours beyond a day of RFC 8536). Rules of the past are not known.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/api/time.h"

namespace orrery::api {

class TimeZone {
 public:
  /// By its name in the IANA database; nullopt when there is none.
  static std::optional<TimeZone> find(std::string_view name);

  /// Seconds east of UTC at that instant.
  std::int64_t offset(Time at) const;
  /// RFC 3339 by the zone's clocks, as Go prints it: with "Z" where they show UTC.
  std::string text(Time at) const;

 private:
  /// The WEEKth (5: last) WEEKDAY of a month, and seconds from that day's beginning.
  struct Change {
    unsigned month = 0, week = 0, weekday = 0;
    std::int64_t seconds = 0;
    std::int64_t in_year(std::int64_t year) const;
  };
  class Rule;

  std::int64_t standard_ = 0, summer_ = 0;
  std::optional<Change> begin_, end_;  ///< of summer
};

/// The rule of a zone as TZ would have it ("CET-1CEST,M3.5.0,M10.5.0/3"); empty when the name is not known.
std::string_view time_zone_rule(std::string_view name);

}  // namespace orrery::api
