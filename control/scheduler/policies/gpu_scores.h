// GpuPacking and GpuClustering: two heuristics of GPU clusters, with the integers of the FGD publication's code.
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

/// Used devices first, then free devices of used nodes, then free nodes (Weng et al., "MLaaS in the Wild", NSDI 2022,
/// section 5.2).
class GpuPacking final : public Plugin, public ScorePlugin {
 public:
  std::string_view name() const override { return "GpuPacking"; }
  Reach reach() const override { return Reach::kNode; }
  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override;
};

/// Pods that ask for equally many GPUs side by side, as affinity in Gandiva (Xiao et al., OSDI 2018); full nodes first.
class GpuClustering final : public Plugin, public ScorePlugin {
 public:
  std::string_view name() const override { return "GpuClustering"; }
  Reach reach() const override { return Reach::kNode; }
  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override;
};

}  // namespace orrery::scheduler
