// Policy: a way to place pods one by one, as a profile of the scheduling framework: upstream's filters and GpuShare, with
// scores from upstream's plugins and those of the literature in this directory.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/policies/adviser.h"
#include "control/scheduler/policies/device_choice.h"

namespace orrery::scheduler {

/// In which order pods that wait are tried, where they are tried one after another.
enum class WaitOrder : std::uint8_t {
  kArrival,
  kDominantShare,   ///< the tenant that has least goes next (dominant_share.h)
};

struct PolicySpec {
  std::vector<PluginLayout::Entry> scores;               ///< none: every feasible node is as good
  DeviceRule devices = DeviceRule::kLeastFree;
  bool first_of_best = false;                    ///< of equally good nodes the first, else a uniform draw
  int percentage_of_nodes_to_score = 100;        ///< 0: adaptive, as upstream
  FitConfig fit;                                 ///< of NodeResourcesFit
  CoschedulingConfig coscheduling;               ///< where `more` names it
  WaitOrder order = WaitOrder::kArrival;
  std::vector<Str> more;                         ///< plugins without a score, at every point they extend
  std::vector<const OutsidePlugin*> outside;     ///< plugins of libraries that `scores` and `more` may name
  base::BTreeMap<Str, codec::JsonValue> outside_args;   ///< of those
  /// Set: it scores, and `scores` is empty. Called once for each scheduler.
  std::function<std::unique_ptr<Adviser>(const Snapshot&, std::uint64_t seed)> adviser;
  bool own_queue = false;                        ///< pods that wait stand in the order of a library's plugin at queueSort
  /// Nobody passes a pod, or a gang, that waits; else those behind it that fit go first (backfilling without reservations).
  bool strict = false;
  bool preemption = false;                       ///< DefaultPreemption: pods of higher priority evict others
  bool together = false;                         ///< all that wait are placed at once, by the cheapest flow (flow/flow_rounds.h)
};

/// "FGD", "BestFit", "DotProd", "GpuPacking", "GpuClustering", "Tetris": one score, the first of equals wins; "Random";
/// "Default": upstream's scores, weights and draw; "DRF": the same, with waiting pods in the order of dominant shares; "Flow":
/// upstream's scores, all pods that wait together. nullopt for other names.
std::optional<PolicySpec> known_policy(std::string_view name);
std::span<const std::string_view> known_policies();
/// Whether its scores or devices ask what pods are typical.
bool needs_model(const PolicySpec& policy);
/// Names that PolicySpec::scores may hold.
std::vector<Str> score_plugins();

/// `model` for FGD; may be null when neither scores nor devices ask for it. `adviser` outlives the profile;
/// null unless the policy has one.
std::unique_ptr<Framework> policy_profile(const ProfileContext& context, const PolicySpec& policy,
                                          std::shared_ptr<const FragmentationModel> model, std::uint64_t seed,
                                          Adviser* adviser = nullptr);

}  // namespace orrery::scheduler
