// The arithmetic of disruption budgets; pure (pkg/controller/disruption).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "control/client/pod_util.h"
#include "model/api/pod_disruption_budget.h"

namespace orrery::controllers {

using base::Str;
using client::PodHandle;

inline constexpr base::Nanos kDisruptionDeletionTimeout = 2 * base::kMinute;

/// True when the budget is a share of its controllers' replicas.
bool needs_scale(const api::PodDisruptionBudgetSpec& spec);

struct BudgetInput {
  std::vector<PodHandle> pods;
  std::int32_t scale = 0;  ///< of the pods' controllers; used when needs_scale
  base::Instant wall;
};
struct BudgetPlan {
  api::PodDisruptionBudgetStatus status;
  std::optional<base::Nanos> recheck;  ///< when the next announced deletion expires
  std::vector<PodHandle> not_deleted;  ///< whose announced deletion has expired
  std::optional<std::string> failure;  ///< the spec makes no sense; then nothing else counts
};
/// The status that the budget should have now.
BudgetPlan plan_budget(const api::PodDisruptionBudget& pdb, const BudgetInput& input);
/// The status when it cannot be computed: no disruption is allowed.
api::PodDisruptionBudgetStatus failed_budget(const api::PodDisruptionBudget& pdb, Str why,
                                             base::Instant wall);

/// How long from now until DisruptionTarget of a pod is stale (0: it is); nullopt when it never is.
std::optional<base::Nanos> stale_disruption_in(const api::Pod& pod, base::Instant wall);

}  // namespace orrery::controllers
