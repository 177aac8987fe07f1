#include "model/api/namespace.h"

namespace orrery::api {

ORRERY_STRUCT(NamespaceSpec,
  FIELD(finalizers, "finalizers", 1).omit())

ORRERY_STRUCT(NamespaceCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_transition_time, "lastTransitionTime", 4),
  FIELD(reason, "reason", 5).omit(),
  FIELD(message, "message", 6).omit())

ORRERY_STRUCT(NamespaceStatus,
  FIELD(phase, "phase", 1).omit(),
  FIELD(conditions, "conditions", 2).omit().merge("type").map_list("type"))

ORRERY_STRUCT(Namespace,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api
