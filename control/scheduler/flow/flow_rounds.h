// FlowRounds: all waiting pods placed together, as a flow of least cost: from classes of equal pods over nodes with room to one
// sink, or past the nodes when waiting is cheaper. After Quincy (Isard et al., SOSP 2009), with the equivalence classes and the
// rounds that go on from one another of Firmament (Gog et al., OSDI 2016). Which nodes a class may use and what they cost is what
// the profile's filters and scores say.
#pragma once
#include <span>
#include <vector>

#include "control/scheduler/flow/min_cost_flow.h"
#include "control/scheduler/pod_class.h"
#include "model/base/btree_map.h"

namespace orrery::scheduler {

struct FlowPod {
  PodInfoRef pod;
  base::Nanos waited = 0;
};

/// A pod and the node it should have.
struct FlowChoice {
  std::uint32_t pod = 0;    ///< index
  std::uint32_t node = 0;   ///< position in Snapshot::nodes()
};

class FlowRounds {
 public:
  /// All outlive it; `classes` are of this profile and snapshot.
  FlowRounds(const Snapshot& snapshot, PodClasses& classes) : snapshot_(snapshot), classes_(classes) {}

  /// Pods of different classes that go to one node may be too many for it, as the network counts pods, not what they ask for: the
  /// caller takes the choices in their order, and who does not fit any more waits for the next round. Those that have the fewest
  /// nodes to choose from come first, then those that waited longest. Pods whose class cannot be told get no choice.
  std::vector<FlowChoice> solve(std::span<const FlowPod> pods);
  /// By all calls of solve(): nodes that classes were filtered and scored on, and arcs looked at.
  std::uint64_t nodes_asked() const { return asked_; }
  std::uint64_t arcs_scanned() const { return scanned_ + flow_.scanned(); }

 private:
  struct Class {
    MinCostFlow::Node node = 0;
    MinCostFlow::Arc wait = 0, first = 0;   ///< `first` + position: to that node
    std::vector<std::uint32_t> pods;        ///< of this round, those that waited longest first
    std::size_t options = 0;                ///< nodes that it may use
    base::Nanos waited = 0;
  };

  void start_over();
  void follow_nodes();
  Class& class_of(const PodInfo& pod);
  bool offer(Class& c, const PodInfo& pod, PodClass& known);
  void forget_idle();
  std::vector<FlowChoice> choices(std::span<const FlowPod> pods);

  const Snapshot& snapshot_;
  PodClasses& classes_;
  MinCostFlow flow_;
  MinCostFlow::Node sink_ = 0;
  std::uint64_t order_version_ = UINT64_MAX, asked_ = 0, scanned_ = 0;   // scanned_: in networks before this one
  std::vector<std::uint64_t> generations_;          ///< of the nodes, as the network knows them
  std::vector<MinCostFlow::Arc> room_;              ///< node to sink, by position
  base::BTreeMap<std::string, Class> by_key_;
};

/// How many pods like this one have room on the node at once, by requests, pods and GPUs.
std::int64_t copies_that_fit(const PodInfo& pod, const NodeInfo& node);

}  // namespace orrery::scheduler
