// NodeAffinity: spec.nodeSelector and node affinity (plugins/nodeaffinity).
#pragma once
#include "control/scheduler/framework/node_affinity.h"
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

struct NodeAffinityConfig {
  api::NodeAffinity added;   ///< addedAffinity: of every pod, besides its own
};

class NodeAffinity final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin,
                           public NormalizeScorePlugin {
 public:
  explicit NodeAffinity(const NodeAffinityConfig& config = {});
  std::string_view name() const override { return "NodeAffinity"; }
  Reach reach() const override { return Reach::kNode; }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::string shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(const CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                 std::span<std::int64_t> scores) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  bool added_allows(const NodeInfo& node) const { return !has_added_required_ || added_required_.matches(node.node()); }

  bool has_added_required_ = false;
  NodeSelector added_required_;
  PreferredNodeAffinity added_preferred_;
  const Status enforced_{Code::kUnschedulableAndUnresolvable, "NodeAffinity",
                         Str("node(s) didn't match scheduler-enforced node affinity")};
  const Status rejected_{Code::kUnschedulableAndUnresolvable, "NodeAffinity",
                         Str("node(s) didn't match Pod's node affinity/selector")};
};

}  // namespace orrery::scheduler
