// PodTopologySpread: spreads pods over topology domains (plugins/podtopologyspread).
#pragma once
#include "control/scheduler/framework/plugin.h"
#include "control/scheduler/plugins/spread_constraint.h"

namespace orrery::scheduler {

struct SpreadConfig {
  bool system_defaults = true;   ///< hostname maxSkew 3 and zone maxSkew 5, ScheduleAnyway
  std::vector<api::TopologySpreadConstraint> default_constraints;  ///< when not system_defaults
};

class PodTopologySpread final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin,
                                public NormalizeScorePlugin {
 public:
  explicit PodTopologySpread(PluginContext context, SpreadConfig config = {});
  std::string_view name() const override { return "PodTopologySpread"; }
  Reach reach() const override { return Reach::kView; }
  std::unique_ptr<ClassView> make_view(const PodInfoRef& pod) const override;
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  void add_pod(CycleState& state, const PodInfo& pod, const PodInfo& added, const NodeInfo& node) const override;
  void remove_pod(CycleState& state, const PodInfo& pod, const PodInfo& removed, const NodeInfo& node) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::string shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(const CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                 std::span<std::int64_t> scores) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

  /// The pod's own constraints with this whenUnsatisfiable, else the default ones.
  std::vector<SpreadConstraint> constraints(const PodInfo& pod, std::string_view action) const;
  /// Constraints of ScheduleAnyway concern only nodes with all their labels.
  bool require_all(const PodInfo& pod) const { return !pod.spec().topology_spread_constraints.empty() || !config_.system_defaults; }
  const Lister& lister() const { return context_.lister; }
  const Snapshot& snapshot() const { return context_.snapshot; }
  const Status& no_label() const { return no_label_; }
  const Status& skewed() const { return skewed_; }

 private:
  void update(CycleState& state, const PodInfo& pod, const PodInfo& changed, const NodeInfo& node, int delta) const;

  PluginContext context_;
  SpreadConfig config_;
  const Status no_label_{Code::kUnschedulableAndUnresolvable, "PodTopologySpread",
                         Str("node(s) didn't match pod topology spread constraints (missing required label)")};
  const Status skewed_{Code::kUnschedulable, "PodTopologySpread",
                       Str("node(s) didn't match pod topology spread constraints")};
};

}  // namespace orrery::scheduler
