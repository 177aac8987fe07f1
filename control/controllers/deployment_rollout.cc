#include "control/client/pod_util.h"
#include "control/controllers/deployment.h"

namespace orrery::controllers {

env::Task<DeploymentController::Failure> DeploymentController::scale_set(Rollout& r, ReplicaSetHandle set,
                                                                         std::int32_t replicas, bool* scaled) {
  const std::int32_t before = replicas_of(*set);
  const std::int32_t desired = replicas_of(r.d);
  const std::int32_t most = desired + max_surge(r.d);
  if (before == replicas && !replicas_annotations_differ(set->metadata, desired, most)) co_return std::nullopt;
  api::ReplicaSet next = *set;
  next.spec.edit().replicas = replicas;
  set_replicas_annotations(next.metadata, desired, most);
  const auto written = co_await client_.update(api::make_object(std::move(next)));
  if (!written) co_return written.error();
  const ReplicaSetHandle updated(*written);
  if (r.newest && r.newest->metadata.uid == set->metadata.uid) r.newest = updated;
  for (ReplicaSetHandle& rs : r.old) {
    if (rs->metadata.uid == set->metadata.uid) rs = updated;
  }
  if (before == replicas) co_return std::nullopt;
  if (scaled) *scaled = true;
  events_.event(*r.object, "Normal", "ScalingReplicaSet",
                base::cat("Scaled ", before < replicas ? "up" : "down", " replica set ", set->metadata.name, " from ",
                          std::to_string(before), " to ", std::to_string(replicas)));
  co_return std::nullopt;
}

env::Task<DeploymentController::Failure> DeploymentController::scale_steps(Rollout& r, std::vector<ScaleStep> steps,
                                                                           bool* scaled) {
  for (const ScaleStep& step : steps) {
    if (replicas_of(*step.set) == step.replicas) continue;
    Failure f = co_await scale_set(r, step.set, step.replicas, scaled);
    if (f) co_return f;
  }
  co_return std::nullopt;
}

env::Task<DeploymentController::Failure> DeploymentController::reconcile_new(Rollout& r, bool* scaled) {
  const std::int32_t size = replicas_of(*r.newest);
  const std::int32_t desired = replicas_of(r.d);
  if (size == desired) co_return std::nullopt;
  const std::int32_t next = size > desired ? desired : new_set_replicas(r.d, r.all(), size);
  if (next == size) co_return std::nullopt;
  Failure f = co_await scale_set(r, r.newest, next, scaled);
  co_return f;
}

// Upstream drops the errors of this step: the status is written all the same, and the next event tries again.
env::Task<DeploymentController::Failure> DeploymentController::reconcile_old(Rollout& r, bool* scaled) {
  if (spec_replicas(r.old) == 0) co_return std::nullopt;
  const bool careless = env_.faults.here(env::Site::kRollingUpdateIgnoresUnavailable);
  if (!careless) {
    const std::int32_t limit = max_scaled_down(r.d, r.all(), *r.newest);
    if (limit <= 0) co_return std::nullopt;
    bool cleaned = false;
    for (const ScaleStep& step : cleanup_unhealthy(active_sets(r.old), limit)) {
      if (step.replicas > replicas_of(*step.set)) co_return std::nullopt;
      const Failure f = co_await scale_set(r, step.set, step.replicas, &cleaned);
      if (f) co_return std::nullopt;
    }
    *scaled = cleaned;
  }
  bool dropped = false;
  const Failure f = co_await scale_steps(r, scale_down_old(r.d, r.all(), active_sets(r.old), careless), &dropped);
  if (f) *scaled = false;
  else if (dropped) *scaled = true;
  co_return std::nullopt;
}

env::Task<DeploymentController::Failure> DeploymentController::roll(Rollout& r) {
  Failure f = co_await sync_sets(r, true);
  if (f) co_return f;
  bool scaled = false;
  f = co_await reconcile_new(r, &scaled);
  if (f) co_return f;
  if (!scaled) {
    f = co_await reconcile_old(r, &scaled);
    if (f) co_return f;
  }
  if (!scaled && deployment_complete(r.d, *r.d.status)) {
    f = co_await clean_up(r);
    if (f) co_return f;
  }
  f = co_await write_rollout_status(r);
  co_return f;
}

bool DeploymentController::old_pods_running(const Rollout& r) const {
  if (status_replicas(r.old) > 0) return true;
  for (const ReplicaSetHandle& rs : r.old) {
    for (const ObjectRef& pod : pods_.by_index(pods_by_controller_, rs->metadata.uid)) {
      if (!client::is_pod_terminal(pod->as<api::Pod>())) return true;
    }
  }
  return false;
}

env::Task<DeploymentController::Failure> DeploymentController::recreate(Rollout& r) {
  Failure f = co_await sync_sets(r, false);
  if (f) co_return f;
  bool scaled = false;
  for (const ReplicaSetHandle& rs : active_sets(r.old)) {
    f = co_await scale_set(r, rs, 0, &scaled);
    if (f) co_return f;
  }
  if (scaled || old_pods_running(r)) {
    f = co_await write_rollout_status(r);
    co_return f;
  }
  if (!r.newest) {
    f = co_await sync_sets(r, true);
    if (f) co_return f;
  }
  if (replicas_of(*r.newest) != replicas_of(r.d)) {
    f = co_await scale_set(r, r.newest, replicas_of(r.d), &scaled);
    if (f) co_return f;
  }
  if (deployment_complete(r.d, *r.d.status)) {
    f = co_await clean_up(r);
    if (f) co_return f;
  }
  f = co_await write_rollout_status(r);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::clear_rollback(Rollout& r) {
  r.d.metadata.annotations.erase(kRollbackAnnotation);
  const auto written = co_await client_.update(api::make_object(r.d));
  if (!written) co_return written.error();
  co_return std::nullopt;
}

env::Task<DeploymentController::Failure> DeploymentController::rollback_to(Rollout& r, ReplicaSetHandle set,
                                                                           std::int64_t revision) {
  const bool differs = !equal_ignoring_hash(r.d.spec->template_, set->spec->template_);
  if (differs) {
    r.d.spec.edit().template_ = without_hash(set->spec->template_);
    set_deployment_annotations_to(r.d.metadata, set->metadata);
  } else {
    events_.event(*r.object, "Warning", "DeploymentRollbackTemplateUnchanged",
                  base::cat("The rollback revision contains the same template as current deployment \"",
                            r.d.metadata.name, "\""));
  }
  Failure f = co_await clear_rollback(r);
  if (differs && !f) {
    events_.event(*r.object, "Normal", "DeploymentRollback",
                  base::cat("Rolled back deployment \"", r.d.metadata.name, "\" to revision ", std::to_string(revision)));
  }
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::rollback(Rollout& r) {
  Failure f = co_await sync_sets(r, true);
  if (f) co_return f;
  const auto asked = api::parse_decimal(r.d.metadata.annotations.get(kRollbackAnnotation));
  std::int64_t wanted = asked ? *asked : 0;
  std::string_view missing = "Unable to find the revision to rollback to.";
  if (wanted == 0) {
    wanted = last_revision(r.all());
    if (wanted == 0) missing = "Unable to find last revision.";
  }
  for (const ReplicaSetHandle& rs : r.all()) {
    if (wanted == 0 || revision_of(rs->metadata) != wanted) continue;
    f = co_await rollback_to(r, rs, wanted);
    co_return f;
  }
  events_.event(*r.object, "Warning", "DeploymentRollbackRevisionNotFound", missing);
  f = co_await clear_rollback(r);
  co_return f;
}

}  // namespace orrery::controllers
