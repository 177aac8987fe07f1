#include "control/controllers/cron_job_times.h"

#include <algorithm>
#include <cstdio>

#include "control/client/owner.h"

namespace orrery::controllers {
namespace {

constexpr base::Nanos kNextStartDelta = 100 * base::kMillisecond;
constexpr base::Nanos kCentury = 36'525 * 24 * base::kHour;
constexpr std::int64_t kManyMissed = 100;
constexpr const char* kScheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

}  // namespace

base::Result<api::CronSchedule> schedule_of(const api::CronJobSpec& spec) {
  const bool in_schedule = spec.schedule.view().find("TZ") != std::string_view::npos;
  if (in_schedule || !spec.time_zone) return api::CronSchedule::parse(spec.schedule);
  return api::CronSchedule::parse(base::cat("TZ=", *spec.time_zone, " ", spec.schedule));
}

// The starts between the last one and now are not walked through one by one: their number is estimated from the distance of the
// first two, and the search begins one distance before the last estimated one.
RecentStart recent_start(const api::CronJob& cron_job, base::Instant now, const api::CronSchedule& schedule, bool with_deadline) {
  RecentStart r;
  r.earliest = cron_job.status->last_schedule_time.is_zero() ? cron_job.metadata.creation_timestamp
                                                             : cron_job.status->last_schedule_time;
  if (with_deadline && cron_job.spec->starting_deadline_seconds) {
    const api::Time deadline = api::Time::from(now - *cron_job.spec->starting_deadline_seconds * base::kSecond);
    r.earliest = std::max(r.earliest, deadline);
  }
  const api::Time first = schedule.next(r.earliest), second = schedule.next(first);
  if (now < first.instant() || first.is_zero()) {
    r.impossible = first.is_zero();
    return r;
  }
  if (now < second.instant()) {
    r.newest = first;
    return r;
  }
  const std::int64_t distance = second.seconds - first.seconds;
  if (distance < 1) {
    r.impossible = true;
    return r;
  }
  const std::int64_t missed = (now - first.instant()) / base::kSecond / distance + 1;
  const api::Time before(first.seconds + (missed - 2) * distance);
  for (api::Time t = schedule.next(before); !t.is_zero() && t.instant() <= now; t = schedule.next(t)) r.newest = t;
  r.missed = missed > kManyMissed ? MissedStarts::kMany : MissedStarts::kFew;
  return r;
}

base::Nanos until_next_start(const api::CronJob& cron_job, base::Instant now, const api::CronSchedule& schedule) {
  const RecentStart r = recent_start(cron_job, now, schedule, false);
  api::Time from = api::Time::from(now);
  if (!r.impossible && r.newest) from = *r.newest;
  else if (!r.impossible && r.missed == MissedStarts::kNone) from = r.earliest;
  const api::Time next = schedule.next(from);
  return next.is_zero() ? kCentury : next.instant() + kNextStartDelta - now;
}

base::Str job_name(const api::CronJob& cron_job, api::Time start) {
  return base::cat(cron_job.metadata.name, "-", std::to_string(start.seconds / 60));
}

api::Job job_of(const api::Object& object, api::Time start) {
  const auto& cron_job = object.as<api::CronJob>();
  const api::JobTemplateSpec& from = cron_job.spec->job_template;
  api::Job job;
  job.metadata.namespace_ = cron_job.metadata.namespace_;
  job.metadata.name = job_name(cron_job, start);
  job.metadata.labels = from.metadata.labels;
  job.metadata.annotations = from.metadata.annotations;
  const auto zone = cron_job.spec->time_zone ? api::TimeZone::find(*cron_job.spec->time_zone) : std::nullopt;
  job.metadata.annotations.set(kScheduledAnnotation, zone.value_or(api::TimeZone()).text(start));
  job.metadata.creation_timestamp = start;
  job.metadata.owner_references.push_back(client::controller_reference(object));
  job.spec = from.spec;
  return job;
}

std::string rfc1123(api::Time time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonthNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t days = time.seconds / kDay, second = time.seconds % kDay;
  const api::CivilDate date = api::civil_from_days(days);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000", kDays[(days + 4) % 7], date.day,
                kMonthNames[date.month - 1], static_cast<int>(date.year), static_cast<int>(second / 3600),
                static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  return text;
}

}  // namespace orrery::controllers
