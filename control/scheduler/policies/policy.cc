#include "control/scheduler/policies/policy.h"

#include <algorithm>
#include <array>

#include "control/scheduler/policies/fgd.h"
#include "control/scheduler/policies/gpu_scores.h"
#include "control/scheduler/policies/gpu_share.h"
#include "control/scheduler/policies/vector_scores.h"

namespace orrery::scheduler {
namespace {

constexpr std::array<std::string_view, 6> kOwnScores{"FGD", "BestFit", "DotProd", "GpuPacking", "GpuClustering", "Tetris"};
constexpr std::array<std::string_view, 10> kPolicies{"FGD",    "BestFit", "DotProd", "GpuPacking", "GpuClustering",
                                                     "Tetris", "Random",  "Default", "DRF",        "Flow"};

bool is_own(std::string_view name) { return std::find(kOwnScores.begin(), kOwnScores.end(), name) != kOwnScores.end(); }

std::unique_ptr<Plugin> own_plugin(std::string_view name, const std::shared_ptr<const FragmentationModel>& model) {
  if (name == "FGD") return std::make_unique<Fgd>(model);
  if (name == "BestFit") return std::make_unique<BestFit>();
  if (name == "DotProd") return std::make_unique<DotProd>();
  if (name == "GpuPacking") return std::make_unique<GpuPacking>();
  if (name == "GpuClustering") return std::make_unique<GpuClustering>();
  return std::make_unique<Tetris>();
}

std::unique_ptr<const DeviceChoice> device_choice(DeviceRule rule, const std::shared_ptr<const FragmentationModel>& model,
                                                  std::uint64_t seed) {
  if (rule == DeviceRule::kRandom) return std::make_unique<RandomDevices>(seed);
  if (rule == DeviceRule::kFragmentation) return std::make_unique<FragmentationDevices>(model);
  return std::make_unique<LeastFreeDevices>();
}

}  // namespace

std::optional<PolicySpec> known_policy(std::string_view name) {
  PolicySpec out;
  if (name == "Default" || name == "DRF" || name == "Flow") {
    out.scores = default_layout().at(Point::kScore);
    out.percentage_of_nodes_to_score = 0;
    if (name == "DRF") out.order = WaitOrder::kDominantShare;
    out.together = name == "Flow";
    return out;
  }
  if (name == "Random") {
    out.devices = DeviceRule::kRandom;
    return out;
  }
  if (!is_own(name)) return std::nullopt;
  out.scores = {{Str(name), 1}};
  out.first_of_best = true;
  if (name == "FGD") out.devices = DeviceRule::kFragmentation;
  return out;
}

bool needs_model(const PolicySpec& policy) {
  return policy.devices == DeviceRule::kFragmentation ||
         std::any_of(policy.scores.begin(), policy.scores.end(), [](const PluginLayout::Entry& e) { return e.plugin == "FGD"; });
}

std::span<const std::string_view> known_policies() { return kPolicies; }

std::vector<Str> score_plugins() {
  std::vector<Str> out(kOwnScores.begin(), kOwnScores.end());
  const PluginLayout layout = default_layout();
  for (const PluginLayout::Entry& e : layout.at(Point::kScore)) out.push_back(e.plugin);
  return out;
}

std::unique_ptr<Framework> policy_profile(const ProfileContext& context, const PolicySpec& policy,
                                          std::shared_ptr<const FragmentationModel> model, std::uint64_t seed) {
  ProfileConfig config;
  config.percentage_of_nodes_to_score = policy.percentage_of_nodes_to_score;
  config.fit = policy.fit;
  if (!policy.preemption) config.layout.at(Point::kPostFilter).clear();
  config.layout.at(Point::kScore) = policy.scores;
  std::erase_if(config.layout.at(Point::kPreScore),
                [&](const PluginLayout::Entry& e) { return !config.layout.has(Point::kScore, e.plugin); });
  std::vector<std::unique_ptr<Plugin>> more;
  more.push_back(std::make_unique<GpuShare>(device_choice(policy.devices, model, seed)));
  for (const PluginLayout::Entry& e : policy.scores) {
    if (is_own(e.plugin)) more.push_back(own_plugin(e.plugin, model));
  }
  for (const auto& plugin : more) add_to_layout(config.layout, *plugin);
  return default_profile(context, config, std::move(more));
}

}  // namespace orrery::scheduler
