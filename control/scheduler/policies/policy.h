// Policy: a way to place pods one by one, as a profile of the scheduling framework: upstream's filters and GpuShare, with
// scores from upstream's plugins and those of the literature in this directory.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/policies/device_choice.h"

namespace orrery::scheduler {

enum class DeviceRule : std::uint8_t { kLeastFree, kRandom, kFragmentation };

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
  WaitOrder order = WaitOrder::kArrival;
  bool preemption = false;                       ///< pods of lower priority make room, as upstream
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

/// `model` for FGD; may be null when neither scores nor devices ask for it.
std::unique_ptr<Framework> policy_profile(const ProfileContext& context, const PolicySpec& policy,
                                          std::shared_ptr<const FragmentationModel> model, std::uint64_t seed);

}  // namespace orrery::scheduler
