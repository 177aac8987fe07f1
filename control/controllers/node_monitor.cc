// The monitor pass of the node lifecycle controller.
#include "control/client/pod_util.h"
#include "control/controllers/cost.h"
#include "control/controllers/node_lifecycle.h"
#include "control/controllers/node_taints.h"
#include "control/controllers/task_group.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {
namespace {

constexpr int kWorkers = 8;
constexpr int kTries = 5;
constexpr base::Nanos kMonitorRetrySleep = 20 * base::kMillisecond;
constexpr const char* kLeaseNamespace = "kube-node-lease";
constexpr const char* kExcluded = "node.kubernetes.io/exclude-disruption";

api::Taint no_execute(const char* key) {
  api::Taint t;
  t.key = key;
  t.effect = "NoExecute";
  return t;
}
api::Taint unreachable() { return no_execute("node.kubernetes.io/unreachable"); }
api::Taint not_ready() { return no_execute("node.kubernetes.io/not-ready"); }

}  // namespace

NodeLifecycleController::Zone& NodeLifecycleController::zone_of(const api::Node& node) {
  const std::string key = zone_key(node);
  std::unique_ptr<Zone>& slot = zones_[key];
  if (!slot) slot = std::make_unique<Zone>(key, context_.config.node_eviction_rate);
  return *slot;
}

void NodeLifecycleController::set_rate(Zone& zone, double rate) {
  zone.queue.set_rate(rate, now());
  if (!zone.queue.idle()) wanted_.notify();
}

HealthVerdict NodeLifecycleController::observe(NodeHealth& health, const api::Node& node) {
  const ObjectRef lease = leases_.get(kLeaseNamespace, node.metadata.name);
  return observe_node(health, node, lease ? &lease->as<api::Lease>() : nullptr, grace(), now(), wall());
}

void NodeLifecycleController::count(Zone& zone, bool excluded, const HealthVerdict& verdict) {
  if (excluded) return;
  if (verdict.has_current && verdict.current == "True") ++zone.count.ready;
  else ++zone.count.not_ready;
}

/// True for the same object as in the last pass, when it needed no request then and needs none now; it is counted. Of all the
/// nodes this is what nearly every one is, so it looks at the lease alone.
bool NodeLifecycleController::stays_quiet(Known& known) {
  if (!known.quiet || !retry_pods_.empty()) return false;
  if (const ObjectRef object = leases_.get(kLeaseNamespace, known.node->meta().name)) {
    const auto& lease = object->as<api::Lease>();
    if (is_renewed(known.health, lease)) see_renewed(known.health, lease, now());
  }
  if (now() - known.health.probe > grace().running) return false;
  if (!known.excluded) ++known.zone->count.ready;
  return true;
}

/// True when a node needs no request: it is ready, was before, and has no taint to lose.
bool NodeLifecycleController::is_quiet(const ObjectRef& object,
                                       const HealthVerdict& verdict) const {
  const auto& node = object->as<api::Node>();
  if (verdict.write || !(verdict.observed == "True")) return false;
  if (retry_pods_.contains(node.metadata.name)) return false;
  if (node.spec->taints.empty()) return true;
  return !has_taint(node, unreachable()) && !has_taint(node, not_ready());
}

void NodeLifecycleController::register_nodes(const std::vector<ObjectRef>& nodes, Pass& pass,
                                             std::vector<ObjectRef>& added) {
  pass.known.reserve(nodes.size());
  // Both are in the order of names.
  auto next = known_.begin();
  for (const ObjectRef& node : nodes) {
    if (next != known_.end() && next->second.node == node) {
      pass.known.push_back(&next++->second);
      continue;
    }
    const Str& name = node->meta().name;
    if (next == known_.end() || !(next->first == name)) next = known_.try_emplace(name).first;
    Known& known = next->second;
    ++next;
    if (!known.node) added.push_back(node);
    if (!known.node || !known.node->meta().labels.shares(node->meta().labels)) {
      known.zone = &zone_of(node->as<api::Node>());
      known.excluded = node->meta().labels.contains(kExcluded);
    }
    known.node = node;
    known.quiet = false;
    pass.known.push_back(&known);
  }
  for (const ObjectRef& node : added) {
    events_.event(*node, "Normal", "RegisteredNode",
                  base::cat("Node ", node->meta().name, " event: Registered Node ", node->meta().name, " in Controller"));
  }
  if (known_.size() != nodes.size()) forget_removed();
}

void NodeLifecycleController::forget_removed() {
  for (auto it = known_.begin(); it != known_.end();) {
    const Str name = it->first;
    if (nodes_.get({}, name)) {
      ++it;
      continue;
    }
    events_.event(*it->second.node, "Normal", "RemovingNode",
                  base::cat("Node ", name, " event: Removing Node ", name, " from Controller"));
    // It keeps its place in the queue of its zone, and takes its turn there, as upstream.
    retry_pods_.erase(name);
    it = known_.erase(it);
  }
}

env::Task<> NodeLifecycleController::check_all() {
  const std::vector<ObjectRef> nodes = nodes_.list();
  if (!nodes.empty()) co_await spend(env_, static_cast<base::Nanos>(nodes.size()) * kNodeCheckCpu);
  Pass pass;
  for (auto& [key, zone] : zones_) zone->count = {};
  std::vector<ObjectRef> added;
  register_nodes(nodes, pass, added);
  for (const ObjectRef& node : added) co_await mark_reachable(node);
  for (Known* known : pass.known) {
    if (stays_quiet(*known)) continue;
    const HealthVerdict verdict = observe(known->health, known->node->as<api::Node>());
    known->quiet = is_quiet(known->node, verdict);
    if (!known->quiet) {
      pass.busy.push_back(known->node);
      continue;
    }
    known->zone->queue.remove(known->node->meta().name);
    count(*known->zone, known->excluded, verdict);
  }
  order_busy(pass);
  std::vector<env::Task<>> workers;
  const int n = std::min(kWorkers, static_cast<int>(pass.busy.size()));
  for (int i = 0; i < n; ++i) workers.push_back(check_busy(&pass));
  co_await run_all(env_, std::move(workers));
  co_await handle_disruption(&pass);
}

void NodeLifecycleController::order_busy(Pass& pass) const {
  if (!context_.config.node_order || pass.busy.size() < 2) return;
  std::vector<Str> names;
  for (const ObjectRef& node : pass.busy) names.push_back(node->meta().name);
  context_.config.node_order(names);
  for (std::size_t i = 0; i < names.size(); ++i) pass.busy[i] = nodes_.get({}, names[i]);
  std::erase_if(pass.busy, [](const ObjectRef& node) { return !node; });
}

env::Task<> NodeLifecycleController::check_busy(Pass* pass) {
  while (pass->next < pass->busy.size()) {
    const ObjectRef node = pass->busy[pass->next++];
    co_await check(node);
  }
}

env::Task<> NodeLifecycleController::check(ObjectRef node) {
  NodeHealth& health = known_[node->meta().name].health;
  HealthVerdict verdict;
  for (int tries = 1;; ++tries) {
    verdict = observe(health, node->as<api::Node>());
    if (!verdict.write) break;
    api::Node next = node->as<api::Node>();
    next.status = *verdict.write;
    const auto written = co_await client_.update_status(api::make_object(std::move(next)));
    if (written) {
      node = *written;
      // What was written is what has been seen: its own change is no sign of life.
      const api::NodeCondition* ready = find_condition(*node->as<api::Node>().status, "Ready");
      health.has_ready = true;
      if (ready) health.heartbeat = ready->last_heartbeat_time;
      break;
    }
    if (tries == kTries) co_return;
    const auto fresh = co_await client_.get(KindId::kNode, {}, node->meta().name);
    if (!fresh) co_return;
    node = *fresh;
    co_await env::sleep(env_, kMonitorRetrySleep);
  }
  const auto& value = node->as<api::Node>();
  count(zone_of(value), value.metadata.labels.contains(kExcluded), verdict);
  if (verdict.has_current) co_await follow_up(node, verdict);
  else retry_pods_.erase(node->meta().name);
}

env::Task<> NodeLifecycleController::follow_up(ObjectRef node, HealthVerdict verdict) {
  const Str name = node->meta().name;
  // The pods as they were when the node changed.
  const std::vector<ObjectRef> pods = pods_.by_index(pods_by_node_, name);
  co_await plan_eviction(node, verdict.observed);
  const bool lost = !(verdict.current == "True") && verdict.observed == "True";
  const bool again = retry_pods_.contains(name) && !(verdict.observed == "True");
  if (lost) {
    events_.event(*node, "Normal", "NodeNotReady",
                  base::cat("Node ", name, " status is now: NodeNotReady"));
  }
  if (lost || again) {
    const bool marked = co_await mark_pods(pods);
    if (!marked) {
      retry_pods_.insert(name);
      co_return;
    }
  }
  retry_pods_.erase(name);
}

env::Task<> NodeLifecycleController::plan_eviction(ObjectRef node, Str observed) {
  if (observed == "True") {
    co_await mark_reachable(node);
    co_return;
  }
  const auto& value = node->as<api::Node>();
  const bool unknown = observed == "Unknown";
  const api::Taint wanted = unknown ? unreachable() : not_ready();
  const api::Taint opposite = unknown ? not_ready() : unreachable();
  if (has_taint(value, opposite)) {
    co_await swap_taints(env_, client_, node, std::vector<api::Taint>(1, wanted),
                         std::vector<api::Taint>(1, opposite));
    co_return;
  }
  Zone& zone = zone_of(value);
  if (!has_taint(value, wanted)) zone.queue.remove(value.metadata.name);
  if (zone.queue.add(value.metadata.name, now())) wanted_.notify();
}

env::Task<bool> NodeLifecycleController::taint(ObjectRef node) {
  const api::NodeCondition* ready = find_condition(*node->as<api::Node>().status, "Ready");
  if (ready->status == "True") co_return true;
  const bool unknown = ready->status == "Unknown";
  const api::Taint add = unknown ? unreachable() : not_ready();
  const api::Taint remove = unknown ? not_ready() : unreachable();
  const bool done = co_await swap_taints(env_, client_, node, std::vector<api::Taint>(1, add),
                                         std::vector<api::Taint>(1, remove));
  co_return done;
}

env::Task<bool> NodeLifecycleController::mark_reachable(ObjectRef node) {
  const api::Taint taints[] = {unreachable(), not_ready()};
  for (const api::Taint& t : taints) {
    if (!has_taint(node->as<api::Node>(), t)) continue;
    const bool removed =
        co_await swap_taints(env_, client_, node, {}, std::vector<api::Taint>(1, t));
    if (!removed) co_return false;
  }
  zone_of(node->as<api::Node>()).queue.remove(node->meta().name);
  co_return true;
}

env::Task<> NodeLifecycleController::handle_disruption(Pass* pass) {
  const ManagerConfig& config = context_.config;
  base::SortedMap<std::string, ZoneState> next;
  bool all_are_full = true, all_were_full = true;
  for (auto& [key, zone] : zones_) {
    const bool seen = zone->count.size() > 0;
    if (seen) {
      next[key] = zone_state(zone->count, config.unhealthy_zone_threshold);
      if (next[key] != ZoneState::kFullDisruption) all_are_full = false;
    }
    // A zone that comes back starts like a new one.
    if (seen && !zone->seen) zone->state = ZoneState::kInitial;
    zone->seen = seen;
    if (seen && zone->state != ZoneState::kFullDisruption) all_were_full = false;
  }
  if (all_are_full && all_were_full) co_return;
  if (all_are_full) {
    // Every node lost at once is more likely this controller's own isolation: stop all evictions.
    for (Known* known : pass->known) co_await mark_reachable(known->node);
    for (auto& [key, zone] : zones_) {
      if (!zone->seen) continue;
      set_rate(*zone, 0);
      zone->state = ZoneState::kFullDisruption;
    }
    co_return;
  }
  if (all_were_full) {
    for (Known* known : pass->known) known->health.probe = now();
  }
  const EvictionRates rates{config.node_eviction_rate, config.secondary_node_eviction_rate,
                            config.large_cluster_size};
  for (auto& [key, zone] : zones_) {
    if (!zone->seen || (zone->state == next[key] && !all_were_full)) continue;
    zone->state = next[key];
    double rate = zone_rate(zone->state, zone->count.size(), rates);
    if (env_.faults.here(env::Site::kZoneDampingIgnored)) rate = rates.normal;
    set_rate(*zone, rate);
  }
}

}  // namespace orrery::controllers
