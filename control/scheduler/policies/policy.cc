#include "control/scheduler/policies/policy.h"

#include <algorithm>
#include <array>

#include "control/scheduler/plugins/registry.h"

namespace orrery::scheduler {
namespace {

constexpr std::array<std::string_view, 6> kOwnScores{"FGD", "BestFit", "DotProd", "GpuPacking", "GpuClustering", "Tetris"};
constexpr std::array<std::string_view, 10> kPolicies{"FGD",    "BestFit", "DotProd", "GpuPacking", "GpuClustering",
                                                     "Tetris", "Random",  "Default", "DRF",        "Flow"};

bool is_own(std::string_view name) { return std::find(kOwnScores.begin(), kOwnScores.end(), name) != kOwnScores.end(); }

bool known_by_default(std::string_view name) {
  const auto kinds = known_plugins();
  return std::any_of(kinds.begin(), kinds.end(), [&](const PluginKind& k) { return k.by_default && k.name == name; });
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
                                          std::shared_ptr<const FragmentationModel> model, std::uint64_t seed, Adviser* adviser) {
  ProfileConfig config;
  config.percentage_of_nodes_to_score = policy.percentage_of_nodes_to_score;
  config.first_unscored = false;
  config.fit = policy.fit;
  config.coscheduling = policy.coscheduling;
  if (!policy.preemption) config.layout.at(Point::kPostFilter).clear();
  config.layout.at(Point::kScore) = policy.scores;
  std::erase_if(config.layout.at(Point::kPreScore),
                [&](const PluginLayout::Entry& e) { return !config.layout.has(Point::kScore, e.plugin); });
  config.fragmentation = std::move(model);
  config.devices = policy.devices;
  config.policy_seed = seed;
  config.outside = policy.outside;
  config.outside_args = policy.outside_args;
  const PluginCatalogue catalogue(config.outside);
  add_to_layout(config.layout, "GpuShare", catalogue.find("GpuShare")->points, 0);
  for (const PluginLayout::Entry& e : policy.scores) {
    if (!known_by_default(e.plugin)) add_to_layout(config.layout, e.plugin, catalogue.find(e.plugin)->points, 0);
  }
  for (const Str& name : policy.more) add_to_layout(config.layout, name, catalogue.find(name)->points, 0);
  // A library's order of the queue takes the place of upstream's.
  auto& sorts = config.layout.at(Point::kQueueSort);
  if (sorts.size() > 1) sorts.erase(sorts.begin(), sorts.end() - 1);
  std::vector<std::unique_ptr<Plugin>> own;
  if (adviser) {
    own.push_back(std::make_unique<AdviserScore>(*adviser));
    add_to_layout(config.layout, own.back()->name(), points_of<AdviserScore>(), 1);
  }
  return default_profile(context, config, std::move(own));
}

}  // namespace orrery::scheduler
