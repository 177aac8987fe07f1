#include "control/controllers/stateful_set.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/controllers/cost.h"

namespace orrery::controllers {
namespace {

constexpr int kStatusTries = 5;

QueueControllerOptions stateful_set_options() {
  QueueControllerOptions o;
  o.sync_cpu = kStatefulSetSyncCpu;
  return o;
}

}  // namespace

StatefulSetController::StatefulSetController(ControllerContext context)
    : QueueController(context, "statefulset-controller", stateful_set_options()),
      sets_(informer(KindId::kStatefulSet)),
      pods_(informer(KindId::kPod)),
      claims_(informer(KindId::kPersistentVolumeClaim)),
      revisions_(informer(KindId::kControllerRevision)),
      pods_by_controller_(client::controller_index(pods_)),
      revisions_by_controller_(client::controller_index(revisions_)) {
  sets_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { enqueue((now ? now : old)->meta()); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
}

StatefulSetController::SetHandle StatefulSetController::owner_of(const api::ObjectMeta& pod) const {
  const api::OwnerReference* owner = api::controller_of(pod);
  if (!owner || !(owner->kind == "StatefulSet")) return {};
  const ObjectRef set = sets_.get(pod.namespace_, owner->name);
  if (!set || !(set->meta().uid == owner->uid)) return {};
  return SetHandle(set);
}

void StatefulSetController::enqueue_matching(const api::ObjectMeta& pod) {
  if (pod.labels.empty()) return;
  for (const ObjectRef& set : sets_.list(pod.namespace_)) {
    const api::Selector selector = client::selector_of(set->as<api::StatefulSet>().spec->selector);
    if (!selector.empty() && selector.matches(pod.labels)) enqueue(set->meta());
  }
}

void StatefulSetController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now || (!old && now->meta().deleting())) {
    if (const SetHandle set = owner_of((now ? now : old)->meta())) enqueue(set->metadata);
    return;
  }
  const api::ObjectMeta& after = now->meta();
  const api::OwnerReference* owner = api::controller_of(after);
  const bool handed_over = old && !client::same_controller(api::controller_of(old->meta()), owner);
  if (handed_over) {
    if (const SetHandle former = owner_of(old->meta())) enqueue(former->metadata);
  }
  if (!owner) {
    if (!old || handed_over || !api::deep_equal(old->meta().labels, after.labels)) enqueue_matching(after);
    return;
  }
  const SetHandle set = owner_of(after);
  if (!set) return;
  enqueue(set->metadata);
  const std::int32_t min_ready = set->spec->min_ready_seconds;
  if (!old || min_ready <= 0) return;
  if (!client::is_pod_ready(old->as<api::Pod>()) && client::is_pod_ready(now->as<api::Pod>())) {
    enqueue_after(set->metadata, (min_ready + INT64_C(1)) * base::kSecond);
  }
}

env::Task<SyncResult> StatefulSetController::sync(Str key) {
  const SplitKey parts = split_key(key);
  Update u;
  u.object = sets_.get(parts.namespace_, parts.name);
  if (!u.object) co_return SyncResult::ok();
  u.set = u.object->as<api::StatefulSet>();
  const api::Selector selector = client::selector_of(u.set.spec->selector);
  Failure failure = co_await adopt_revisions(u, selector);
  if (failure) co_return SyncResult::fail(*failure);
  const auto claimed = co_await client::claim(
      client_, u.object, selector, client::claim_candidates(pods_, pods_by_controller_, u.set.metadata), &is_member);
  if (claimed.error) co_return SyncResult::fail(*claimed.error);
  for (const ObjectRef& pod : claimed.claimed) u.pods.emplace_back(pod);

  failure = co_await perform(u);
  const Failure truncated = co_await truncate_history(u);
  if (!failure) failure = truncated;
  if (failure) co_return SyncResult::fail(*failure);
  const std::int32_t min_ready = u.set.spec->min_ready_seconds;
  if (min_ready > 0 && u.status.available_replicas != replicas_of(u.set)) {
    enqueue_after(u.set.metadata, min_ready * base::kSecond);
  }
  co_return SyncResult::ok();
}

env::Task<StatefulSetController::Failure> StatefulSetController::perform(Update& u) {
  Failure failure = co_await find_revisions(u);
  if (failure) co_return failure;
  failure = co_await update_set(u);
  if (failure && !u.has_status) co_return failure;
  const Failure written = co_await write_status(u);
  co_return failure ? failure : written;
}

void StatefulSetController::recount(Update& u) {
  std::vector<PodHandle> all = u.replicas;
  all.insert(all.end(), u.condemned.begin(), u.condemned.end());
  count_pods(u.status, all, u.set.spec->min_ready_seconds, wall());
}

void StatefulSetController::plan(Update& u) {
  u.status.observed_generation = u.set.metadata.generation;
  u.status.current_revision = u.current_revision->metadata.name;
  u.status.update_revision = u.update_revision->metadata.name;
  u.status.collision_count = u.collision_count;
  count_pods(u.status, u.pods, u.set.spec->min_ready_seconds, wall());
  u.has_status = true;
  const std::int32_t start = start_ordinal(u.set);
  u.replicas.resize(static_cast<std::size_t>(std::max(0, replicas_of(u.set))));
  for (const PodHandle& pod : u.pods) {
    const std::int32_t ordinal = ordinal_of(*pod);
    if (in_ordinal_range(u.set, *pod)) u.replicas[static_cast<std::size_t>(ordinal - start)] = pod;
    else if (ordinal >= 0) u.condemned.push_back(pod);
  }
  for (std::size_t i = 0; i < u.replicas.size(); ++i) {
    if (u.replicas[i]) continue;
    u.replicas[i] = PodHandle(api::make_object(
        new_versioned_pod(u.current, u.update, *u.object, u.status.current_revision, u.status.update_revision,
                          start + static_cast<std::int32_t>(i))));
  }
  std::sort(u.condemned.begin(), u.condemned.end(),
            [](const PodHandle& a, const PodHandle& b) { return ordinal_of(*a) > ordinal_of(*b); });
  for (const PodHandle& pod : u.replicas) {
    if (!u.first_unhealthy && !is_healthy(*pod)) u.first_unhealthy = pod;
  }
  for (auto it = u.condemned.rbegin(); it != u.condemned.rend(); ++it) {
    if (!u.first_unhealthy && !is_healthy(**it)) u.first_unhealthy = *it;
  }
  u.monotonic = !allows_burst(u.set);
}

env::Task<StatefulSetController::Failure> StatefulSetController::update_set(Update& u) {
  const auto current = template_of(*u.current_revision);
  const auto update = template_of(*u.update_revision);
  if (!current || !update) {
    ApiError broken;
    broken.message = "revision data is not a template patch";
    co_return broken;
  }
  u.current = u.update = u.set;
  // The wanted template itself where it is the revision's, so that pods share it.
  if (!api::deep_equal(*current, u.set.spec->template_)) u.current.spec.edit().template_ = *current;
  if (!api::deep_equal(*update, u.set.spec->template_)) u.update.spec.edit().template_ = *update;
  plan(u);
  if (u.set.metadata.deleting()) co_return std::nullopt;

  co_await run_for_all(u, Step::kReplica, u.replicas.size());
  if (!u.stop && !u.failure) co_await run_for_all(u, Step::kFixClaims, u.condemned.size());
  if (!u.stop && !u.failure) co_await run_for_all(u, Step::kCondemned, u.condemned.size());
  recount(u);
  if (u.stop || u.failure || u.set.spec->update_strategy.type == "OnDelete") co_return u.failure;
  Failure failure = co_await roll_update(u);
  co_return failure;
}

env::Task<StatefulSetController::Failure> StatefulSetController::roll_update(Update& u) {
  std::int32_t partition = 0;
  if (const auto& rolling = u.set.spec->update_strategy.rolling_update) partition = rolling->partition.value_or(0);
  for (auto target = static_cast<std::int32_t>(u.replicas.size()) - 1; target >= partition; --target) {
    const PodHandle pod = u.replicas[static_cast<std::size_t>(target)];
    if (!(revision_of(*pod) == u.status.update_revision) && !pod->metadata.deleting()) {
      Failure failure = co_await delete_pod(u, pod);
      if (failure && !failure->not_found()) co_return failure;
      --u.status.current_replicas;
      co_return failure;
    }
    if (!is_healthy(*pod)) co_return std::nullopt;
  }
  co_return std::nullopt;
}

env::Task<StatefulSetController::Failure> StatefulSetController::write_status(Update& u) {
  complete_rolling_update(u.set, u.status);
  if (!status_differs(u.set, u.status)) co_return std::nullopt;
  api::StatefulSet next = u.set;
  for (int tries = 1;; ++tries) {
    const api::List<api::StatefulSetCondition> conditions = next.status->conditions;
    next.status = u.status;
    next.status.edit().conditions = conditions;
    const auto written = co_await client_.update_status(api::make_object(next));
    if (written) co_return std::nullopt;
    if (!written.error().conflict() || tries >= kStatusTries) co_return written.error();
    // As upstream, the next try takes what the copy shows by then.
    co_await env::sleep(env_, 10 * base::kMillisecond);
    const ObjectRef fresh = sets_.get(next.metadata.namespace_, next.metadata.name);
    if (!fresh) co_return written.error();
    next = fresh->as<api::StatefulSet>();
  }
}

}  // namespace orrery::controllers
