// Scaling down as cluster-autoscaler does it: which nodes are not needed (simulator/utilization, core/scaledown).
#pragma once
#include <functional>

#include "control/scheduler/framework/snapshot.h"

namespace orrery::scheduler::autoscaler {

/// The greater part of cpu and memory that pods request; of a node with GPUs, the part of the GPUs.
double utilisation(const NodeInfo& node);

/// Nodes below the threshold whose pods would all fit on other nodes, in the order of the snapshot. A node that has taken pods of
/// an unneeded one on paper is needed. `managed`: of a group, and not needed for its minimum.
std::vector<const NodeInfo*> unneeded_nodes(const Snapshot& snapshot, double threshold, const std::function<bool(const NodeInfo&)>& managed);

}  // namespace orrery::scheduler::autoscaler
