#include "control/controllers/replica_set.h"

#include "control/client/owner.h"
#include "control/controllers/cost.h"
#include "control/controllers/pod_control.h"

namespace orrery::controllers {
namespace {

constexpr int kSetStatusRetries = 1;

std::string pod_key(const api::ObjectMeta& pod) { return api::key_of(pod); }

api::Selector selector_of(const api::ReplicaSet& rs) { return client::selector_of(rs.spec->selector); }
api::Selector selector_of(const api::ReplicationController& rc) { return api::Selector::from_set(rc.spec->selector); }

template <class Set>
constexpr const char* component() {
  return std::is_same_v<Set, api::ReplicaSet> ? "replicaset-controller" : "replication-controller";
}

QueueControllerOptions replica_set_options() {
  QueueControllerOptions o;
  o.sync_cpu = kReplicaSetSyncCpu;
  return o;
}

}  // namespace

template <class Set>
ReplicasController<Set>::ReplicasController(ControllerContext context)
    : QueueController(context, component<Set>(), replica_set_options()),
      sets_(informer(api::KindOf<Set>::kId)),
      pods_(informer(KindId::kPod)),
      sets_by_controller_(client::controller_index(sets_)),
      pods_by_controller_(client::controller_index(pods_)) {
  sets_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { set_changed(old, now); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
}

template <class Set>
void ReplicasController<Set>::set_changed(const ObjectRef& old, const ObjectRef& now) {
  const bool successor = old && now && !(old->meta().uid == now->meta().uid);
  if (!now || successor) expectations_.forget(api::key_of(old->meta()));
  enqueue((now ? now : old)->meta());
}

template <class Set>
void ReplicasController<Set>::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  tallies_.on_change(old, now);
  if (!now) pod_deleted(old);
  else if (!old) pod_added(now);
  else pod_updated(old, now);
}

template <class Set>
ReplicasController<Set>::SetHandle ReplicasController<Set>::owner_of(const api::ObjectMeta& pod) const {
  const api::OwnerReference* owner = api::controller_of(pod);
  if (!owner || !(owner->kind == api::kind_of(api::KindOf<Set>::kId).kind)) return {};
  const ObjectRef rs = sets_.get(pod.namespace_, owner->name);
  if (!rs || !(rs->meta().uid == owner->uid)) return {};
  return SetHandle(rs);
}

template <class Set>
void ReplicasController<Set>::enqueue_matching(const api::ObjectMeta& pod) {
  if (pod.labels.empty()) return;
  for (const ObjectRef& set : sets_.list(pod.namespace_)) {
    const api::Selector selector = selector_of(set->as<Set>());
    if (!selector.empty() && selector.matches(pod.labels)) enqueue(set->meta());
  }
}

template <class Set>
void ReplicasController<Set>::pod_added(const ObjectRef& pod) {
  const api::ObjectMeta& meta = pod->meta();
  // After a restart the first sight of a pod may be that it is already going.
  if (meta.deleting()) return pod_deleted(pod);
  if (!api::controller_of(meta)) return enqueue_matching(meta);
  const SetHandle rs = owner_of(meta);
  if (!rs) return;
  const Str key = api::key_of(rs->metadata);
  expectations_.creation_observed(key);
  queue_.add(key);
}

template <class Set>
void ReplicasController<Set>::pod_updated(const ObjectRef& old, const ObjectRef& now) {
  const api::ObjectMeta& before = old->meta();
  const api::ObjectMeta& after = now->meta();
  const bool relabeled = !api::deep_equal(before.labels, after.labels);
  if (after.deleting()) {
    // A pod that is going counts as gone: the controller does not wait for the kubelet.
    pod_deleted(now);
    if (relabeled) pod_deleted(old);
    return;
  }
  const api::OwnerReference* owner = api::controller_of(after);
  const bool handed_over = !client::same_controller(api::controller_of(before), owner);
  if (handed_over) {
    if (const SetHandle former = owner_of(before)) enqueue(former->metadata);
  }
  if (!owner) {
    if (relabeled || handed_over) enqueue_matching(after);
    return;
  }
  const SetHandle rs = owner_of(after);
  if (!rs) return;
  enqueue(rs->metadata);
  const std::int32_t min_ready = rs->spec->min_ready_seconds;
  if (min_ready > 0 && !client::is_pod_ready(old->as<api::Pod>()) && client::is_pod_ready(now->as<api::Pod>())) {
    // One second more, against skew between this clock and the condition's.
    enqueue_after(rs->metadata, min_ready * base::kSecond + base::kSecond);
  }
}

template <class Set>
void ReplicasController<Set>::pod_deleted(const ObjectRef& pod) {
  const SetHandle rs = owner_of(pod->meta());
  if (!rs) return;
  const Str key = api::key_of(rs->metadata);
  expectations_.deletion_observed(key, pod_key(pod->meta()));
  queue_.add(key);
}

template <class Set>
env::Task<SyncResult> ReplicasController<Set>::sync(Str key) {
  const SplitKey parts = split_key(key);
  const SetHandle rs = sets_.template get_as<Set>(parts.namespace_, parts.name);
  if (!rs) {
    expectations_.forget(key);
    co_return SyncResult::ok();
  }
  bool may_act = expectations_.satisfied(key, now());
  if (env_.faults.here(env::Site::kReplicaSetIgnoresExpectations)) may_act = true;
  const int wanted = rs->spec->replicas.value_or(1);
  std::optional<PodCounts> counts = tallied(*rs);
  if (may_act && counts && counts->active > wanted) counts.reset();  // some must be chosen
  std::vector<PodHandle> pods;
  if (!counts) {
    std::vector<ObjectRef> candidates = client::claim_candidates(pods_, pods_by_controller_, rs->metadata);
    std::erase_if(candidates, [](const ObjectRef& o) { return !client::is_pod_active(o->as<api::Pod>()); });
    const auto claimed = co_await client::claim(client_, rs.object(), selector_of(*rs), candidates);
    if (claimed.error) co_return SyncResult::fail(*claimed.error);
    pods.reserve(claimed.claimed.size());
    for (const ObjectRef& o : claimed.claimed) pods.emplace_back(o);
  }

  const int active = counts ? counts->active : static_cast<int>(pods.size());
  std::optional<ApiError> failure;
  if (may_act && !rs->metadata.deleting()) failure = co_await manage(rs, pods, active, key);
  if (env_.faults.here(env::Site::kReplicaSetIgnoresExpectations) && !failure) failure = co_await manage(rs, pods, active, key);
  std::optional<Str> failure_text;
  if (failure) failure_text = failure->message;
  if (!counts) counts = count_pods(*rs, pods, wall());
  const auto updated = co_await write_status(rs, replica_set_status(*rs, *counts, failure_text, wall()));
  if (!updated) co_return SyncResult::fail(updated.error());
  const auto& after = (*updated)->template as<Set>();
  const std::int32_t replicas = after.spec->replicas.value_or(1);
  if (!failure && after.spec->min_ready_seconds > 0 && after.status->ready_replicas == replicas &&
      after.status->available_replicas != replicas) {
    queue_.add_after(key, after.spec->min_ready_seconds * base::kSecond);
  }
  if (failure) co_return SyncResult::fail(*failure);
  co_return SyncResult::ok();
}

template <class Set>
std::optional<PodCounts> ReplicasController<Set>::tallied(const Set& rs) const {
  if (rs.spec->min_ready_seconds > 0 || client::has_orphans(pods_, pods_by_controller_, rs.metadata)) return std::nullopt;
  PodCounts counts;
  const PodTally* tally = tallies_.of(rs.metadata.uid);
  if (!tally) return counts;
  const api::Selector selector = selector_of(rs);
  for (const PodTally::Group& g : tally->groups) {
    if (!selector.matches(g.labels)) return std::nullopt;
    counts.active += g.pods;
    if (fully_labeled(rs, g.labels)) counts.fully_labeled += g.pods;
    counts.ready += g.ready;
    counts.available += g.ready;
  }
  return counts;
}

template <class Set>
env::Task<std::optional<ApiError>> ReplicasController<Set>::manage(SetHandle rs, std::vector<PodHandle> pods, int active,
                                                                    Str key) {
  const int diff = active - rs->spec->replicas.value_or(1);
  const int burst = context_.config.replicaset_burst;
  if (diff < 0) {
    auto failure = co_await create_pods(rs, std::min(-diff, burst), key);
    co_return failure;
  }
  if (diff > 0) {
    auto failure = co_await delete_pods(rs, pods_to_delete(pods, related_pods(*rs), std::min(diff, burst), wall()), key);
    co_return failure;
  }
  co_return std::nullopt;
}

template <class Set>
env::Task<std::optional<ApiError>> ReplicasController<Set>::create_pods(SetHandle rs, int count, Str key) {
  expectations_.expect_creations(key, count, now());
  const ObjectRef pod = api::make_object(client::pod_from_template(template_of(*rs), *rs.object()));
  std::optional<ApiError> failure;
  int unseen = count;
  client::BatchRequest request = [&pod](int) { return client::create_request(pod); };
  client::BatchDone done = [this, &rs, &failure, &unseen](int, const client::BatchAnswer& answer) {
    record_pod_create(events_, *rs.object(), answer);
    if (answer.ok() || namespace_terminating(answer.error())) --unseen;
    else if (!failure) failure = answer.error();
  };
  co_await client::slow_start_batch(env_, client_, count, client::kSlowStartInitialBatchSize, std::move(request), std::move(done));
  for (int i = 0; i < unseen; ++i) expectations_.creation_observed(key);
  co_return failure;
}

template <class Set>
env::Task<std::optional<ApiError>> ReplicasController<Set>::delete_pods(SetHandle rs, std::vector<PodHandle> pods, Str key) {
  std::vector<Str> keys;
  for (const PodHandle& pod : pods) keys.push_back(pod_key(pod->metadata));
  expectations_.expect_deletions(key, keys, now());
  std::optional<ApiError> failure;
  client::BatchRequest request = [&pods](int i) {
    const api::ObjectMeta& pod = pods[static_cast<std::size_t>(i)]->metadata;
    return client::delete_request(KindId::kPod, pod.namespace_, pod.name);
  };
  client::BatchDone done = [&](int i, const client::BatchAnswer& answer) {
    const auto at = static_cast<std::size_t>(i);
    record_pod_delete(events_, *rs.object(), pods[at]->metadata.name, answer);
    if (answer.ok()) return;
    expectations_.deletion_observed(key, keys[at]);
    if (answer.error().not_found() || failure) return;
    failure = answer.error();
    failure->message = base::cat("unable to delete pods: ", answer.error().message);
  };
  co_await client::run_batch(env_, client_, 0, static_cast<int>(pods.size()), std::move(request), std::move(done));
  co_return failure;
}

template <class Set>
std::vector<PodHandle> ReplicasController<Set>::related_pods(const Set& rs) const {
  std::vector<PodHandle> out;
  const api::OwnerReference* owner = api::controller_of(rs.metadata);
  if (!owner) return out;
  for (const ObjectRef& set : sets_.by_index(sets_by_controller_, owner->uid)) {
    for (const ObjectRef& pod : pods_.by_index(pods_by_controller_, set->meta().uid)) out.emplace_back(pod);
  }
  return out;
}

template <class Set>
env::Task<client::ApiResult<ObjectRef>> ReplicasController<Set>::write_status(SetHandle rs, StatusOf<Set> next) {
  if (!replica_set_status_differs(*rs, next)) co_return rs.object();
  next.observed_generation = rs->metadata.generation;
  Set value = *rs;
  for (int attempt = 0;; ++attempt) {
    value.status = next;
    auto written = co_await client_.update_status(api::make_object(value));
    if (written || attempt >= kSetStatusRetries) co_return written;
    const auto fresh = co_await client_.get(api::KindOf<Set>::kId, value.metadata.namespace_, value.metadata.name);
    if (!fresh) co_return fresh.error();
    value = (*fresh)->template as<Set>();
  }
}

template class ReplicasController<api::ReplicaSet>;
template class ReplicasController<api::ReplicationController>;

}  // namespace orrery::controllers
