#include "control/scheduler/default_profile.h"

#include "control/scheduler/plugins/default_binder.h"
#include "control/scheduler/plugins/image_locality.h"
#include "control/scheduler/plugins/node_affinity.h"
#include "control/scheduler/plugins/node_name.h"
#include "control/scheduler/plugins/node_ports.h"
#include "control/scheduler/plugins/node_unschedulable.h"
#include "control/scheduler/plugins/priority_sort.h"
#include "control/scheduler/plugins/scheduling_gates.h"
#include "control/scheduler/plugins/taint_toleration.h"
#include "control/scheduler/plugins/volume_binding.h"
#include "control/scheduler/plugins/volume_restrictions.h"
#include "control/scheduler/plugins/volume_zone.h"

namespace orrery::scheduler {
namespace {

/// DefaultPreemption runs the filters of the profile it is part of; it is told which after the profile is built.
class ProfileFramework final : public Framework {
 public:
  struct Self {
    const Framework* framework = nullptr;
  };
  ProfileFramework(std::vector<PluginEntry> plugins, int percentage, std::unique_ptr<Self> self)
      : Framework(std::move(plugins), percentage), self_(std::move(self)) {
    self_->framework = this;
  }

 private:
  std::unique_ptr<Self> self_;
};

}  // namespace

std::vector<ScoreWeight> default_scores() {
  return {{"TaintToleration", 3},    {"NodeAffinity", 2},     {"NodeResourcesFit", 1},
          {"PodTopologySpread", 2},  {"InterPodAffinity", 2}, {"NodeResourcesBalancedAllocation", 1},
          {"ImageLocality", 1}};
}

std::unique_ptr<Framework> default_profile(const ProfileContext& context, const ProfileConfig& config,
                                           std::vector<std::unique_ptr<Plugin>> more) {
  const PluginContext plugin_context{context.snapshot, context.lister};
  const std::vector<ScoreWeight> scores = config.scores ? *config.scores : default_scores();
  auto self = std::make_unique<ProfileFramework::Self>();
  std::vector<PluginEntry> plugins;
  const auto add = [&](std::unique_ptr<Plugin> plugin) {
    std::int64_t weight = 0;
    for (const ScoreWeight& s : scores) {
      if (s.plugin == plugin->name()) weight = s.weight;
    }
    plugins.push_back({std::move(plugin), weight});
  };
  add(std::make_unique<SchedulingGates>());
  add(std::make_unique<PrioritySort>());
  add(std::make_unique<NodeUnschedulable>());
  add(std::make_unique<NodeName>());
  add(std::make_unique<TaintToleration>());
  add(std::make_unique<NodeAffinity>());
  add(std::make_unique<NodePorts>());
  add(std::make_unique<NodeResourcesFit>(config.fit));
  add(std::make_unique<VolumeRestrictions>(plugin_context));
  add(std::make_unique<VolumeBinding>(plugin_context, context.client, context.env));
  add(std::make_unique<VolumeZone>(plugin_context));
  add(std::make_unique<PodTopologySpread>(plugin_context, config.spread));
  add(std::make_unique<InterPodAffinity>(plugin_context, config.inter_pod_affinity));
  if (config.preempts) {
    add(std::make_unique<DefaultPreemption>(plugin_context, &self->framework, context.nominated, context.running,
                                            context.env ? &context.env->clock : nullptr, config.preemption));
  }
  add(std::make_unique<NodeResourcesBalancedAllocation>());
  add(std::make_unique<ImageLocality>(plugin_context));
  for (std::unique_ptr<Plugin>& plugin : more) add(std::move(plugin));
  add(std::make_unique<DefaultBinder>(context.client));
  return std::make_unique<ProfileFramework>(std::move(plugins), config.percentage_of_nodes_to_score, std::move(self));
}

}  // namespace orrery::scheduler
