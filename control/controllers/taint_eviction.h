// The taint eviction controller (pkg/controller/tainteviction).
#pragma once
#include "control/controllers/controller.h"
#include "model/api/node.h"
#include "model/api/pod.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// How long a pod tolerates a node's NoExecute taints: 0 not at all, < 0 for ever.
base::Nanos toleration_time(const std::vector<api::Taint>& no_execute,
                            const base::List<api::Toleration>& tolerations);

/// Deletes pods from nodes with NoExecute taints they do not tolerate, or tolerate no longer.
/// Timers start when this process sees the taint; they are lost with it.
class TaintEvictionController final : public QueueController {
 public:
  explicit TaintEvictionController(ControllerContext context);
  void stop() override;

 private:
  /// Keys: "NODE" for a node, "NAMESPACE/NAME" for a pod.
  env::Task<SyncResult> sync(Str key) override;
  void node_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void handle_node(const Str& name);
  void handle_pod(const Str& key);
  void process(const Str& key, const api::Pod& pod, const std::vector<api::Taint>& taints);
  void cancel(const Str& key);
  void schedule(const Str& key, base::Instant since, base::Nanos delay);
  env::Task<> evict(Str key);
  env::Task<bool> try_evict(Str ns, Str name);
  void record(const Str& key, const char* what);

  struct Work {
    base::Instant since;
    bool running = false;   ///< the deletion has begun and cannot be cancelled
    bool finished = false;  ///< deleted: kept until the pod goes, so that it is not deleted again
    env::TimerId timer = env::TimerId::kNone;
  };
  client::Informer& nodes_;
  client::Informer& pods_;
  int pods_by_node_;
  base::SortedMap<Str, std::vector<api::Taint>> tainted_;
  base::SortedMap<Str, Work> work_;
  env::TaskScope deletions_;
  env::Liveness liveness_;
};

}  // namespace orrery::controllers
