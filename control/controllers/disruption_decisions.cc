#include "control/controllers/disruption_decisions.h"

#include <algorithm>

namespace orrery::controllers {
namespace {

constexpr const char* kAllowed = "DisruptionAllowed";

void set_allowed(api::PodDisruptionBudgetStatus& status, Str value, Str reason, Str message,
                 base::Instant wall) {
  api::Condition next;
  next.type = kAllowed;
  next.status = std::move(value);
  next.observed_generation = status.observed_generation;
  next.last_transition_time = api::Time::from(wall);
  next.reason = std::move(reason);
  next.message = std::move(message);
  for (std::size_t i = 0; i < status.conditions.size(); ++i) {
    const api::Condition& old = status.conditions[i];
    if (!(old.type == kAllowed)) continue;
    if (old.status == next.status) next.last_transition_time = old.last_transition_time;
    if (!api::deep_equal(old, next)) status.conditions.edit()[i] = next;
    return;
  }
  status.conditions.push_back(std::move(next));
}

/// Expected pods and healthy pods wanted.
std::optional<std::string> wanted(const api::PodDisruptionBudgetSpec& spec, const BudgetInput& in,
                                  api::PodDisruptionBudgetStatus& status) {
  status.expected_pods = needs_scale(spec) ? in.scale : static_cast<std::int32_t>(in.pods.size());
  if (spec.max_unavailable) {
    const auto most = spec.max_unavailable->scaled_value(status.expected_pods, true);
    if (!most) return most.error().message;
    status.desired_healthy = std::max(0, status.expected_pods - static_cast<std::int32_t>(*most));
  } else if (spec.min_available) {
    const auto least = spec.min_available->scaled_value(status.expected_pods, true);
    if (!least) return least.error().message;
    status.desired_healthy = static_cast<std::int32_t>(*least);
  } else {
    status.expected_pods = 0;
    status.desired_healthy = 0;
  }
  return std::nullopt;
}

}  // namespace

bool needs_scale(const api::PodDisruptionBudgetSpec& spec) {
  return spec.max_unavailable || (spec.min_available && spec.min_available->is_string());
}

BudgetPlan plan_budget(const api::PodDisruptionBudget& pdb, const BudgetInput& in) {
  BudgetPlan plan;
  const api::PodDisruptionBudgetStatus& old = *pdb.status;
  plan.status.conditions = old.conditions;
  plan.status.observed_generation = pdb.metadata.generation;
  plan.failure = wanted(*pdb.spec, in, plan.status);
  if (plan.failure) return plan;
  for (const PodHandle& pod : in.pods) {
    if (pod->metadata.deleting()) continue;
    const api::Time* announced = old.disrupted_pods.find(pod->metadata.name);
    if (announced) {
      const base::Nanos left = announced->instant() + kDisruptionDeletionTimeout - in.wall;
      if (left < 0) {
        plan.not_deleted.push_back(pod);
      } else {
        plan.status.disrupted_pods.set(pod->metadata.name, *announced);
        plan.recheck = std::min(plan.recheck.value_or(left), left);
        if (left > 0) continue;
      }
    }
    if (client::is_pod_ready(*pod)) ++plan.status.current_healthy;
  }
  const std::int32_t spare = plan.status.current_healthy - plan.status.desired_healthy;
  plan.status.disruptions_allowed = plan.status.expected_pods > 0 ? std::max(spare, 0) : 0;
  const bool some = plan.status.disruptions_allowed > 0;
  set_allowed(plan.status, some ? "True" : "False", some ? "SufficientPods" : "InsufficientPods",
              {}, in.wall);
  return plan;
}

api::PodDisruptionBudgetStatus failed_budget(const api::PodDisruptionBudget& pdb, Str why,
                                             base::Instant wall) {
  api::PodDisruptionBudgetStatus status = *pdb.status;
  status.disruptions_allowed = 0;
  set_allowed(status, "False", "SyncFailed", std::move(why), wall);
  return status;
}

std::optional<base::Nanos> stale_disruption_in(const api::Pod& pod, base::Instant wall) {
  const api::PodCondition* c = api::find_condition(*pod.status, "DisruptionTarget");
  if (!c || pod.metadata.deleting() || !(c->status == "True") ||
      c->reason == "TerminationByKubelet")
    return std::nullopt;
  if (client::is_pod_terminal(pod)) return std::nullopt;
  return std::max<base::Nanos>(
      0, kDisruptionDeletionTimeout - (wall - c->last_transition_time.instant()));
}

}  // namespace orrery::controllers
