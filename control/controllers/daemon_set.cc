#include "control/controllers/daemon_set.h"

#include <algorithm>

#include "control/client/owner.h"
#include "control/controllers/cost.h"
#include "control/controllers/node_lifecycle.h"
#include "control/controllers/pod_control.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

constexpr int kStatusRetries = 1;
constexpr base::Nanos kFailedPodDelay = base::kSecond;
constexpr base::Nanos kFailedPodMaxDelay = 15 * base::kMinute;

QueueControllerOptions daemon_set_options() {
  QueueControllerOptions o;
  o.sync_cpu = kDaemonSetSyncCpu;
  return o;
}

bool selects_all(const api::DaemonSet& ds) {
  const auto& selector = ds.spec->selector;
  return selector && selector->match_labels.empty() && selector->match_expressions.empty();
}

bool counts_differ(const api::DaemonSetStatus& a, const api::DaemonSetStatus& b) {
  return a.desired_number_scheduled != b.desired_number_scheduled ||
         a.current_number_scheduled != b.current_number_scheduled || a.number_misscheduled != b.number_misscheduled ||
         a.number_ready != b.number_ready || a.updated_number_scheduled != b.updated_number_scheduled ||
         a.number_available != b.number_available || a.number_unavailable != b.number_unavailable;
}

}  // namespace

DaemonSetController::DaemonSetController(ControllerContext context)
    : QueueController(context, "daemonset-controller", daemon_set_options()),
      sets_(informer(KindId::kDaemonSet)),
      pods_(informer(KindId::kPod)),
      nodes_(informer(KindId::kNode)),
      revisions_(informer(KindId::kControllerRevision)),
      pods_by_controller_(client::controller_index(pods_)),
      revisions_by_controller_(client::controller_index(revisions_)),
      pods_by_node_(pods_by_node_index(pods_)) {
  sets_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { set_changed(old, now); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
  nodes_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { node_changed(old, now); });
  revisions_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { revision_changed(old, now); });
}

env::Task<SyncResult> DaemonSetController::sync(Str key) {
  const SplitKey parts = split_key(key);
  Sync s;
  s.key = key;
  s.set = sets_.get_as<api::DaemonSet>(parts.namespace_, parts.name);
  if (!s.set) {
    expectations_.forget(key);
    co_return SyncResult::ok();
  }
  if (selects_all(*s.set)) {
    events_.event(*s.set.object(), "Warning", "SelectingAll",
                  "This daemon set is selecting all pods. A non-empty selector is required.");
    co_return SyncResult::ok();
  }
  // Its revisions may be gone already, so that not even the status could be told.
  if (s.set->metadata.deleting()) co_return SyncResult::ok();
  s.nodes.reserve(nodes_.size());
  nodes_.each([&s](const ObjectRef& node) { s.nodes.emplace_back(node); });
  Failure failure = co_await find_history(s);
  if (failure) co_return SyncResult::fail(*failure);
  s.hash = s.current->metadata.labels.get(kControllerRevisionHashLabel);
  const bool may_act = expectations_.satisfied(key, now());
  if (may_act) failure = co_await update(s);
  const Failure written = co_await write_status(s, may_act);
  if (!failure) failure = written;
  if (failure) co_return SyncResult::fail(*failure);
  co_return SyncResult::ok();
}

env::Task<client::ApiResult<PodsByNode>> DaemonSetController::pods_by_node(SetHandle set, bool with_finished) {
  const auto claimed =
      co_await client::claim(client_, set.object(), client::selector_of(set->spec->selector),
                             client::claim_candidates(pods_, pods_by_controller_, set->metadata));
  if (claimed.error) co_return *claimed.error;
  PodsByNode out;
  for (const ObjectRef& object : claimed.claimed) {
    const PodHandle pod(object);
    if (!with_finished && client::is_pod_terminal(*pod) && pod->metadata.deleting()) continue;
    const Str node = target_node(*pod);
    if (!node.empty()) out[node].push_back(pod);
  }
  co_return out;
}

env::Task<DaemonSetController::Failure> DaemonSetController::update(Sync& s) {
  Failure failure = co_await manage(s);
  if (failure) co_return failure;
  const bool rolls = s.set->spec->update_strategy.type == "RollingUpdate";
  if (rolls && expectations_.satisfied(s.key, now())) {
    failure = co_await roll(s);
    if (failure) co_return failure;
  }
  failure = co_await clean_history(s);
  co_return failure;
}

env::Task<DaemonSetController::Failure> DaemonSetController::manage(Sync& s) {
  const auto pods = co_await pods_by_node(s.set, false);
  if (!pods) co_return pods.error();
  const DaemonEligibility eligibility(*s.set);
  const bool duplicates = env_.faults.here(env::Site::kDaemonSetDuplicates);
  std::vector<Str> remove, create;
  Str node_name;
  base::UniqueFunction<bool(const PodHandle&)> may_remove = [this, &s, &node_name](const PodHandle&) {
    return may_remove_failed(*s.set, node_name);
  };
  base::SortedSet<Str> known;
  for (const NodeHandle& node : s.nodes) {
    node_name = node->metadata.name;
    known.insert(node_name);
    const auto it = pods->find(node_name);
    const NodePlan plan = plan_node(*s.set, eligibility.of(*node), it == pods->end() ? std::vector<PodHandle>() : it->second,
                                    s.hash, wall(), may_remove, duplicates);
    if (plan.create) create.push_back(node_name);
    for (const PodHandle& pod : plan.remove) {
      const Str& phase = pod->status->phase;
      const std::string what = base::cat(" daemon pod ", pod->metadata.namespace_, "/", pod->metadata.name, " on node ",
                                         node_name, ", will try to ");
      // Pods that leave an unwanted node go without a word.
      const bool stays = eligibility.of(*node).may_continue;
      if (stays && phase == "Failed") {
        events_.event(*s.set.object(), "Warning", "FailedDaemonPod", base::cat("Found failed", what, "kill it"));
      } else if (stays && phase == "Succeeded") {
        events_.event(*s.set.object(), "Normal", "SucceededDaemonPod", base::cat("Found succeeded", what, "delete it"));
      }
      remove.push_back(pod->metadata.name);
    }
  }
  // Unscheduled pods of nodes that are gone would wait for ever; pod GC takes only scheduled ones.
  for (const auto& [name, its] : *pods) {
    if (known.contains(name)) continue;
    for (const PodHandle& pod : its) {
      if (pod->spec->node_name.empty()) remove.push_back(pod->metadata.name);
    }
  }
  Failure failure = co_await sync_nodes(s, std::move(remove), std::move(create));
  co_return failure;
}

env::Task<DaemonSetController::Failure> DaemonSetController::roll(Sync& s) {
  auto pods = co_await pods_by_node(s.set, false);
  if (!pods) co_return pods.error();
  const DaemonEligibility eligibility(*s.set);
  base::SortedSet<Str> runs;
  for (const NodeHandle& node : s.nodes) {
    if (!eligibility.of(*node).should_run) continue;
    runs.insert(node->metadata.name);
    (*pods)[node->metadata.name];
  }
  std::vector<Str> order;
  for (const auto& [node, its] : *pods) order.push_back(node);
  if (const RolloutOrder& ordered = context_.config.rollout_order)
    ordered(s.set->metadata.namespace_, s.set->metadata.name, order);
  RollPlan plan = plan_rolling_update(*s.set, *pods, order, runs, s.hash, wall());
  Failure failure = co_await sync_nodes(s, std::move(plan.remove), std::move(plan.create));
  co_return failure;
}

env::Task<DaemonSetController::Failure> DaemonSetController::sync_nodes(Sync& s, std::vector<Str> remove,
                                                                        std::vector<Str> create) {
  const auto burst = static_cast<std::size_t>(context_.config.daemonset_burst);
  if (create.size() > burst) create.resize(burst);
  if (remove.size() > burst) remove.resize(burst);
  expectations_.set(s.key, static_cast<int>(create.size()), static_cast<int>(remove.size()), now());
  const Failure created = co_await create_pods(s, std::move(create));
  const Failure removed = co_await delete_pods(s, std::move(remove));
  co_return created ? created : removed;
}

env::Task<DaemonSetController::Failure> DaemonSetController::create_pods(Sync& s, std::vector<Str> nodes) {
  const api::PodTemplateSpec pod_template = daemon_pod_template(*s.set, s.hash);
  const int count = static_cast<int>(nodes.size());
  Failure failure;
  int unseen = count;
  client::BatchRequest request = [&](int i) {
    api::Pod pod = client::pod_from_template(pod_template, *s.set.object());
    pod.spec.edit().affinity = affinity_to_node(pod_template.spec->affinity, nodes[static_cast<std::size_t>(i)]);
    return client::create_request(api::make_object(std::move(pod)));
  };
  client::BatchDone done = [&](int, const client::BatchAnswer& answer) {
    record_pod_create(events_, *s.set.object(), answer);
    if (answer.ok() || namespace_terminating(answer.error())) --unseen;
    else if (!failure) failure = answer.error();
  };
  co_await client::slow_start_batch(env_, client_, count, client::kSlowStartInitialBatchSize, std::move(request), std::move(done));
  for (int i = 0; i < unseen; ++i) expectations_.creation_observed(s.key);
  co_return failure;
}

env::Task<DaemonSetController::Failure> DaemonSetController::delete_pods(Sync& s, std::vector<Str> pods) {
  Failure failure;
  client::BatchRequest request = [&](int i) {
    return client::delete_request(KindId::kPod, s.set->metadata.namespace_, pods[static_cast<std::size_t>(i)]);
  };
  client::BatchDone done = [&](int i, const client::BatchAnswer& answer) {
    record_pod_delete(events_, *s.set.object(), pods[static_cast<std::size_t>(i)], answer);
    if (answer.ok()) return;
    expectations_.deletion_observed(s.key);
    if (!answer.error().not_found() && !failure) failure = answer.error();
  };
  co_await client::run_batch(env_, client_, 0, static_cast<int>(pods.size()), std::move(request), std::move(done));
  co_return failure;
}

env::Task<DaemonSetController::Failure> DaemonSetController::write_status(Sync& s, bool observe_generation) {
  const auto pods = co_await pods_by_node(s.set, false);
  if (!pods) co_return pods.error();
  const api::DaemonSet& set = *s.set;
  const api::DaemonSetStatus next = daemon_status(set, s.nodes, DaemonEligibility(set), *pods, s.hash, wall());
  if (set.spec->min_ready_seconds > 0 && next.number_ready != next.number_available) {
    enqueue_after(set.metadata, set.spec->min_ready_seconds * base::kSecond);
  }
  if (!counts_differ(*set.status, next) && set.status->observed_generation >= set.metadata.generation) co_return std::nullopt;
  api::DaemonSet value = set;
  for (int attempt = 0;; ++attempt) {
    api::DaemonSetStatus& status = value.status.edit();
    const api::DaemonSetStatus former = status;
    status = next;
    status.collision_count = former.collision_count;
    status.conditions = former.conditions;
    status.observed_generation = observe_generation ? set.metadata.generation : former.observed_generation;
    const auto written = co_await client_.update_status(api::make_object(value));
    if (written) co_return std::nullopt;
    if (attempt >= kStatusRetries) co_return written.error();
    const auto fresh = co_await client_.get(KindId::kDaemonSet, value.metadata.namespace_, value.metadata.name);
    if (!fresh) co_return fresh.error();
    value = (*fresh)->as<api::DaemonSet>();
  }
}

bool DaemonSetController::may_remove_failed(const api::DaemonSet& set, const Str& node) {
  const base::Instant at = now();
  for (auto it = failed_pods_.begin(); it != failed_pods_.end();) {
    if (at - it->second.since > 2 * kFailedPodMaxDelay) it = failed_pods_.erase(it);
    else ++it;
  }
  const Str key = base::cat(set.metadata.uid, "/", std::to_string(set.status->observed_generation), "/", node);
  Backoff& b = failed_pods_[key];
  if (b.delay > 0 && at - b.since < b.delay) {
    enqueue_after(set.metadata, b.delay);
    return false;
  }
  b.delay = b.delay == 0 ? kFailedPodDelay : std::min(2 * b.delay, kFailedPodMaxDelay);
  b.since = at;
  return true;
}

}  // namespace orrery::controllers
