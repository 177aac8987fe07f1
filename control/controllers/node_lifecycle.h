// The node lifecycle controller (pkg/controller/nodelifecycle).
#pragma once
#include <memory>

#include "control/controllers/controller.h"
#include "control/controllers/node_health.h"
#include "control/controllers/timed_queue.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Tells nodes that fell silent to be Unknown, taints nodes by their conditions, marks the pods of
/// lost nodes not ready. One pass over all nodes per monitor period; an event about a node costs
/// O(1), one about a lease nothing.
class NodeLifecycleController final : public QueueController {
 public:
  explicit NodeLifecycleController(ControllerContext context);
  void start(int workers) override;
  void stop() override;

 private:
  struct Zone {
    Zone(std::string name, double rate) : key(std::move(name)), queue(rate) {}
    const std::string key;
    ZoneState state = ZoneState::kInitial;
    bool seen = true;  ///< it had nodes in the last pass
    ZoneCount count;   ///< of its nodes in this pass
    TimedQueue queue;
  };
  /// A node as of the last pass, and what its labels say.
  struct Known {
    ObjectRef node;
    Zone* zone = nullptr;
    bool excluded = false;  ///< from the count of its zone
    bool quiet = false;     ///< this very object needed no request
    NodeHealth health;
  };
  /// One pass, shared by its workers.
  struct Pass {
    std::vector<Known*> known;  ///< all there are, in the order of names
    std::vector<ObjectRef> busy;
    std::size_t next = 0;
  };

  /// NoSchedule taints and labels of one node.
  env::Task<SyncResult> sync(Str name) override;
  void node_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  bool seems_lost(const Str& node) const;

  env::Task<> monitor();
  env::Task<> check_all();
  void register_nodes(const std::vector<ObjectRef>& nodes, Pass& pass, std::vector<ObjectRef>& added);
  void forget_removed();
  void order_busy(Pass& pass) const;
  env::Task<> check_busy(Pass* pass);
  env::Task<> check(ObjectRef node);
  env::Task<> follow_up(ObjectRef node, HealthVerdict verdict);
  env::Task<> plan_eviction(ObjectRef node, Str observed);
  env::Task<bool> mark_reachable(ObjectRef node);
  env::Task<bool> mark_pods(std::vector<ObjectRef> pods);
  env::Task<> handle_disruption(Pass* pass);
  bool stays_quiet(Known& known);
  bool is_quiet(const ObjectRef& node, const HealthVerdict& verdict) const;
  GracePeriods grace() const {
    return {context_.config.node_monitor_grace, context_.config.node_startup_grace};
  }
  HealthVerdict observe(NodeHealth& health, const api::Node& node);
  static void count(Zone& zone, bool excluded, const HealthVerdict& verdict);
  Zone& zone_of(const api::Node& node);
  void set_rate(Zone& zone, double rate);

  env::Task<> taint_loop();
  env::Task<> taint_pass(Zone* zone);
  env::Task<bool> taint(ObjectRef node);
  bool evictions_idle() const;

  env::Task<> pod_loop();

  client::Informer& nodes_;
  client::Informer& leases_;
  client::Informer& pods_;
  int pods_by_node_;
  base::SortedMap<Str, Known> known_;
  base::SortedSet<Str> retry_pods_;  ///< nodes whose pods could not all be marked
  base::SortedMap<std::string, std::unique_ptr<Zone>> zones_;
  client::WorkQueue pod_queue_;
  env::Notifier wanted_;  ///< a node waits for its NoExecute taint
  env::TaskScope tasks_;
};

/// The index of pods by spec.nodeName, shared by the controllers.
int pods_by_node_index(client::Informer& pods);

}  // namespace orrery::controllers
