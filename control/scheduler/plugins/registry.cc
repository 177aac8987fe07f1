#include "control/scheduler/plugins/registry.h"

#include <algorithm>
#include <type_traits>

#include "control/scheduler/plugins/default_binder.h"
#include "control/scheduler/plugins/image_locality.h"
#include "control/scheduler/plugins/node_affinity.h"
#include "control/scheduler/plugins/node_name.h"
#include "control/scheduler/plugins/node_ports.h"
#include "control/scheduler/plugins/node_unschedulable.h"
#include "control/scheduler/plugins/node_volume_limits.h"
#include "control/scheduler/plugins/priority_sort.h"
#include "control/scheduler/plugins/scheduling_gates.h"
#include "control/scheduler/plugins/taint_toleration.h"
#include "control/scheduler/plugins/volume_binding.h"
#include "control/scheduler/plugins/volume_restrictions.h"
#include "control/scheduler/plugins/volume_zone.h"

namespace orrery::scheduler {
namespace {

template <class P>
constexpr std::uint32_t points_of() {
  std::uint32_t out = 0;
  const auto add = [&](Point p, bool extends) { out |= std::uint32_t{extends} << static_cast<unsigned>(p); };
  add(Point::kPreEnqueue, std::is_base_of_v<PreEnqueuePlugin, P>);
  add(Point::kQueueSort, std::is_base_of_v<QueueSortPlugin, P>);
  add(Point::kPreFilter, std::is_base_of_v<PreFilterPlugin, P>);
  add(Point::kFilter, std::is_base_of_v<FilterPlugin, P>);
  add(Point::kPostFilter, std::is_base_of_v<PostFilterPlugin, P>);
  add(Point::kPreScore, std::is_base_of_v<PreScorePlugin, P>);
  add(Point::kScore, std::is_base_of_v<ScorePlugin, P>);
  add(Point::kReserve, std::is_base_of_v<ReservePlugin, P>);
  add(Point::kPermit, std::is_base_of_v<PermitPlugin, P>);
  add(Point::kPreBind, std::is_base_of_v<PreBindPlugin, P>);
  add(Point::kBind, std::is_base_of_v<BindPlugin, P>);
  add(Point::kPostBind, std::is_base_of_v<PostBindPlugin, P>);
  return out;
}

/// `arguments(context, config, self)` returns what the constructor takes, as a tuple.
template <class P, class... Args>
std::unique_ptr<Plugin> made(Args&&... args) {
  return std::make_unique<P>(std::forward<Args>(args)...);
}

PluginContext plugin_context(const ProfileContext& c) { return {c.snapshot, c.lister}; }

using Self = const Framework* const*;
#define PLUGIN(P, weight, ...)                                                                                     \
  PluginKind{#P, weight, points_of<P>(),                                                                           \
             []([[maybe_unused]] const ProfileContext& context, [[maybe_unused]] const ProfileConfig& config,      \
                [[maybe_unused]] Self self) { return made<P>(__VA_ARGS__); }}

constexpr PluginKind kPlugins[] = {
    PLUGIN(SchedulingGates, 0),
    PLUGIN(PrioritySort, 0),
    PLUGIN(NodeUnschedulable, 0),
    PLUGIN(NodeName, 0),
    PLUGIN(TaintToleration, 3),
    PLUGIN(NodeAffinity, 2, config.node_affinity),
    PLUGIN(NodePorts, 0),
    PLUGIN(NodeResourcesFit, 1, config.fit),
    PLUGIN(VolumeRestrictions, 0, plugin_context(context)),
    PLUGIN(NodeVolumeLimits, 0, plugin_context(context)),
    PLUGIN(VolumeBinding, 0, plugin_context(context), context.client, context.env, config.volume_binding),
    PLUGIN(VolumeZone, 0, plugin_context(context)),
    PLUGIN(PodTopologySpread, 2, plugin_context(context), config.spread),
    PLUGIN(InterPodAffinity, 2, plugin_context(context), config.inter_pod_affinity),
    PLUGIN(DefaultPreemption, 0, plugin_context(context), self, context.nominated, context.running,
           context.env ? &context.env->clock : nullptr, config.preemption),
    PLUGIN(NodeResourcesBalancedAllocation, 1, config.balanced_resources),
    PLUGIN(ImageLocality, 1, plugin_context(context)),
    PLUGIN(DefaultBinder, 0, context.client),
};
#undef PLUGIN

}  // namespace

std::span<const PluginKind> known_plugins() { return kPlugins; }

const PluginKind* find_plugin(std::string_view name) {
  const auto at = std::find_if(std::begin(kPlugins), std::end(kPlugins), [&](const PluginKind& k) { return k.name == name; });
  return at == std::end(kPlugins) ? nullptr : at;
}

}  // namespace orrery::scheduler
