#include "model/api/deployment.h"

namespace orrery::api {

ORRERY_STRUCT(RollingUpdateDeployment,
  FIELD(max_unavailable, "maxUnavailable", 1).omit(),
  FIELD(max_surge, "maxSurge", 2).omit())

ORRERY_STRUCT(DeploymentStrategy,
  FIELD(type, "type", 1).omit().def("RollingUpdate").values("Recreate,RollingUpdate"),
  FIELD(rolling_update, "rollingUpdate", 2).omit())

ORRERY_STRUCT(DeploymentSpec,
  FIELD(replicas, "replicas", 1).omit().def("1"),
  FIELD(selector, "selector", 2).required().immutable().atomic(),
  FIELD(template_, "template", 3),
  FIELD(strategy, "strategy", 4).retain_keys(),
  FIELD(min_ready_seconds, "minReadySeconds", 5).omit(),
  FIELD(revision_history_limit, "revisionHistoryLimit", 6).omit().def("10"),
  FIELD(paused, "paused", 7).omit(),
  FIELD(progress_deadline_seconds, "progressDeadlineSeconds", 9).omit().def("600"))

ORRERY_STRUCT(DeploymentCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_update_time, "lastUpdateTime", 6),
  FIELD(last_transition_time, "lastTransitionTime", 7),
  FIELD(reason, "reason", 4).omit(),
  FIELD(message, "message", 5).omit())

ORRERY_STRUCT(DeploymentStatus,
  FIELD(observed_generation, "observedGeneration", 1).omit(),
  FIELD(replicas, "replicas", 2).omit(),
  FIELD(updated_replicas, "updatedReplicas", 3).omit(),
  FIELD(ready_replicas, "readyReplicas", 7).omit(),
  FIELD(available_replicas, "availableReplicas", 4).omit(),
  FIELD(unavailable_replicas, "unavailableReplicas", 5).omit(),
  FIELD(terminating_replicas, "terminatingReplicas", 9).omit(),
  FIELD(conditions, "conditions", 6).omit().merge("type").map_list("type"),
  FIELD(collision_count, "collisionCount", 8).omit())

ORRERY_STRUCT(Deployment,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::DeploymentSpec, PartFacts>;
}  // namespace orrery::base
