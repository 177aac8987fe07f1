// When a CronJob starts; pure (pkg/controller/cronjob/utils.go).
#pragma once
#include <optional>

#include "model/api/cron_job.h"
#include "model/api/cron_schedule.h"

namespace orrery::controllers {

enum class MissedStarts : unsigned char { kNone, kFew, kMany };  ///< many: more than 100

struct RecentStart {
  api::Time earliest;                ///< the last start, or the CronJob's creation
  std::optional<api::Time> newest;   ///< the latest start that is due
  MissedStarts missed = MissedStarts::kNone;
  bool impossible = false;           ///< the schedule never comes
};

/// `with_deadline`: starts past startingDeadlineSeconds do not count.
RecentStart recent_start(const api::CronJob& cron_job, base::Instant now, const api::CronSchedule& schedule, bool with_deadline);

/// Until the next start, and 100 ms more; a century for a schedule that never comes.
base::Nanos until_next_start(const api::CronJob& cron_job, base::Instant now, const api::CronSchedule& schedule);

/// spec.schedule in spec.timeZone.
base::Result<api::CronSchedule> schedule_of(const api::CronJobSpec& spec);

/// "NAME-MINUTES": the same start is never made twice.
base::Str job_name(const api::CronJob& cron_job, api::Time start);
/// The Job of a start, as it is sent.
api::Job job_of(const api::Object& cron_job, api::Time start);

/// "Mon, 02 Jan 2006 15:04:05 +0000"
std::string rfc1123(api::Time time);

}  // namespace orrery::controllers
