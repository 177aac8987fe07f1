// scheduling.k8s.io/v1 PriorityClass. Source: k8s.io/api/scheduling/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct PriorityClass {
  ObjectMeta metadata;
  std::int32_t value = 0;
  bool global_default = false;
  Str description;
  std::optional<Str> preemption_policy;
};

ORRERY_DECLARE_KIND(PriorityClass)

}  // namespace orrery::api
