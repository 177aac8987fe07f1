// NodeAffinity: spec.nodeSelector and node affinity (plugins/nodeaffinity).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class NodeAffinity final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin,
                           public NormalizeScorePlugin {
 public:
  std::string_view name() const override { return "NodeAffinity"; }
  Reach reach() const override { return Reach::kNode; }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(const CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                 std::span<std::int64_t> scores) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  const Status rejected_{Code::kUnschedulableAndUnresolvable, "NodeAffinity",
                         Str("node(s) didn't match Pod's node affinity/selector")};
};

}  // namespace orrery::scheduler
