#include "model/api/replication_controller.h"

namespace orrery::api {

ORRERY_STRUCT(ReplicationControllerSpec,
  FIELD(replicas, "replicas", 1).omit().def("1"),
  FIELD(min_ready_seconds, "minReadySeconds", 4).omit(),
  FIELD(selector, "selector", 2).omit().atomic(),
  FIELD(template_, "template", 3).omit())

ORRERY_STRUCT(ReplicationControllerCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_transition_time, "lastTransitionTime", 3),
  FIELD(reason, "reason", 4).omit(),
  FIELD(message, "message", 5).omit())

ORRERY_STRUCT(ReplicationControllerStatus,
  FIELD(replicas, "replicas", 1),
  FIELD(fully_labeled_replicas, "fullyLabeledReplicas", 2).omit(),
  FIELD(ready_replicas, "readyReplicas", 4).omit(),
  FIELD(available_replicas, "availableReplicas", 5).omit(),
  FIELD(observed_generation, "observedGeneration", 3).omit(),
  FIELD(conditions, "conditions", 6).omit().merge("type").map_list("type"))

ORRERY_STRUCT(ReplicationController,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::ReplicationControllerSpec, PartFacts>;
}  // namespace orrery::base
