// Conditions and policies of Jobs.
#include <algorithm>

#include "control/controllers/job_pods.h"

namespace orrery::controllers {
namespace {

bool code_matches(const api::PodFailurePolicyOnExitCodesRequirement& r, std::int32_t code) {
  const bool listed = std::find(r.values.begin(), r.values.end(), code) != r.values.end();
  if (r.operator_ == "In") return listed;
  return r.operator_ == "NotIn" && !listed;
}

const api::ContainerStatus* matching_container(
    const base::List<api::ContainerStatus>& statuses,
    const api::PodFailurePolicyOnExitCodesRequirement& r) {
  for (const api::ContainerStatus& s : statuses) {
    if (!s.state.terminated || (r.container_name && !(*r.container_name == s.name))) continue;
    if (s.state.terminated->exit_code != 0 && code_matches(r, s.state.terminated->exit_code))
      return &s;
  }
  return nullptr;
}

const api::PodCondition* matching_condition(const api::Pod& pod,
                                            const api::PodFailurePolicyRule& rule) {
  for (const api::PodCondition& c : pod.status->conditions) {
    for (const api::PodFailurePolicyOnPodConditionsPattern& p : rule.on_pod_conditions) {
      if (c.type == p.type && c.status == p.status) return &c;
    }
  }
  return nullptr;
}

/// Why the rule applies, in the words of a FailJob message; nullopt when it does not.
std::optional<std::string> reason_of(const api::PodFailurePolicyRule& rule, const api::Pod& pod) {
  if (rule.on_exit_codes) {
    const api::ContainerStatus* c =
        matching_container(pod.status->container_statuses, *rule.on_exit_codes);
    if (!c) c = matching_container(pod.status->init_container_statuses, *rule.on_exit_codes);
    if (!c) return std::nullopt;
    return base::cat("Container ", c->name, " for pod ", pod.metadata.namespace_, "/",
                     pod.metadata.name, " failed with exit code ",
                     std::to_string(c->state.terminated->exit_code));
  }
  const api::PodCondition* c = matching_condition(pod, rule);
  if (!c) return std::nullopt;
  return base::cat("Pod ", pod.metadata.namespace_, "/", pod.metadata.name, " has condition ",
                   c->type);
}

}  // namespace

bool is_indexed(const api::Job& job) {
  return job.spec->completion_mode && *job.spec->completion_mode == "Indexed";
}
bool is_suspended(const api::Job& job) { return job.spec->suspend.value_or(false); }
bool replaces_failed_only(const api::Job& job) {
  if (job.spec->pod_replacement_policy && *job.spec->pod_replacement_policy == "Failed")
    return true;
  return job.spec->pod_failure_policy.has_value();
}
bool is_job_finished(const api::Job& job) {
  return true_condition(*job.status, "Complete") || true_condition(*job.status, "Failed");
}

const api::JobCondition* true_condition(const api::JobStatus& status, std::string_view type) {
  const api::JobCondition* c = find_condition(status, type);
  return c && c->status == "True" ? c : nullptr;
}

api::JobCondition job_condition(Str type, Str reason, Str message, api::Time now) {
  api::JobCondition c;
  c.type = std::move(type);
  c.status = "True";
  c.last_probe_time = now;
  c.last_transition_time = now;
  c.reason = std::move(reason);
  c.message = std::move(message);
  return c;
}

bool ensure_condition(api::JobStatus& status, Str type, Str status_text, Str reason, Str message,
                      api::Time now) {
  const api::JobCondition* old = find_condition(status, type);
  if (!old && status_text == "False") return false;
  if (old && old->status == status_text && old->reason == reason && old->message == message)
    return false;
  api::JobCondition next =
      job_condition(std::move(type), std::move(reason), std::move(message), now);
  next.status = std::move(status_text);
  if (!old) {
    status.conditions.push_back(std::move(next));
  } else {
    const auto index = static_cast<std::size_t>(old - status.conditions.begin());
    status.conditions.edit()[index] = std::move(next);
  }
  return true;
}

PolicyMatch match_failure_policy(const api::Job& job, const api::Pod& failed) {
  PolicyMatch match;
  if (!job.spec->pod_failure_policy) return match;
  const auto& rules = job.spec->pod_failure_policy->rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto reason = reason_of(rules[i], failed);
    if (!reason) continue;
    if (rules[i].action == "Ignore") match.counts = false;
    if (rules[i].action == "FailIndex") match.fails_index = true;
    if (rules[i].action == "FailJob") {
      match.fail_job =
          base::cat(*reason, " matching ", rules[i].action, " rule at index ", std::to_string(i));
    }
    return match;
  }
  return match;
}

std::optional<std::string> match_success_policy(const api::Job& job, const IndexSet& succeeded) {
  if (!job.spec->success_policy || succeeded.empty()) return std::nullopt;
  const auto& rules = job.spec->success_policy->rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const api::SuccessPolicyRule& rule = rules[i];
    bool met = false;
    if (rule.succeeded_indexes) {
      const IndexSet required = IndexSet::parse(*rule.succeeded_indexes, *job.spec->completions);
      const int present = required.overlap(succeeded);
      met = !required.empty() && (present == required.total() ||
                                  (rule.succeeded_count && present >= *rule.succeeded_count));
    } else {
      met = rule.succeeded_count && succeeded.total() >= *rule.succeeded_count;
    }
    if (met) return base::cat("Matched rules at index ", std::to_string(i));
  }
  return std::nullopt;
}

}  // namespace orrery::controllers
