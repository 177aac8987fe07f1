// CronSchedule: when a CronJob starts. The language of github.com/robfig/cron/v3's ParseStandard: five fields (minute, hour, day
// of month, month, day of week), @descriptors, @every DURATION, and TZ=ZONE or CRON_TZ=ZONE before them.
#pragma once
#include <cstdint>
#include <string_view>

#include "model/api/time_zone.h"
#include "model/base/result.h"

namespace orrery::api {

class CronSchedule {
 public:
  /// Fails with ParseStandard's text.
  static base::Result<CronSchedule> parse(std::string_view text);

  /// The first start after `time`; the zero time when there is none in the five years after it.
  Time next(Time time) const;

 private:
  struct Fields {
    std::uint64_t minutes = 0, hours = 0, days = 0, months = 0, weekdays = 0;  ///< a bit per value
    /// A field of days that began with "*" leaves the choice to the other one; else a day of either is one.
    bool any_day = false, any_weekday = false;
  };
  bool on_day(std::int64_t days_since_epoch) const;

  Fields fields_;
  std::int64_t every_ = 0;  ///< seconds; 0: by the fields
  TimeZone zone_;
};

}  // namespace orrery::api
