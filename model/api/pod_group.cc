#include "model/api/pod_group.h"

namespace orrery::api {

ORRERY_STRUCT(PodGroupSpec,
  FIELD(min_member, "minMember", 1).omit(),
  FIELD(min_resources, "minResources", 2).omit(),
  FIELD(schedule_timeout_seconds, "scheduleTimeoutSeconds", 3).omit())

ORRERY_STRUCT(PodGroupStatus,
  FIELD(phase, "phase", 1).omit(),
  FIELD(occupied_by, "occupiedBy", 2).omit(),
  FIELD(running, "running", 3).omit(),
  FIELD(succeeded, "succeeded", 4).omit(),
  FIELD(failed, "failed", 5).omit(),
  FIELD(schedule_start_time, "scheduleStartTime", 6).omit())

ORRERY_STRUCT(PodGroup,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2).omit(),
  FIELD(status, "status", 3).omit())

}  // namespace orrery::api
