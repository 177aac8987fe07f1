#include "control/scheduler/default_profile.h"

#include <algorithm>

#include "control/scheduler/plugins/registry.h"

namespace orrery::scheduler {
namespace {

/// DefaultPreemption runs the filters of the profile it is part of; it is told which after the profile is built.
class ProfileFramework final : public Framework {
 public:
  struct Self {
    const Framework* framework = nullptr;
  };
  ProfileFramework(std::vector<std::unique_ptr<Plugin>> plugins, const ProfileConfig& config, std::unique_ptr<Self> self)
      : Framework(std::move(plugins), config.layout, config.percentage_of_nodes_to_score, config.first_unscored),
        self_(std::move(self)) {
    self_->framework = this;
  }

 private:
  std::unique_ptr<Self> self_;
};

std::unique_ptr<Plugin> outside_plugin_of(const OutsidePlugin& plugin, const ProfileContext& context, const ProfileConfig& config) {
  const auto args = config.outside_args.find(Str(plugin.name));
  return plugin.make({context.snapshot, context.lister}, args == config.outside_args.end() ? codec::JsonValue::object() : args->second);
}

}  // namespace

PluginLayout default_layout() {
  PluginLayout out;
  for (const PluginKind& k : known_plugins()) {
    if (!k.by_default) continue;
    for (std::size_t p = 0; p < kPoints; ++p) {
      if (k.extends(static_cast<Point>(p))) out.points[p].push_back({Str(k.name), k.default_weight});
    }
  }
  return out;
}

void add_to_layout(PluginLayout& layout, std::string_view plugin, std::uint32_t points, std::int64_t weight) {
  for (std::size_t p = 0; p < kPoints; ++p) {
    const bool scores = static_cast<Point>(p) == Point::kScore;
    if ((points >> p & 1) != 0 && (!scores || weight != 0)) layout.points[p].push_back({Str(plugin), scores ? weight : 0});
  }
}

std::unique_ptr<Framework> default_profile(const ProfileContext& context, const ProfileConfig& config,
                                           std::vector<std::unique_ptr<Plugin>> more) {
  auto self = std::make_unique<ProfileFramework::Self>();
  const PluginCatalogue catalogue(config.outside);
  std::vector<std::unique_ptr<Plugin>> plugins;
  for (const Str& name : config.layout.plugins()) {
    if (std::any_of(more.begin(), more.end(), [&](const auto& p) { return p->name() == name; })) continue;
    const std::optional<PluginKind> kind = catalogue.find(name);
    ORRERY_CHECK(kind.has_value(), "a layout with a plugin that is not known");
    plugins.push_back(kind->outside ? outside_plugin_of(*kind->outside, context, config) : kind->make(context, config, &self->framework));
  }
  for (std::unique_ptr<Plugin>& p : more) plugins.push_back(std::move(p));
  return std::make_unique<ProfileFramework>(std::move(plugins), config, std::move(self));
}

}  // namespace orrery::scheduler
