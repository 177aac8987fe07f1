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
  ProfileFramework(std::vector<std::unique_ptr<Plugin>> plugins, const PluginLayout& layout, int percentage,
                   std::unique_ptr<Self> self)
      : Framework(std::move(plugins), layout, percentage), self_(std::move(self)) {
    self_->framework = this;
  }

 private:
  std::unique_ptr<Self> self_;
};

}  // namespace

PluginLayout default_layout() {
  PluginLayout out;
  for (const PluginKind& k : known_plugins()) {
    for (std::size_t p = 0; p < kPoints; ++p) {
      if (k.extends(static_cast<Point>(p))) out.points[p].push_back({Str(k.name), k.default_weight});
    }
  }
  return out;
}

void add_to_layout(PluginLayout& layout, const Plugin& plugin) {
  const auto add = [&](Point p, const auto* extends) {
    if (extends) layout.at(p).push_back({Str(plugin.name())});
  };
  add(Point::kPreEnqueue, dynamic_cast<const PreEnqueuePlugin*>(&plugin));
  add(Point::kQueueSort, dynamic_cast<const QueueSortPlugin*>(&plugin));
  add(Point::kPreFilter, dynamic_cast<const PreFilterPlugin*>(&plugin));
  add(Point::kFilter, dynamic_cast<const FilterPlugin*>(&plugin));
  add(Point::kPostFilter, dynamic_cast<const PostFilterPlugin*>(&plugin));
  add(Point::kPreScore, dynamic_cast<const PreScorePlugin*>(&plugin));
  add(Point::kReserve, dynamic_cast<const ReservePlugin*>(&plugin));
  add(Point::kPermit, dynamic_cast<const PermitPlugin*>(&plugin));
  add(Point::kPreBind, dynamic_cast<const PreBindPlugin*>(&plugin));
  add(Point::kBind, dynamic_cast<const BindPlugin*>(&plugin));
  add(Point::kPostBind, dynamic_cast<const PostBindPlugin*>(&plugin));
}

std::unique_ptr<Framework> default_profile(const ProfileContext& context, const ProfileConfig& config,
                                           std::vector<std::unique_ptr<Plugin>> more) {
  auto self = std::make_unique<ProfileFramework::Self>();
  std::vector<std::unique_ptr<Plugin>> plugins;
  for (const Str& name : config.layout.plugins()) {
    if (std::any_of(more.begin(), more.end(), [&](const auto& p) { return p->name() == name; })) continue;
    const PluginKind* kind = find_plugin(name);
    ORRERY_CHECK(kind != nullptr, "a layout with a plugin that is not known");
    plugins.push_back(kind->make(context, config, &self->framework));
  }
  for (std::unique_ptr<Plugin>& p : more) plugins.push_back(std::move(p));
  return std::make_unique<ProfileFramework>(std::move(plugins), config.layout, config.percentage_of_nodes_to_score, std::move(self));
}

}  // namespace orrery::scheduler
