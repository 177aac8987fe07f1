// PodTopologySpread: spreads pods over topology domains (plugins/podtopologyspread).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

struct SpreadConfig {
  bool system_defaults = true;   ///< hostname maxSkew 3 and zone maxSkew 5, ScheduleAnyway
  std::vector<api::TopologySpreadConstraint> default_constraints;  ///< when not system_defaults
};

/// A constraint, parsed.
struct SpreadConstraint {
  std::int32_t max_skew = 0, min_domains = 1;
  Str topology_key;
  api::Selector selector;
  bool honor_affinity = true, honor_taints = false;
  bool by_host() const { return topology_key == "kubernetes.io/hostname"; }
};

class PodTopologySpread final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin,
                                public ScorePlugin {
 public:
  explicit PodTopologySpread(PluginContext context, SpreadConfig config = {});
  std::string_view name() const override { return "PodTopologySpread"; }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  void add_pod(CycleState& state, const PodInfo& pod, const PodInfo& added, const NodeInfo& node) const override;
  void remove_pod(CycleState& state, const PodInfo& pod, const PodInfo& removed, const NodeInfo& node) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(const CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                 std::span<std::int64_t> scores) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  std::vector<SpreadConstraint> constraints(const PodInfo& pod, std::string_view action) const;
  void update(CycleState& state, const PodInfo& pod, const PodInfo& changed, const NodeInfo& node, int delta) const;

  PluginContext context_;
  SpreadConfig config_;
  const Status no_label_{Code::kUnschedulableAndUnresolvable, "PodTopologySpread",
                         Str("node(s) didn't match pod topology spread constraints (missing required label)")};
  const Status skewed_{Code::kUnschedulable, "PodTopologySpread",
                       Str("node(s) didn't match pod topology spread constraints")};
};

/// The merged selectors of the services and of the owner that select the pod; everything when there are none.
api::Selector default_selector(const Lister& lister, const api::Pod& pod);

}  // namespace orrery::scheduler
