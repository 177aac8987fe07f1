// Scaling up as cluster-autoscaler does it: for each node group an estimate of how many of its nodes the pods need, by first-fit
// decreasing (estimator/binpacking_estimator.go), and an expander that chooses among the groups (expander/).
// A template node is packed by itself: constraints between pods that point at nodes which are there already are not seen.
#pragma once
#include <functional>
#include <span>

#include "control/scheduler/framework/node_info.h"
#include "model/base/random.h"

namespace orrery::scheduler::autoscaler {

/// A node of the group, by its name.
using NodeTemplate = std::function<NodeHandle(const Str& name)>;

struct Estimate {
  std::size_t nodes = 0;
  std::vector<PodInfoRef> pods;    ///< that they can take
};

/// The greatest pods first, by the sum of cpu and memory in parts of the node, equals as they come; each on the first new node
/// that takes it, else on one more, up to `most`. A pod that an empty node does not take is left out.
Estimate estimate(std::span<const PodInfoRef> pods, const NodeTemplate& node, std::size_t most);

enum class Expander : std::uint8_t { kRandom, kLeastWaste, kMostPods, kPriority };

struct ScaleUpOption {
  std::size_t group = 0;
  std::int64_t priority = 0;       ///< with kPriority: the highest wins
  Resource node;                   ///< what one node can allocate
  Estimate estimate;               ///< at least one node
};

/// What of the new nodes nobody would use: cpu and memory, each in parts of all of them, added.
double waste(const ScaleUpOption& option);

/// Place of the best option; equals are drawn among.
std::size_t choose(Expander expander, std::span<const ScaleUpOption> options, base::RandomStream& random);

}  // namespace orrery::scheduler::autoscaler
