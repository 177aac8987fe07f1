// TaintToleration: untolerated NoSchedule and NoExecute taints reject; PreferNoSchedule ones cost score
// (plugins/tainttoleration).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class TaintToleration final : public Plugin, public FilterPlugin, public PreScorePlugin,
                             public NormalizeScorePlugin {
 public:
  std::string_view name() const override { return "TaintToleration"; }
  Reach reach() const override { return Reach::kNode; }
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::string shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(const CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                 std::span<std::int64_t> scores) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;
};

}  // namespace orrery::scheduler
