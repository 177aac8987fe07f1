// InterPodAffinity: pods that want to be near or away from others (plugins/interpodaffinity).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

struct InterPodAffinityConfig {
  std::int32_t hard_pod_affinity_weight = 1;
  bool ignore_preferred_terms_of_existing_pods = false;
};

class InterPodAffinity final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin,
                               public ScorePlugin {
 public:
  explicit InterPodAffinity(PluginContext context, InterPodAffinityConfig config = {}) : context_(context), config_(config) {}
  std::string_view name() const override { return "InterPodAffinity"; }
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
  AffinityTerm resolved(AffinityTerm term) const;

  PluginContext context_;
  InterPodAffinityConfig config_;
  const Status affinity_{Code::kUnschedulableAndUnresolvable, "InterPodAffinity", Str("node(s) didn't match pod affinity rules")};
  const Status anti_affinity_{Code::kUnschedulable, "InterPodAffinity", Str("node(s) didn't match pod anti-affinity rules")};
  const Status existing_{Code::kUnschedulable, "InterPodAffinity",
                         Str("node(s) didn't satisfy existing pods anti-affinity rules")};
};

}  // namespace orrery::scheduler
