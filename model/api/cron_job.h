// batch/v1 CronJob. Source: k8s.io/api/batch/v1/types.go.
#pragma once
#include "model/api/job.h"
#include "model/api/reference.h"

namespace orrery::api {

struct JobTemplateSpec {
  ObjectMeta metadata;
  JobSpec spec;
};

struct CronJobSpec {
  Str schedule;
  std::optional<Str> time_zone;
  std::optional<std::int64_t> starting_deadline_seconds;
  Str concurrency_policy;
  std::optional<bool> suspend;
  JobTemplateSpec job_template;
  std::optional<std::int32_t> successful_jobs_history_limit, failed_jobs_history_limit;
};

struct CronJobStatus {
  List<ObjectReference> active;
  Time last_schedule_time, last_successful_time;
};

struct CronJob {
  ObjectMeta metadata;
  Cow<CronJobSpec> spec;
  Cow<CronJobStatus> status;
};

ORRERY_DECLARE_STRUCT(JobTemplateSpec)
ORRERY_DECLARE_STRUCT(CronJobSpec)
ORRERY_DECLARE_STRUCT(CronJobStatus)
ORRERY_DECLARE_KIND(CronJob)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::CronJobSpec, PartFacts>;
}  // namespace orrery::base
