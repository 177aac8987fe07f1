// Placement: a cluster in which pods are only placed: the real scheduling framework over a snapshot, without time, API or
// bindings. `cost: zero`: a decision takes no time. Plugins are called at their points from PreFilter to Reserve, and for the order
// of the queue; Permit and what follows are a cluster's.
#pragma once
#include <memory>
#include <optional>
#include <span>

#include "control/scheduler/cycle.h"
#include "control/scheduler/explain/decision_watcher.h"
#include "control/scheduler/plugins/default_preemption.h"
#include "control/scheduler/policies/policy.h"
#include "control/scheduler/queue/nominator.h"
#include "control/scheduler/queue/queued_pod.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

scheduler::NodeHandle make_node(const TraceNode& node);
/// `uid` names the pod among all that are in a cluster at a time; it is its name, too. `started`: its status says so.
scheduler::PodInfoRef make_pod(const TracePod& pod, const Str& uid, std::optional<base::Nanos> started = {});
inline constexpr std::string_view kZoneLabel = "topology.kubernetes.io/zone";
scheduler::PodShape shape_of(const TracePod& pod);

class Placement {
 public:
  /// `nodes` in the order in which they are tried.
  Placement(std::span<const TraceNode> nodes, const scheduler::PolicySpec& policy,
            std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed);
  Placement(const Placement&) = delete;

  struct Placed {
    scheduler::PodInfoRef pod;                    ///< with its devices
    const scheduler::NodeInfo* node = nullptr;    ///< null: no node fits
  };
  /// `preemption` receives what PostFilter proposes for a pod that fits nowhere; nothing is evicted here.
  Placed place(const scheduler::PodInfoRef& pod, scheduler::PostFilterResult* preemption = nullptr);
  /// On this node, if it passes the filters.
  Placed place_on(const scheduler::PodInfoRef& pod, const scheduler::NodeInfo& node);
  void remove(const Placed& placed);
  void add_node(const TraceNode& node);
  /// Its pods must be gone.
  void remove_node(const Str& name);
  /// By the policy's plugin at queueSort.
  bool goes_before(const scheduler::PodInfoRef& a, base::Nanos a_came, const scheduler::PodInfoRef& b, base::Nanos b_came) const;
  /// `watcher` (may be null) sees every decision, at the time of the last set_time().
  void watch(scheduler::DecisionWatcher* watcher) { watcher_ = watcher; }
  void set_time(base::Nanos at) { at_ = at; }
  /// Something that plugins read besides nodes and pods.
  void know(api::ObjectRef object) { lister_.set(std::move(object)); }

  const scheduler::Snapshot& snapshot() const { return snapshot_; }
  /// Of what an adviser has said; 0 without one.
  std::uint64_t advice() const { return adviser_ ? adviser_->digest() : 0; }
  scheduler::PodClasses& classes() { return *classes_; }

 private:
  Placed settle(const scheduler::PodInfoRef& pod, const scheduler::NodeInfo& node, scheduler::CycleState& state);
  void show(const scheduler::PodInfoRef& pod, const scheduler::NodeInfo* given) const;

  scheduler::Snapshot snapshot_;
  scheduler::FixedLister lister_;
  scheduler::Nominator nominator_;
  scheduler::RunningPreemptions running_;
  std::unique_ptr<scheduler::Adviser> adviser_;      // null: plugins alone decide
  std::unique_ptr<scheduler::Framework> framework_;
  std::unique_ptr<scheduler::PodClasses> classes_;
  scheduler::CycleMemory memory_;
  scheduler::DecisionWatcher* watcher_ = nullptr;
  base::Nanos at_ = 0;
};

}  // namespace orrery::scenarios::bench
