// Framework: one profile of plugins, run at each extension point in their order (pkg/scheduler/framework/runtime).
#pragma once
#include <memory>
#include <string>

#include "control/scheduler/framework/layout.h"
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

/// Per plugin one bit, by slot.
using PluginSet = std::uint32_t;

/// Why no node took the pod. `nodes` holds the rejected ones, in the order tried; all others have the status `absent`.
struct Diagnosis {
  struct Rejection {
    const NodeInfo* node;
    Status status;
  };
  std::vector<Rejection> nodes;
  Status absent{Code::kUnschedulableAndUnresolvable, {}, std::vector<Str>{}};
  std::string pre_filter_message, post_filter_message;
  PluginSet unschedulable = 0, pending = 0;

  /// FitError.Error().
  std::string message(std::size_t all_nodes) const;
};

/// Who is nominated to a node by an earlier preemption.
class Nominated {
 public:
  virtual ~Nominated() = default;
  /// Empty list for a node without.
  virtual const std::vector<PodInfoRef>& nominated_on(std::string_view node) const = 0;
  /// The nodes for which nominated_on() is not empty.
  virtual std::vector<std::string_view> nodes() const = 0;
};

/// What one score plugin says, per feasible node.
struct ScoredPlugin {
  const Plugin* plugin;
  std::int64_t weight = 0;
  std::vector<std::int64_t> raw;       ///< before NormalizeScore
  std::vector<std::int64_t> weighted;  ///< normalised times weight
};

/// What one filter has against a node.
struct Objection {
  std::string_view plugin;             ///< a literal
  Status status;
  std::string shortfall;               ///< FilterPlugin::shortfall()
};

class Framework {
 public:
  template <class I>
  struct At {
    const I* point;
    const Plugin* plugin;
    std::int64_t weight = 0;
    const NormalizeScorePlugin* normalize = nullptr;   ///< of a score plugin that does
  };

  /// `plugins`: those that `layout` names, each of which extends the points where it stands.
  /// `percentage_of_nodes_to_score` 0: adaptive. `first_unscored`: see takes_first().
  Framework(std::vector<std::unique_ptr<Plugin>> plugins, const PluginLayout& layout, int percentage_of_nodes_to_score,
            bool first_unscored);
  Framework(const Framework&) = delete;
  virtual ~Framework();

  std::vector<std::string_view> names_of(PluginSet set) const;  ///< sorted
  const std::vector<std::unique_ptr<Plugin>>& plugins() const { return plugins_; }
  const Plugin* find(std::string_view name) const;
  int percentage_of_nodes_to_score() const { return percentage_; }
  /// The first node that fits is taken, as upstream does where nothing scores.
  bool takes_first() const { return first_unscored_ && score_.empty(); }
  PluginSet bit_of(std::string_view plugin) const;

  /// Which of the plugins in `rejectors` want the pod tried again after this change.
  PluginSet interested(PluginSet rejectors, const PodInfo& pod, const ClusterChange& change) const;
  bool anybody_interested(const ClusterEvent& event) const;

  Status run_pre_enqueue(const PodInfo& pod) const;
  bool queue_less(const QueuedPod& a, const QueuedPod& b) const { return queue_sort_[0].point->less(a, b); }
  /// `restricting`: the plugins that cut the node set.
  Status run_pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes, PluginSet& restricting) const;
  Status run_filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const;
  /// Once with the pods of equal or higher priority nominated to the node on it, once without.
  Status run_filter_with_nominated(const CycleState& state, const PodInfo& pod, const NodeInfo& node,
                                   const Nominated& nominated) const;
  /// Everything that filters have against the node, none of them ending the search; what run_filter_with_nominated() says
  /// comes first. PreFilter must have gone well.
  std::vector<Objection> objections(const CycleState& state, const PodInfo& pod, const NodeInfo& node,
                                    const Nominated& nominated) const;
  void run_add_pod(CycleState& state, const PodInfo& pod, const PodInfo& added, const NodeInfo& node) const;
  void run_remove_pod(CycleState& state, const PodInfo& pod, const PodInfo& removed, const NodeInfo& node) const;
  Status run_post_filter(const CycleState& state, const PodInfo& pod, Diagnosis& diagnosis, base::RandomStream& random,
                         PostFilterResult& result) const;
  /// PreScore, Score, NormalizeScore, weights. `totals` per feasible node; `detail` (optional) per plugin.
  Status run_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible,
                   std::vector<std::int64_t>& totals, std::vector<ScoredPlugin>* detail) const;
  Status run_reserve(CycleState& state, const PodInfo& pod, const NodeInfo& node) const;
  void run_unreserve(CycleState& state, const PodInfo& pod, std::string_view node) const;
  /// Null when a plugin has nothing left to give. Upstream has no such point: there, plugins keep devices in caches of their own.
  PodInfoRef run_assign(PodInfoRef pod, const NodeInfo& node) const;
  Status run_permit(CycleState& state, const PodInfo& pod, std::string_view node, base::Nanos& timeout) const;
  env::Task<Status> run_pre_bind(CycleState* state, PodInfoRef pod, Str node) const;
  env::Task<Status> run_bind(CycleState* state, PodInfoRef pod, Str node) const;
  void run_post_bind(CycleState& state, const PodInfo& pod, std::string_view node) const;

  const std::vector<At<PreFilterPlugin>>& pre_filters() const { return pre_filter_; }
  const std::vector<At<FilterPlugin>>& filters() const { return filter_; }
  const std::vector<At<PreScorePlugin>>& pre_scores() const { return pre_score_; }
  const std::vector<At<ScorePlugin>>& scorers() const { return score_; }

 private:
  /// A node with the pods nominated to it.
  struct Trial {
    CycleState state;
    NodeInfo node;
  };
  /// None when no nominated pod counts against `pod`.
  std::optional<Trial> beside_nominated(const CycleState& state, const PodInfo& pod, const NodeInfo& node,
                                        const Nominated& nominated) const;
  template <class I>
  void enlist(const PluginLayout& layout, Point point, std::vector<At<I>>& out) const;

  std::vector<std::unique_ptr<Plugin>> plugins_;
  int percentage_;
  bool first_unscored_;
  std::vector<std::vector<ClusterEvent>> events_;  // per slot
  std::vector<At<QueueSortPlugin>> queue_sort_;
  std::vector<At<PreEnqueuePlugin>> pre_enqueue_;
  std::vector<At<PreFilterPlugin>> pre_filter_;
  std::vector<At<FilterPlugin>> filter_;
  std::vector<At<PostFilterPlugin>> post_filter_;
  std::vector<At<PreScorePlugin>> pre_score_;
  std::vector<At<ScorePlugin>> score_;
  std::vector<At<ReservePlugin>> reserve_;
  std::vector<At<AssignPlugin>> assign_;
  std::vector<At<PermitPlugin>> permit_;
  std::vector<At<PreBindPlugin>> pre_bind_;
  std::vector<At<BindPlugin>> bind_;
  std::vector<At<PostBindPlugin>> post_bind_;
};

}  // namespace orrery::scheduler
