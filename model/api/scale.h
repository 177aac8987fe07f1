// autoscaling/v1 Scale, the body of the scale sub-resource. Source: k8s.io/api/autoscaling/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct ScaleSpec {
  std::int32_t replicas = 0;
};

struct ScaleStatus {
  std::int32_t replicas = 0;
  Str selector;
};

struct Scale {
  ObjectMeta metadata;
  Cow<ScaleSpec> spec;
  Cow<ScaleStatus> status;
};

ORRERY_DECLARE_STRUCT(ScaleSpec)
ORRERY_DECLARE_STRUCT(ScaleStatus)
ORRERY_DECLARE_KIND(Scale)

}  // namespace orrery::api
