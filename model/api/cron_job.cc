#include "model/api/cron_job.h"

namespace orrery::api {

ORRERY_STRUCT(JobTemplateSpec,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2))

ORRERY_STRUCT(CronJobSpec,
  FIELD(schedule, "schedule", 1).required(),
  FIELD(time_zone, "timeZone", 8).omit(),
  FIELD(starting_deadline_seconds, "startingDeadlineSeconds", 2).omit(),
  FIELD(concurrency_policy, "concurrencyPolicy", 3).omit().def("Allow").values("Allow,Forbid,Replace"),
  FIELD(suspend, "suspend", 4).omit().def("false"),
  FIELD(job_template, "jobTemplate", 5).required(),
  FIELD(successful_jobs_history_limit, "successfulJobsHistoryLimit", 6).omit().def("3"),
  FIELD(failed_jobs_history_limit, "failedJobsHistoryLimit", 7).omit().def("1"))

ORRERY_STRUCT(CronJobStatus,
  FIELD(active, "active", 1).omit().atomic(),
  FIELD(last_schedule_time, "lastScheduleTime", 4).omit(),
  FIELD(last_successful_time, "lastSuccessfulTime", 5).omit())

ORRERY_STRUCT(CronJob,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::CronJobSpec, PartFacts>;
}  // namespace orrery::base
