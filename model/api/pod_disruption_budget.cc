#include "model/api/pod_disruption_budget.h"

namespace orrery::api {

ORRERY_STRUCT(PodDisruptionBudgetSpec,
  FIELD(min_available, "minAvailable", 1).omit(),
  FIELD(selector, "selector", 2).omit().atomic(),
  FIELD(max_unavailable, "maxUnavailable", 3).omit(),
  FIELD(unhealthy_pod_eviction_policy, "unhealthyPodEvictionPolicy", 4).omit()
      .values("IfHealthyBudget,AlwaysAllow"))

ORRERY_STRUCT(PodDisruptionBudgetStatus,
  FIELD(observed_generation, "observedGeneration", 1).omit(),
  FIELD(disrupted_pods, "disruptedPods", 2).omit(),
  FIELD(disruptions_allowed, "disruptionsAllowed", 3),
  FIELD(current_healthy, "currentHealthy", 4),
  FIELD(desired_healthy, "desiredHealthy", 5),
  FIELD(expected_pods, "expectedPods", 6),
  FIELD(conditions, "conditions", 7).omit().merge("type").map_list("type"))

ORRERY_STRUCT(PodDisruptionBudget,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api
