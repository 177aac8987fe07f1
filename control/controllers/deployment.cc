#include "control/controllers/deployment.h"

#include "control/client/owner.h"
#include "control/client/pod_util.h"
#include "control/controllers/cost.h"
#include "control/controllers/pod_control.h"

namespace orrery::controllers {
namespace {

constexpr int kMaxRetries = 15;

QueueControllerOptions deployment_options() {
  QueueControllerOptions o;
  o.max_retries = kMaxRetries;
  o.sync_cpu = kDeploymentSyncCpu;
  return o;
}

bool selects_all(const api::Deployment& d) {
  const auto& selector = d.spec->selector;
  return selector && selector->match_labels.empty() && selector->match_expressions.empty();
}

}  // namespace

ReplicaSetList DeploymentController::Rollout::all() const {
  ReplicaSetList out = old;
  if (newest) out.push_back(newest);
  return out;
}

DeploymentController::DeploymentController(ControllerContext context)
    : QueueController(context, "deployment-controller", deployment_options()),
      deployments_(informer(KindId::kDeployment)),
      sets_(informer(KindId::kReplicaSet)),
      pods_(informer(KindId::kPod)),
      sets_by_controller_(client::controller_index(sets_)),
      pods_by_controller_(client::controller_index(pods_)) {
  deployments_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { enqueue((now ? now : old)->meta()); });
  sets_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { set_changed(old, now); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) {
    if (!now) pod_deleted(old);
  });
}

api::Handle<api::Deployment> DeploymentController::owner_of(const api::ObjectMeta& set) const {
  const api::OwnerReference* owner = api::controller_of(set);
  if (!owner || !(owner->kind == "Deployment")) return {};
  const ObjectRef d = deployments_.get(set.namespace_, owner->name);
  if (!d || !(d->meta().uid == owner->uid)) return {};
  return api::Handle<api::Deployment>(d);
}

void DeploymentController::enqueue_matching(const api::ObjectMeta& set) {
  if (set.labels.empty()) return;
  for (const ObjectRef& d : deployments_.list(set.namespace_)) {
    const api::Selector selector = client::selector_of(d->as<api::Deployment>().spec->selector);
    if (!selector.empty() && selector.matches(set.labels)) enqueue(d->meta());
  }
}

void DeploymentController::set_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now || (!old && now->meta().deleting())) {
    if (const auto d = owner_of((now ? now : old)->meta())) enqueue(d->metadata);
    return;
  }
  const api::ObjectMeta& after = now->meta();
  const api::OwnerReference* owner = api::controller_of(after);
  const bool handed_over = old && !client::same_controller(api::controller_of(old->meta()), owner);
  if (handed_over) {
    if (const auto former = owner_of(old->meta())) enqueue(former->metadata);
  }
  if (owner) {
    if (const auto d = owner_of(after)) enqueue(d->metadata);
    return;
  }
  if (!old || handed_over || !api::deep_equal(old->meta().labels, after.labels)) enqueue_matching(after);
}

void DeploymentController::pod_deleted(const ObjectRef& pod) {
  const api::OwnerReference* owner = api::controller_of(pod->meta());
  if (!owner || !(owner->kind == "ReplicaSet")) return;
  const ObjectRef set = sets_.get(pod->meta().namespace_, owner->name);
  if (!set || !(set->meta().uid == owner->uid)) return;
  const auto d = owner_of(set->meta());
  if (!d || !(d->spec->strategy.type == "Recreate")) return;
  // A Recreate rollout waits for the last old pod.
  for (const ObjectRef& other : sets_.by_index(sets_by_controller_, d->metadata.uid)) {
    if (!pods_.by_index(pods_by_controller_, other->meta().uid).empty()) return;
  }
  enqueue(d->metadata);
}

env::Task<SyncResult> DeploymentController::sync(Str key) {
  const SplitKey parts = split_key(key);
  Rollout r;
  r.object = deployments_.get(parts.namespace_, parts.name);
  if (!r.object) co_return SyncResult::ok();
  r.d = r.object->as<api::Deployment>();
  Failure failure = co_await reconcile(r);
  if (!failure || namespace_terminating(*failure)) co_return SyncResult::ok();
  co_return SyncResult::fail(*failure);
}

env::Task<DeploymentController::Failure> DeploymentController::reconcile(Rollout& r) {
  if (selects_all(r.d)) {
    events_.event(*r.object, "Warning", "SelectingAll",
                  "This deployment is selecting all pods. A non-empty selector is required.");
    if (r.d.status->observed_generation < r.d.metadata.generation) {
      r.d.status.edit().observed_generation = r.d.metadata.generation;
      co_await write_status(r);
    }
    co_return std::nullopt;
  }
  const auto claimed = co_await client::claim(client_, r.object, client::selector_of(r.d.spec->selector),
                                              client::claim_candidates(sets_, sets_by_controller_, r.d.metadata));
  if (claimed.error) co_return claimed.error;
  for (const ObjectRef& set : claimed.claimed) r.sets.emplace_back(set);

  if (r.d.metadata.deleting()) {
    Failure f = co_await sync_status_only(r);
    co_return f;
  }
  if (auto condition = paused_condition(r.d, wall_time())) {
    set_condition(r.d.status.edit(), std::move(*condition));
    Failure f = co_await write_status(r);
    if (f) co_return f;
  }
  if (r.d.spec->paused) {
    Failure f = co_await sync_scale(r);
    co_return f;
  }
  if (r.d.metadata.annotations.contains(kRollbackAnnotation)) {
    Failure f = co_await rollback(r);
    co_return f;
  }
  Failure f = co_await sync_sets(r, false);
  if (f) co_return f;
  for (const ReplicaSetHandle& rs : active_sets(r.all())) {
    const auto desired = int_annotation(rs->metadata, kDesiredReplicasAnnotation);
    if (!desired || *desired == replicas_of(r.d)) continue;
    f = co_await sync_scale(r);
    co_return f;
  }
  if (r.d.spec->strategy.type == "Recreate") f = co_await recreate(r);
  else f = co_await roll(r);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::sync_scale(Rollout& r) {
  Failure f = co_await sync_sets(r, false);
  if (f) co_return f;
  if (const ReplicaSetHandle only = active_or_latest(r.newest, r.old)) {
    if (replicas_of(*only) != replicas_of(r.d)) f = co_await scale_set(r, only, replicas_of(r.d), nullptr);
  } else if (is_saturated(r.d, r.newest)) {
    for (const ReplicaSetHandle& rs : active_sets(r.old)) {
      f = co_await scale_set(r, rs, 0, nullptr);
      if (f) break;
    }
  } else if (is_rolling_update(r.d)) {
    f = co_await scale_proportionally(r);
  }
  if (f) co_return f;
  if (r.d.spec->paused && !r.d.metadata.annotations.contains(kRollbackAnnotation)) {
    f = co_await clean_up(r);
    if (f) co_return f;
  }
  f = co_await write_plain_status(r);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::scale_proportionally(Rollout& r) {
  for (const ScaleStep& step : proportional_scale(r.d, r.all())) {
    Failure f = co_await scale_set(r, step.set, step.replicas, nullptr);
    if (f) co_return f;
  }
  co_return std::nullopt;
}

env::Task<DeploymentController::Failure> DeploymentController::sync_status_only(Rollout& r) {
  Failure f = co_await sync_sets(r, false);
  if (!f) f = co_await write_plain_status(r);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::write_status(Rollout& r) {
  const auto written = co_await client_.update_status(api::make_object(r.d));
  if (!written) co_return written.error();
  co_return std::nullopt;
}

env::Task<DeploymentController::Failure> DeploymentController::write_plain_status(Rollout& r) {
  api::DeploymentStatus next = deployment_status(r.d, r.all(), r.newest, wall_time());
  if (api::deep_equal(*r.d.status, next)) co_return std::nullopt;
  r.d.status = std::move(next);
  Failure f = co_await write_status(r);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::write_rollout_status(Rollout& r) {
  api::DeploymentStatus next = rollout_status(r.d, r.all(), r.newest, wall());
  if (api::deep_equal(*r.d.status, next)) {
    const StuckCheck check = stuck_check(r.d, next, wall());
    if (check.kind == StuckCheck::kRateLimited) queue_.add_rate_limited(api::key_of(r.d.metadata));
    else if (check.kind == StuckCheck::kAfter) enqueue_after(r.d.metadata, check.after);
    co_return std::nullopt;
  }
  r.d.status = std::move(next);
  Failure f = co_await write_status(r);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::clean_up(Rollout& r) {
  for (const ReplicaSetHandle& rs : history_to_delete(r.d, r.old)) {
    const auto removed = co_await client_.remove(KindId::kReplicaSet, rs->metadata.namespace_, rs->metadata.name);
    if (!removed && !removed.error().not_found()) co_return removed.error();
  }
  co_return std::nullopt;
}

}  // namespace orrery::controllers
