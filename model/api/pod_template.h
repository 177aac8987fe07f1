// The pods that a workload makes. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/meta.h"
#include "model/api/pod.h"

namespace orrery::api {

struct PodTemplateSpec {
  ObjectMeta metadata;
  Cow<PodSpec> spec;
};

ORRERY_DECLARE_STRUCT(PodTemplateSpec)

}  // namespace orrery::api
