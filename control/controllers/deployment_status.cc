#include "control/controllers/deployment_status.h"

#include <algorithm>

#include "control/controllers/replica_set_decisions.h"

namespace orrery::controllers {
namespace {

constexpr std::string_view kNewReplicaSetAvailable = "NewReplicaSetAvailable";
constexpr std::string_view kTimedOut = "ProgressDeadlineExceeded";
constexpr std::string_view kPausedReason = "DeploymentPaused";

/// `ReplicaSet "NAME" TEXT`, or of the Deployment when there is no set.
Str progress_message(const api::Deployment& d, const ReplicaSetHandle& newest, std::string_view text) {
  if (newest) return base::cat("ReplicaSet \"", newest->metadata.name, "\" ", text);
  return base::cat("Deployment \"", d.metadata.name, "\" ", text);
}

std::optional<api::DeploymentCondition> set_failure(const ReplicaSetHandle& rs) {
  if (!rs) return std::nullopt;
  const api::ReplicaSetCondition* c = find_condition(*rs->status, kReplicaFailure);
  if (!c) return std::nullopt;
  api::DeploymentCondition out;
  out.type = c->type;
  out.status = c->status;
  out.last_transition_time = c->last_transition_time;
  out.last_update_time = c->last_transition_time;
  out.reason = c->reason;
  out.message = c->message;
  return out;
}

std::optional<api::DeploymentCondition> replica_failure(const ReplicaSetList& all, const ReplicaSetHandle& newest) {
  if (auto failure = set_failure(newest)) return failure;
  for (const ReplicaSetHandle& rs : all) {
    if (auto failure = set_failure(rs)) return failure;
  }
  return std::nullopt;
}

void update_progress(const api::Deployment& d, const ReplicaSetHandle& newest, api::DeploymentStatus& next,
                     base::Instant wall) {
  const api::Time now = api::Time::from(wall);
  const api::DeploymentCondition* current = find_condition(*d.status, kProgressing);
  if (deployment_complete(d, next)) {
    set_condition(next, make_condition(kProgressing, "True", kNewReplicaSetAvailable,
                                       progress_message(d, newest, "has successfully progressed."), now));
  } else if (deployment_progressing(*d.status, next)) {
    auto c = make_condition(kProgressing, "True", "ReplicaSetUpdated", progress_message(d, newest, "is progressing."),
                            now);
    if (current) {
      // Here the same reason must move lastUpdateTime, which set_condition would not do.
      if (current->status == "True") c.last_transition_time = current->last_transition_time;
      remove_condition(next, kProgressing);
    }
    set_condition(next, std::move(c));
  } else if (deployment_timed_out(d, next, wall)) {
    set_condition(next, make_condition(kProgressing, "False", kTimedOut,
                                       progress_message(d, newest, "has timed out progressing."), now));
  }
}

}  // namespace

api::DeploymentCondition make_condition(std::string_view type, std::string_view status, std::string_view reason,
                                        Str message, api::Time now) {
  api::DeploymentCondition c;
  c.type = type;
  c.status = status;
  c.last_update_time = now;
  c.last_transition_time = now;
  c.reason = reason;
  c.message = std::move(message);
  return c;
}

void set_condition(api::DeploymentStatus& status, api::DeploymentCondition condition) {
  const api::DeploymentCondition* old = find_condition(status, condition.type);
  if (old && old->status == condition.status) {
    if (old->reason == condition.reason) return;
    condition.last_transition_time = old->last_transition_time;
  }
  remove_condition(status, condition.type);
  status.conditions.push_back(std::move(condition));
}

void remove_condition(api::DeploymentStatus& status, std::string_view type) {
  if (!find_condition(status, type)) return;
  const Str kept(type);
  std::erase_if(status.conditions.edit(), [&kept](const api::DeploymentCondition& c) { return c.type == kept; });
}

api::DeploymentStatus deployment_status(const api::Deployment& d, const ReplicaSetList& all,
                                        const ReplicaSetHandle& newest, api::Time now) {
  api::DeploymentStatus next;
  const std::int32_t available = available_replicas(all);
  next.observed_generation = d.metadata.generation;
  next.replicas = status_replicas(all);
  next.updated_replicas = newest ? newest->status->replicas : 0;
  next.ready_replicas = ready_replicas(all);
  next.available_replicas = available;
  next.unavailable_replicas = std::max(0, spec_replicas(all) - available);
  next.collision_count = d.status->collision_count;
  next.conditions = d.status->conditions;
  if (available >= replicas_of(d) - max_unavailable(d)) {
    set_condition(next, make_condition(kAvailable, "True", "MinimumReplicasAvailable",
                                       "Deployment has minimum availability.", now));
  } else {
    set_condition(next, make_condition(kAvailable, "False", "MinimumReplicasUnavailable",
                                       "Deployment does not have minimum availability.", now));
  }
  return next;
}

bool deployment_complete(const api::Deployment& d, const api::DeploymentStatus& status) {
  const std::int32_t wanted = replicas_of(d);
  return status.updated_replicas == wanted && status.replicas == wanted && status.available_replicas == wanted &&
         status.observed_generation >= d.metadata.generation;
}

bool deployment_progressing(const api::DeploymentStatus& old, const api::DeploymentStatus& next) {
  return next.updated_replicas > old.updated_replicas ||
         next.replicas - next.updated_replicas < old.replicas - old.updated_replicas ||
         next.ready_replicas > old.ready_replicas || next.available_replicas > old.available_replicas;
}

bool deployment_timed_out(const api::Deployment& d, const api::DeploymentStatus& next, base::Instant wall) {
  if (!has_progress_deadline(d)) return false;
  const api::DeploymentCondition* c = find_condition(next, kProgressing);
  if (!c || c->reason == kNewReplicaSetAvailable) return false;
  if (c->reason == kTimedOut) return true;
  return c->last_update_time.instant() + *d.spec->progress_deadline_seconds * base::kSecond < wall;
}

api::DeploymentStatus rollout_status(const api::Deployment& d, const ReplicaSetList& all, const ReplicaSetHandle& newest,
                                     base::Instant wall) {
  api::DeploymentStatus next = deployment_status(d, all, newest, api::Time::from(wall));
  if (!has_progress_deadline(d)) remove_condition(next, kProgressing);
  const api::DeploymentCondition* current = find_condition(*d.status, kProgressing);
  const bool completed_before =
      next.replicas == next.updated_replicas && current && current->reason == kNewReplicaSetAvailable;
  if (has_progress_deadline(d) && !completed_before) update_progress(d, newest, next, wall);
  if (auto failure = replica_failure(all, newest)) set_condition(next, std::move(*failure));
  else remove_condition(next, kDeploymentReplicaFailure);
  return next;
}

StuckCheck stuck_check(const api::Deployment& d, const api::DeploymentStatus& next, base::Instant wall) {
  const api::DeploymentCondition* c = find_condition(*d.status, kProgressing);
  if (!has_progress_deadline(d) || !c) return {};
  if (deployment_complete(d, next) || c->reason == kTimedOut) return {};
  const base::Instant deadline = c->last_update_time.instant() + *d.spec->progress_deadline_seconds * base::kSecond;
  const base::Nanos after = deadline - wall;
  if (after < base::kSecond) return {StuckCheck::kRateLimited, 0};
  return {StuckCheck::kAfter, after + base::kSecond};
}

std::optional<api::DeploymentCondition> paused_condition(const api::Deployment& d, api::Time now) {
  if (!has_progress_deadline(d)) return std::nullopt;
  const api::DeploymentCondition* c = find_condition(*d.status, kProgressing);
  if (c && c->reason == kTimedOut) return std::nullopt;
  const bool said_paused = c && c->reason == kPausedReason;
  if (d.spec->paused && !said_paused) {
    return make_condition(kProgressing, "Unknown", kPausedReason, "Deployment is paused", now);
  }
  if (!d.spec->paused && said_paused) {
    return make_condition(kProgressing, "Unknown", "DeploymentResumed", "Deployment is resumed", now);
  }
  return std::nullopt;
}

}  // namespace orrery::controllers
