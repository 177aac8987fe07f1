#include <algorithm>

#include "model/api/validation/core_validation.h"
#include "model/api/validation/pod_validation.h"
#include "model/api/validation/resource_rules.h"

namespace orrery::api {

namespace {

constexpr std::int32_t kUserPriorityMax = 1'000'000'000;
constexpr struct {
  std::string_view name;
  std::int32_t value;
} kSystemPriorities[] = {{"system-node-critical", 2'000'001'000}, {"system-cluster-critical", 2'000'000'000}};
constexpr std::string_view kScopes[] = {"Terminating",   "NotTerminating", "BestEffort",
                                        "NotBestEffort", "PriorityClass",  "CrossNamespacePodAffinity"};
constexpr std::string_view kPodResources[] = {"cpu",  "limits.cpu",   "limits.memory",  "memory",
                                              "pods", "requests.cpu", "requests.memory"};

void check_threshold(const std::optional<IntOrString>& value, const FieldPath& path, ErrorList& errors) {
  if (!value) return;
  check_count_or_percent(*value, path, errors);
  check_at_most_100_percent(*value, path, errors);
}

bool is_scope(std::string_view scope) {
  return std::find(std::begin(kScopes), std::end(kScopes), scope) != std::end(kScopes);
}

/// Whether pods of a scope have such a resource.
bool scope_has(std::string_view scope, std::string_view resource) {
  if (scope == "BestEffort") return resource == "pods";
  return std::find(std::begin(kPodResources), std::end(kPodResources), resource) != std::end(kPodResources);
}

void check_amounts(const ResourceList& list, const FieldPath& path, ErrorList& errors) {
  for (const auto& [name, amount] : list) {
    check_quota_resource_name(name, path.key(name), errors);
    check_amount(name, amount, path.key(name), errors);
  }
}

template <class Has>
void check_conflicts(const ResourceQuotaSpec& spec, Has has, const FieldPath& path, ErrorList& errors) {
  const auto scopes = [&] { return BadValue::list({spec.scopes.begin(), spec.scopes.size()}); };
  if (has("BestEffort") && has("NotBestEffort")) errors.invalid(path, scopes(), "conflicting scopes");
  if (has("Terminating") && has("NotTerminating")) errors.invalid(path, scopes(), "conflicting scopes");
}

void check_scopes(const ResourceQuotaSpec& spec, const FieldPath& path, ErrorList& errors) {
  if (spec.scopes.empty()) return;
  const FieldPath at = path.child("scopes");
  const auto list = [&] { return BadValue::list({spec.scopes.begin(), spec.scopes.size()}); };
  for (const Str& scope : spec.scopes) {
    if (!is_scope(scope)) errors.invalid(at, list(), "unsupported scope");
    for (const auto& [name, amount] : spec.hard)
      if (is_quota_resource(name) && !scope_has(scope, name))
        errors.invalid(at, list(), "unsupported scope applied to resource");
  }
  const auto has = [&](std::string_view s) {
    return std::any_of(spec.scopes.begin(), spec.scopes.end(), [s](const Str& o) { return o == s; });
  };
  check_conflicts(spec, has, at, errors);
}

void check_scope_requirement(const ResourceQuotaSpec& spec, const ScopedResourceSelectorRequirement& r,
                             const FieldPath& path, ErrorList& errors) {
  if (!is_scope(r.scope_name)) errors.invalid(path.child("scopeName"), r.scope_name, "unsupported scope");
  for (const auto& [name, amount] : spec.hard)
    if (is_quota_resource(name) && !scope_has(r.scope_name, name))
      errors.invalid(path, bad_struct("core.ScopeSelector"), "unsupported scope applied to resource");
  if (is_scope(r.scope_name) && r.scope_name != "PriorityClass" && r.operator_ != "Exists")
    errors.invalid(
        path.child("operator"), r.operator_,
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
        "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
        "ResourceQuotaScopeCrossNamespacePodAffinity");
  if (r.operator_ == "In" || r.operator_ == "NotIn") {
    if (r.values.empty())
      errors.required(path.child("values"),
                      "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
  } else if (r.operator_ == "Exists" || r.operator_ == "DoesNotExist") {
    if (!r.values.empty())
      errors.invalid(path.child("values"), BadValue::list({r.values.begin(), r.values.size()}),
                     "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
  } else {
    errors.invalid(path.child("operator"), r.operator_, "not a valid selector operator");
  }
}

void check_quota_spec(const ResourceQuotaSpec& spec, ErrorList& errors) {
  const FieldPath path("spec");
  check_amounts(spec.hard, path.child("hard"), errors);
  check_scopes(spec, path, errors);
  if (!spec.scope_selector) return;
  const FieldPath at = path.child("scopeSelector", "matchExpressions");
  const auto& expressions = spec.scope_selector->match_expressions;
  for (const auto& r : expressions) check_scope_requirement(spec, r, at, errors);
  const auto has = [&](std::string_view s) {
    return std::any_of(expressions.begin(), expressions.end(),
                       [s](const auto& r) { return r.scope_name == s; });
  };
  check_conflicts(spec, has, at, errors);
}

bool same_set(const List<Str>& a, const List<Str>& b) {
  const auto within = [](const List<Str>& x, const List<Str>& y) {
    return std::all_of(x.begin(), x.end(),
                       [&](const Str& s) { return std::find(y.begin(), y.end(), s) != y.end(); });
  };
  return within(a, b) && within(b, a);
}

/// What is wrong with a class whose name is reserved; empty when it is one of the system's own.
std::string system_class_problem(const PriorityClass& priority) {
  for (const auto& known : kSystemPriorities) {
    if (priority.metadata.name != known.name) continue;
    if (priority.value != known.value)
      return base::cat("value of ", known.name, " PriorityClass must be ", std::to_string(known.value));
    if (priority.global_default)
      return base::cat("globalDefault of ", known.name, " PriorityClass must be false");
    return {};
  }
  return base::cat(priority.metadata.name, " is not a known system priority class");
}

}  // namespace

void check_disruption_budget(const PodDisruptionBudget& budget, ErrorList& errors) {
  const PodDisruptionBudgetSpec& spec = *budget.spec;
  const FieldPath path("spec");
  if (spec.min_available && spec.max_unavailable)
    errors.invalid(path, bad_struct("policy.PodDisruptionBudgetSpec"),
                   "minAvailable and maxUnavailable cannot be both set");
  check_threshold(spec.min_available, path.child("minAvailable"), errors);
  check_threshold(spec.max_unavailable, path.child("maxUnavailable"), errors);
  check_label_selector(spec.selector.get(), path.child("selector"), errors);
  const auto& policy = spec.unhealthy_pod_eviction_policy;
  if (policy && *policy != "AlwaysAllow" && *policy != "IfHealthyBudget")
    errors.not_supported(path.child("unhealthyPodEvictionPolicy"), *policy,
                         {"AlwaysAllow", "IfHealthyBudget"});
}

void check_disruption_budget_status(const PodDisruptionBudget&, const PodDisruptionBudget& next,
                                    ErrorList& errors) {
  const PodDisruptionBudgetStatus& s = *next.status;
  const FieldPath path("status");
  check_non_negative(s.disruptions_allowed, path.child("disruptionsAllowed"), errors);
  check_non_negative(s.current_healthy, path.child("currentHealthy"), errors);
  check_non_negative(s.desired_healthy, path.child("desiredHealthy"), errors);
  check_non_negative(s.expected_pods, path.child("expectedPods"), errors);
}

/// The schema of its CustomResourceDefinition.
void check_pod_group(const PodGroup& group, ErrorList& errors) {
  const FieldPath spec("spec");
  const FieldPath member = spec.child("minMember");
  if (group.spec->min_member < 1) errors.invalid(member, group.spec->min_member, "spec.minMember in body should be greater than or equal to 1");
}

void check_priority_class(const PriorityClass& priority, ErrorList& errors) {
  const FieldPath meta("metadata");
  if (priority.metadata.name.view().starts_with("system-")) {
    const std::string problem = system_class_problem(priority);
    if (!problem.empty())
      errors.forbidden(meta.child("name"),
                       "priority class names with 'system-' prefix are reserved for system use only. "
                       "error: " +
                           problem);
  } else if (priority.value > kUserPriorityMax) {
    errors.forbidden(FieldPath("value"), "maximum allowed value of a user defined priority is 1000000000");
  }
  if (priority.preemption_policy)
    check_preemption_policy(*priority.preemption_policy, FieldPath("preemptionPolicy"), errors);
}

void check_priority_class_update(const PriorityClass& old, const PriorityClass& next, ErrorList& errors) {
  if (old.value != next.value) errors.forbidden(FieldPath("value"), "may not be changed in an update.");
  if (old.preemption_policy != next.preemption_policy)
    errors.invalid(FieldPath("preemptionPolicy"),
                   next.preemption_policy ? BadValue(*next.preemption_policy) : BadValue::null(),
                   kImmutableText);
}

void check_quota(const ResourceQuota& quota, ErrorList& errors) {
  const FieldPath status("status");
  check_quota_spec(*quota.spec, errors);
  check_amounts(quota.status->hard, status.child("hard"), errors);
  check_amounts(quota.status->used, status.child("used"), errors);
}

void check_quota_update(const ResourceQuota& old, const ResourceQuota& next, ErrorList& errors) {
  if (next.spec.shares(old.spec)) return;
  check_quota_spec(*next.spec, errors);
  if (same_set(old.spec->scopes, next.spec->scopes)) return;
  const FieldPath path("spec");
  errors.invalid(path.child("scopes"), BadValue::list({next.spec->scopes.begin(), next.spec->scopes.size()}),
                 kImmutableText);
}

void check_quota_status(const ResourceQuota& old, const ResourceQuota& next, ErrorList& errors) {
  if (next.status.shares(old.status)) return;
  const FieldPath status("status");
  if (!next.status->hard.shares(old.status->hard))
    check_amounts(next.status->hard, status.child("hard"), errors);
  check_amounts(next.status->used, status.child("used"), errors);
}

}  // namespace orrery::api
