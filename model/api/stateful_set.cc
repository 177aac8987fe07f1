#include "model/api/stateful_set.h"

namespace orrery::api {

ORRERY_STRUCT(RollingUpdateStatefulSetStrategy,
  FIELD(partition, "partition", 1).omit(),
  FIELD(max_unavailable, "maxUnavailable", 2).omit())

ORRERY_STRUCT(StatefulSetUpdateStrategy,
  FIELD(type, "type", 1).omit().def("RollingUpdate").values("OnDelete,RollingUpdate"),
  FIELD(rolling_update, "rollingUpdate", 2).omit())

ORRERY_STRUCT(StatefulSetPersistentVolumeClaimRetentionPolicy,
  FIELD(when_deleted, "whenDeleted", 1).omit().def("Retain").values("Delete,Retain"),
  FIELD(when_scaled, "whenScaled", 2).omit().def("Retain").values("Delete,Retain"))

ORRERY_STRUCT(StatefulSetOrdinals,
  FIELD(start, "start", 1))

ORRERY_STRUCT(StatefulSetSpec,
  FIELD(replicas, "replicas", 1).omit().def("1"),
  FIELD(selector, "selector", 2).required().immutable().atomic(),
  FIELD(template_, "template", 3),
  FIELD(volume_claim_templates, "volumeClaimTemplates", 4).omit(),
  FIELD(service_name, "serviceName", 5).omit(),
  FIELD(pod_management_policy, "podManagementPolicy", 6).omit().def("OrderedReady")
      .values("OrderedReady,Parallel"),
  FIELD(update_strategy, "updateStrategy", 7),
  FIELD(revision_history_limit, "revisionHistoryLimit", 8).omit().def("10"),
  FIELD(min_ready_seconds, "minReadySeconds", 9).omit(),
  FIELD(persistent_volume_claim_retention_policy, "persistentVolumeClaimRetentionPolicy", 10).omit(),
  FIELD(ordinals, "ordinals", 11).omit())

ORRERY_STRUCT(StatefulSetCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_transition_time, "lastTransitionTime", 3),
  FIELD(reason, "reason", 4).omit(),
  FIELD(message, "message", 5).omit())

ORRERY_STRUCT(StatefulSetStatus,
  FIELD(observed_generation, "observedGeneration", 1).omit(),
  FIELD(replicas, "replicas", 2),
  FIELD(ready_replicas, "readyReplicas", 3).omit(),
  FIELD(current_replicas, "currentReplicas", 4).omit(),
  FIELD(updated_replicas, "updatedReplicas", 5).omit(),
  FIELD(current_revision, "currentRevision", 6).omit(),
  FIELD(update_revision, "updateRevision", 7).omit(),
  FIELD(collision_count, "collisionCount", 9).omit(),
  FIELD(conditions, "conditions", 10).omit().merge("type").map_list("type"),
  FIELD(available_replicas, "availableReplicas", 11))

ORRERY_STRUCT(StatefulSet,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::StatefulSetSpec, PartFacts>;
}  // namespace orrery::base
