// InterPodAffinity: pods that want to be near or away from others (plugins/interpodaffinity).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

struct InterPodAffinityConfig {
  std::int32_t hard_pod_affinity_weight = 1;
  bool ignore_preferred_terms_of_existing_pods = false;
};

class InterPodAffinity final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin,
                               public NormalizeScorePlugin {
 public:
  explicit InterPodAffinity(PluginContext context, InterPodAffinityConfig config = {}) : context_(context), config_(config) {}
  std::string_view name() const override { return "InterPodAffinity"; }
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

  /// With its namespace selector replaced by the namespaces that it selects now.
  AffinityTerm resolved(AffinityTerm term) const;
  /// The pod, in its namespace by name, matches every term; false when there are none.
  static bool matches_all(const std::vector<AffinityTerm>& terms, const api::Pod& pod);
  const Lister& lister() const { return context_.lister; }
  const Snapshot& snapshot() const { return context_.snapshot; }
  const InterPodAffinityConfig& config() const { return config_; }
  const Status& affinity_status() const { return affinity_; }
  const Status& anti_affinity_status() const { return anti_affinity_; }
  const Status& existing_status() const { return existing_; }

 private:

  PluginContext context_;
  InterPodAffinityConfig config_;
  const Status affinity_{Code::kUnschedulableAndUnresolvable, "InterPodAffinity", Str("node(s) didn't match pod affinity rules")};
  const Status anti_affinity_{Code::kUnschedulable, "InterPodAffinity", Str("node(s) didn't match pod anti-affinity rules")};
  const Status existing_{Code::kUnschedulable, "InterPodAffinity",
                         Str("node(s) didn't satisfy existing pods anti-affinity rules")};
};

}  // namespace orrery::scheduler
