#include "model/api/scale.h"

namespace orrery::api {

ORRERY_STRUCT(ScaleSpec,
  FIELD(replicas, "replicas", 1).omit())

ORRERY_STRUCT(ScaleStatus,
  FIELD(replicas, "replicas", 1),
  FIELD(selector, "selector", 2).omit())

ORRERY_STRUCT(Scale,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api
