// WholeAgents: a descheduler and an autoscaler beside the scheduler of a whole cluster: the same agents as in timed runs, at the same
// times, deciding from committed state and acting through the API and on machines.
//
// An eviction is a deletion; the pod has its grace period. A node that is added is a machine switched on then, which registers some
// seconds later; one that is removed is cordoned at once, loses its pods, is then switched off and its Node deleted. Pods count as fitting
// nowhere when the scheduler has said so, and not before the nodes that came last have been ready for ten seconds.
#pragma once
#include <memory>

#include "model/base/btree_map.h"
#include "model/base/sorted_map.h"
#include "model/history/cluster_view.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/timed_agent.h"
#include "scenarios/bench/timed_options.h"
#include "scenarios/run/cluster.h"

namespace orrery::scenarios::bench {

class WholeAgents final : TimedWorld {
 public:
  // Pods are called "NAMESPACE/NAME".
  /// Deletes a pod of the trace.
  using Evict = std::function<void(const Str& pod, Evictor by)>;
  /// `committed`: nodes and bound pods, kept by the run; nodes are added to it and taken from it here, after which `nodes_changed` is
  /// called. The references outlive it.
  WholeAgents(const TimedOptions& options, std::uint64_t seed, Cluster& cluster, scheduler::Snapshot& committed, Evict evict,
              std::function<void()> nodes_changed);
  ~WholeAgents() override;
  /// Their time 0 is `begin`.
  void start(base::Instant begin);

  // What has been committed.
  void changed() { ++version_; }
  /// A pod without a node is there, or its status has changed.
  void pod_waits(const Str& name, const api::ObjectRef& pod);
  void pod_waits_no_more(const Str& pod) { helpless_.erase(pod); }
  void pod_came(const Str& pod, const Str& node);
  void pod_left(const Str& node);
  void node_changed(const history::Change& change);

  struct Counts {
    std::size_t added = 0, removed = 0, most = 0, scale_ups = 0;   ///< most: nodes at a time
  };
  const Counts& counts() const { return counts_; }
  void note(RunRecord& out) const;

 private:
  void act();
  void arm();
  template <class Act>
  void soon(base::Nanos after, Act act);
  void tell_user(UserAction::Kind kind, const Str& node);
  void take_away(const Str& node);
  base::Nanos now() const;

  const scheduler::Snapshot& snapshot() const override { return committed_; }
  std::uint64_t version() const override { return version_; }
  std::vector<scheduler::PodInfoRef> unschedulable() const override;
  void evict(const scheduler::PodInfo& pod, Evictor by) override;
  void add_node(const TraceNode& node) override;
  void remove_node(const Str& name) override;
  void scaled_up() override { ++counts_.scale_ups; }

  Cluster& cluster_;
  scheduler::Snapshot& committed_;
  Evict evict_;
  std::function<void()> nodes_changed_;
  std::vector<std::unique_ptr<TimedAgent>> agents_;
  base::Instant begin_{};
  std::uint64_t version_ = 0;
  base::BTreeMap<Str, scheduler::PodInfoRef> helpless_;   // pods that the scheduler found no node for, by name
  base::SortedSet<Str> coming_;                           // nodes that are not ready yet
  base::SortedSet<Str> leaving_;                          // nodes that are cordoned
  base::Instant settled_at_{};                            // when the pods have been tried on the nodes that came last
  Counts counts_;
};

}  // namespace orrery::scenarios::bench
