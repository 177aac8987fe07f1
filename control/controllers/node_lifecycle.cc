#include "control/controllers/node_lifecycle.h"

#include "control/client/pod_util.h"
#include "control/controllers/cost.h"
#include "control/controllers/node_taints.h"
#include "control/controllers/task_group.h"

namespace orrery::controllers {
namespace {

constexpr int kPodWorkers = 4;

QueueControllerOptions node_lifecycle_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  return o;
}

}  // namespace

int pods_by_node_index(client::Informer& pods) {
  return pods.shared_index("spec.nodeName", [](const ObjectRef& o, std::vector<Str>& values) {
    const Str& node = o->as<api::Pod>().spec->node_name;
    if (!node.empty()) values.push_back(node);
  });
}

NodeLifecycleController::NodeLifecycleController(ControllerContext context)
    : QueueController(context, "node-controller", node_lifecycle_options()),
      nodes_(informer(KindId::kNode)),
      leases_(informer(KindId::kLease)),
      pods_(informer(KindId::kPod)),
      pods_by_node_(pods_by_node_index(pods_)),
      pod_queue_(context.env),
      wanted_(context.env.trampoline),
      tasks_(context.env.trampoline) {
  nodes_.add_handler(
      [this](const ObjectRef& old, const ObjectRef& now) { node_changed(old, now); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
}

void NodeLifecycleController::start(int workers) {
  QueueController::start(workers);
  for (int i = 0; i < kPodWorkers; ++i) tasks_.spawn(pod_loop());
  tasks_.spawn(taint_loop());
  tasks_.spawn(monitor());
}

void NodeLifecycleController::stop() {
  tasks_.cancel_all();
  QueueController::stop();
}

void NodeLifecycleController::node_changed(const ObjectRef&, const ObjectRef& now) {
  if (!now) return;
  const auto& node = now->as<api::Node>();
  const TaintDiff diff = diff_condition_taints(node);
  if (diff.add.empty() && diff.remove.empty() && label_changes(node).empty()) return;
  queue_.add(node.metadata.name);
}

env::Task<SyncResult> NodeLifecycleController::sync(Str name) {
  const ObjectRef node = nodes_.get({}, name);
  if (!node) co_return SyncResult::ok();
  TaintDiff diff = diff_condition_taints(node->as<api::Node>());
  // A failure waits for the node's next change, as upstream.
  if (!diff.add.empty() || !diff.remove.empty()) {
    co_await swap_taints(env_, client_, node, std::move(diff.add), std::move(diff.remove));
  }
  const auto labels = label_changes(node->as<api::Node>());
  if (!labels.empty()) {
    (void)co_await client_.patch(KindId::kNode, {}, name, api::PatchType::kStrategicMerge,
                           label_patch(labels));
  }
  co_return SyncResult::ok();
}

void NodeLifecycleController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now) return;
  const Str& node = now->as<api::Pod>().spec->node_name;
  if (node.empty() || (old && old->as<api::Pod>().spec->node_name == node)) return;
  if (seems_lost(node)) pod_queue_.add(api::key_of(now->meta()));
}

/// It had a Ready condition, which was not True.
bool NodeLifecycleController::seems_lost(const Str& node) const {
  const auto known = known_.find(node);
  if (known == known_.end()) return false;
  const NodeHealth& health = known->second.health;
  return health.has_ready && !(health.ready_status == "True");
}

env::Task<> NodeLifecycleController::pod_loop() {
  co_await context_.informers.wait_synced();
  while (true) {
    const Str key = co_await pod_queue_.get();
    const SplitKey parts = split_key(key);
    const ObjectRef pod = pods_.get(parts.namespace_, parts.name);
    bool failed = false;
    if (pod && seems_lost(pod->as<api::Pod>().spec->node_name)) {
      const bool marked = co_await mark_pods(std::vector<ObjectRef>(1, pod));
      failed = !marked;
    }
    if (failed) pod_queue_.add_rate_limited(key);
    else pod_queue_.forget(key);
    pod_queue_.done(key);
  }
}

env::Task<bool> NodeLifecycleController::mark_pods(std::vector<ObjectRef> pods) {
  bool all = true;
  for (const ObjectRef& object : pods) {
    api::Pod pod = object->as<api::Pod>();
    const api::PodCondition* ready = api::find_condition(*pod.status, "Ready");
    if (!ready || ready->status == "False") continue;
    api::PodCondition next = *ready;
    next.status = "False";
    client::set_condition(pod.status.edit(), std::move(next), wall_time());
    const auto written = co_await client_.update_status(api::make_object(std::move(pod)));
    if (!written && written.error().not_found()) continue;
    if (!written) all = false;
    // After the write, so that no event speaks of a pod that is gone; a write that failed is told of as well.
    events_.event(*object, "Warning", "NodeNotReady", "Node is not ready");
  }
  co_return all;
}

bool NodeLifecycleController::evictions_idle() const {
  for (const auto& [key, zone] : zones_) {
    if (!zone->queue.idle()) return false;
  }
  return true;
}

env::Task<> NodeLifecycleController::taint_loop() {
  constexpr base::Nanos kTick = 100 * base::kMillisecond;
  co_await context_.informers.wait_synced();
  const base::Instant start = now();
  while (true) {
    if (evictions_idle()) {
      auto wanted = wanted_.wait();
      co_await wanted;
      const base::Nanos into = (now() - start) % kTick;
      co_await env::sleep(env_, into == 0 ? 0 : kTick - into);
    }
    std::vector<Zone*> zones;
    for (const auto& [key, zone] : zones_) zones.push_back(zone.get());
    for (Zone* zone : zones) co_await taint_pass(zone);
    co_await env::sleep(env_, kTick);
  }
}

env::Task<> NodeLifecycleController::taint_pass(Zone* zone) {
  constexpr base::Nanos kZoneRetry = 50 * base::kMillisecond;
  while (true) {
    const std::optional<Str> name = zone->queue.take(now());
    if (!name) co_return;
    const ObjectRef node = nodes_.get({}, *name);
    if (!node) continue;
    if (!find_condition(*node->as<api::Node>().status, "Ready")) {
      zone->queue.retry(*name, now(), kZoneRetry);
      continue;
    }
    const bool done = co_await taint(node);
    if (!done) zone->queue.retry(*name, now(), 0);
  }
}

env::Task<> NodeLifecycleController::monitor() {
  co_await context_.informers.wait_synced();
  while (true) {
    co_await check_all();
    co_await env::sleep(env_, context_.config.node_monitor_period);
  }
}

}  // namespace orrery::controllers
