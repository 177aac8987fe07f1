// Strategies of kubernetes-sigs/descheduler: which pods to evict so that the scheduler may place them better. Pure functions of a
// snapshot; they count on what they evict being gone. Pods at kCriticalPriority and above are never evicted, nor are DaemonSets'.
// Where upstream's order is that of a Go map, here it is that of the nodes in the snapshot, or of names.
//
// Differs from upstream: usage is what pods request (upstream's default; no metrics), node fit is not asked for beforehand
// (nodeFit: false) but by RemovePodsViolatingTopologySpreadConstraint's `topology_node_fit`.
#pragma once
#include <optional>
#include <vector>

#include "control/scheduler/framework/snapshot.h"

namespace orrery::scheduler::descheduler {

inline constexpr std::int32_t kCriticalPriority = 2'000'000'000;

/// In per cent of what a node can allocate. Resources without a number do not count.
struct Thresholds {
  std::optional<double> cpu, memory, pods, gpu;   ///< gpu: thousandths of devices (framework/gpu.h)
  bool empty() const { return !cpu && !memory && !pods && !gpu; }
};

struct LowNodeUtilizationArgs {
  Thresholds thresholds;           ///< a node is underutilised when no resource is above
  Thresholds target;               ///< a node is overutilised when any resource is above; the same resources as thresholds
  std::size_t number_of_nodes = 0; ///< nothing is done unless more nodes than that are underutilised
};
/// Pods of overutilised nodes, the fullest first, lowest priority and QoS first, until the node is no longer above target or
/// the underutilised nodes have been filled to target.
std::vector<PodInfoRef> low_node_utilization(const Snapshot& snapshot, const LowNodeUtilizationArgs& args);

struct HighNodeUtilizationArgs {
  Thresholds thresholds;
  std::size_t number_of_nodes = 0;
};
/// Pods of underutilised nodes, the emptiest first, as far as the other nodes have room for them in sum.
std::vector<PodInfoRef> high_node_utilization(const Snapshot& snapshot, const HighNodeUtilizationArgs& args);

/// Replicas of one owner with the same images beyond their fair share of the nodes that they may go to:
/// ceil(replicas / nodes) on each. Nothing when fewer than two nodes would do.
std::vector<PodInfoRef> remove_duplicates(const Snapshot& snapshot);

struct TopologySpreadArgs {
  bool include_soft = false;       ///< constraints with ScheduleAnyway, too
  bool topology_node_fit = true;   ///< only pods that fit on a node of a domain below the average
};
/// Pods of domains above the average, until the domains differ by maxSkew at most or cannot come closer.
std::vector<PodInfoRef> remove_pods_violating_topology_spread(const Snapshot& snapshot, const TopologySpreadArgs& args);

}  // namespace orrery::scheduler::descheduler
