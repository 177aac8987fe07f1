#include "model/api/daemon_set.h"

namespace orrery::api {

ORRERY_STRUCT(RollingUpdateDaemonSet,
  FIELD(max_unavailable, "maxUnavailable", 1).omit(),
  FIELD(max_surge, "maxSurge", 2).omit())

ORRERY_STRUCT(DaemonSetUpdateStrategy,
  FIELD(type, "type", 1).omit().def("RollingUpdate").values("OnDelete,RollingUpdate"),
  FIELD(rolling_update, "rollingUpdate", 2).omit())

ORRERY_STRUCT(DaemonSetSpec,
  FIELD(selector, "selector", 1).required().immutable().atomic(),
  FIELD(template_, "template", 2),
  FIELD(update_strategy, "updateStrategy", 3),
  FIELD(min_ready_seconds, "minReadySeconds", 4).omit(),
  FIELD(revision_history_limit, "revisionHistoryLimit", 6).omit().def("10"))

ORRERY_STRUCT(DaemonSetCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_transition_time, "lastTransitionTime", 3),
  FIELD(reason, "reason", 4).omit(),
  FIELD(message, "message", 5).omit())

ORRERY_STRUCT(DaemonSetStatus,
  FIELD(current_number_scheduled, "currentNumberScheduled", 1),
  FIELD(number_misscheduled, "numberMisscheduled", 2),
  FIELD(desired_number_scheduled, "desiredNumberScheduled", 3),
  FIELD(number_ready, "numberReady", 4),
  FIELD(observed_generation, "observedGeneration", 5).omit(),
  FIELD(updated_number_scheduled, "updatedNumberScheduled", 6).omit(),
  FIELD(number_available, "numberAvailable", 7).omit(),
  FIELD(number_unavailable, "numberUnavailable", 8).omit(),
  FIELD(collision_count, "collisionCount", 9).omit(),
  FIELD(conditions, "conditions", 10).omit().merge("type").map_list("type"))

ORRERY_STRUCT(DaemonSet,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::DaemonSetSpec, PartFacts>;
}  // namespace orrery::base
