// TrialCluster: nodes and pods on paper, on which more pods are placed by the filters of the default profile and of GpuShare
// (what cluster-autoscaler calls its cluster snapshot, with the scheduler's own filters as its predicates).
#pragma once
#include "control/scheduler/default_profile.h"
#include "control/scheduler/queue/nominator.h"

namespace orrery::scheduler::autoscaler {

class TrialCluster {
 public:
  TrialCluster();
  TrialCluster(const TrialCluster&) = delete;

  void add_node(NodeHandle node);
  void remove_node(std::string_view name) { snapshot_.remove_node(name); }
  /// As it runs there.
  void add_pod(PodInfoRef pod, const Str& node) { snapshot_.add_pod(std::move(pod), node); }
  void remove_pod(const PodInfo& pod, const Str& node) { snapshot_.remove_pod(pod.pod(), node); }
  /// On the first node but `except` that passes all filters, in the order in which they were added; the pod with what it got
  /// there, and the node. The node is null when none does. A pod whose spec names a node fits on that one only.
  struct Placed {
    PodInfoRef pod;
    const NodeInfo* node = nullptr;
  };
  Placed place(const PodInfoRef& pod, std::string_view except = {});
  std::size_t size() const { return snapshot_.size(); }

 private:
  Snapshot snapshot_;
  FixedLister lister_;
  Nominator nominator_;
  RunningPreemptions running_;
  std::unique_ptr<Framework> framework_;
  std::vector<Str> order_;
};

}  // namespace orrery::scheduler::autoscaler
