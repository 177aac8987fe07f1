// DefaultPreemption: finds pods of lower priority whose removal makes room (plugins/defaultpreemption, framework/preemption).
#pragma once
#include "control/scheduler/framework/framework.h"
#include "control/scheduler/tie_break.h"

namespace orrery::scheduler {

struct PreemptionConfig {
  std::int32_t min_candidate_nodes_percentage = 10, min_candidate_nodes_absolute = 100;
  TieBreak tie_break;                ///< among equal candidates; unset: the first one tried
};

/// Pods whose victims are being removed right now; kept by whoever carries preemptions out.
using RunningPreemptions = base::BTreeSet<Str>;  // by uid

struct PreemptionCandidate {
  const NodeInfo* node;
  std::vector<PodInfoRef> victims;   ///< most important first
  int pdb_violations = 0;
};

class DefaultPreemption final : public Plugin, public PreEnqueuePlugin, public PostFilterPlugin {
 public:
  /// The references outlive the plugin. `framework` is the profile that the plugin is part of.
  DefaultPreemption(PluginContext context, const Framework* const* framework, const Nominated& nominated,
                    const RunningPreemptions& running, const env::Clock* clock, PreemptionConfig config = {})
      : context_(context), framework_(framework), nominated_(nominated), running_(running), clock_(clock), config_(config) {}
  std::string_view name() const override { return "DefaultPreemption"; }
  Status pre_enqueue(const PodInfo& pod) const override;
  Status post_filter(const CycleState& state, const PodInfo& pod, const Diagnosis& diagnosis, base::RandomStream& random,
                     PostFilterResult& result) const override;
  std::vector<ClusterEvent> events() const override { return {{EventResource::kAssignedPod, kActionDelete}}; }
  QueueingHint hint(const PodInfo&, const ClusterChange&) const override { return QueueingHint::kSkip; }

  /// Every candidate that dry runs from `offset` on find; without PDB violations first. `statuses` (optional) receives why
  /// the other nodes tried are none.
  std::vector<PreemptionCandidate> candidates(const CycleState& state, const PodInfo& pod, const Diagnosis& diagnosis,
                                              base::RandomStream& random, Diagnosis* statuses) const;
  /// The best by upstream's five criteria; of equals the first, or the one the tie-break names.
  const PreemptionCandidate* best(const PodInfo& pod, const std::vector<PreemptionCandidate>& candidates) const;

 private:
  bool eligible(const PodInfo& pod, const Diagnosis& diagnosis, std::string& why) const;
  Status select_victims(CycleState& state, const PodInfo& pod, NodeInfo& node, PreemptionCandidate& out) const;
  bool more_important(const PodInfo& a, const PodInfo& b) const;
  api::Time start_time(const PodInfo& pod) const;

  PluginContext context_;
  const Framework* const* framework_;
  const Nominated& nominated_;
  const RunningPreemptions& running_;
  const env::Clock* clock_;
  PreemptionConfig config_;
};

}  // namespace orrery::scheduler
