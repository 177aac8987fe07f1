// FlowPlacement: places many pods together as the cheapest flow from groups of alike pods over nodes to a sink, as Quincy
// (Isard et al., SOSP 2009) and Firmament (Gog et al., OSDI 2016) do. A group's arc to a node carries as many of its pods as fit
// there alone, at the cost of the points that the node lacks to the best score; an arc past all nodes leaves pods waiting, at
// a higher cost than any node.
#pragma once
#include <span>
#include <vector>

#include "control/scheduler/pod_class.h"

namespace orrery::scheduler {

struct PodCrowd {
  PodInfoRef pod;              ///< stands for all of them
  std::int64_t count = 0;
};

struct FlowProposal {
  std::uint32_t crowd;         ///< index
  std::uint32_t node;          ///< position in Snapshot::nodes()
  std::int64_t count;
};

/// Pods of different groups that are sent to one node may not fit there together: who carries a proposal out asks the filters
/// again. In the order of crowds, nodes of equal cost in the order of the snapshot. Nothing for a crowd whose class the plain
/// cycle must decide.
std::vector<FlowProposal> propose_by_flow(const Snapshot& snapshot, PodClasses& classes, std::span<const PodCrowd> crowds);

/// How many pods alike fit on the node by CPU, memory, number of pods and GPUs; at least 1 for a pod that passes the filters.
std::int64_t pods_that_fit(const PodInfo& pod, const NodeInfo& node);

}  // namespace orrery::scheduler
