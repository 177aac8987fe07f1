// policy/v1 PodDisruptionBudget. Source: k8s.io/api/policy/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct PodDisruptionBudgetSpec {
  std::optional<IntOrString> min_available;
  Box<LabelSelector> selector;
  std::optional<IntOrString> max_unavailable;
  std::optional<Str> unhealthy_pod_eviction_policy;
};

struct PodDisruptionBudgetStatus {
  std::int64_t observed_generation = 0;
  Map<Time> disrupted_pods;
  std::int32_t disruptions_allowed = 0, current_healthy = 0, desired_healthy = 0, expected_pods = 0;
  List<Condition> conditions;
};

struct PodDisruptionBudget {
  ObjectMeta metadata;
  Cow<PodDisruptionBudgetSpec> spec;
  Cow<PodDisruptionBudgetStatus> status;
};

ORRERY_DECLARE_STRUCT(PodDisruptionBudgetSpec)
ORRERY_DECLARE_STRUCT(PodDisruptionBudgetStatus)
ORRERY_DECLARE_KIND(PodDisruptionBudget)

}  // namespace orrery::api
