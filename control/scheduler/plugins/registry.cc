#include "control/scheduler/plugins/registry.h"

#include <algorithm>
#include <exception>

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
#include "control/scheduler/policies/fgd.h"
#include "control/scheduler/policies/gpu_scores.h"
#include "control/scheduler/policies/gpu_share.h"
#include "control/scheduler/policies/random_score.h"
#include "control/scheduler/policies/vector_scores.h"

namespace orrery::scheduler {
namespace {

template <class P, class... Args>
std::unique_ptr<Plugin> made(Args&&... args) {
  return std::make_unique<P>(std::forward<Args>(args)...);
}

PluginContext plugin_context(const ProfileContext& c) { return {c.snapshot, c.lister}; }

using Self = const Framework* const*;
#define NAMED(NAME, P, weight, by_default, ...)                                                                    \
  PluginKind{NAME, weight, points_of<P>(),                                                                         \
             []([[maybe_unused]] const ProfileContext& context, [[maybe_unused]] const ProfileConfig& config,      \
                [[maybe_unused]] Self self) { return made<P>(__VA_ARGS__); }, by_default}
#define PLUGIN(P, weight, ...) NAMED(#P, P, weight, true, __VA_ARGS__)
#define POLICY(NAME, P, weight, ...) NAMED(NAME, P, weight, false, __VA_ARGS__)

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
    POLICY("Coscheduling", Coscheduling, 0, plugin_context(context), context.waiting, context.env ? &context.env->clock : nullptr,
           config.coscheduling),
    POLICY("GpuShare", GpuShare, 0, device_choice(config.devices, config.fragmentation, config.policy_seed)),
    POLICY("FGD", Fgd, 1, config.fragmentation),
    POLICY("BestFit", BestFit, 1, config.largest_node),
    POLICY("DotProd", DotProd, 1, config.largest_node),
    POLICY("GpuPacking", GpuPacking, 1),
    POLICY("GpuClustering", GpuClustering, 1),
    POLICY("Tetris", Tetris, 1),
    POLICY("Random", RandomScore, 1, config.policy_seed),
};
#undef POLICY
#undef PLUGIN
#undef NAMED

}  // namespace

std::span<const PluginKind> known_plugins() { return kPlugins; }

PluginCatalogue::PluginCatalogue(std::span<const OutsidePlugin* const> outside) {
  for (const OutsidePlugin* p : outside) outside_.push_back({p->name, p->default_weight, p->points, nullptr, false, p});
}

std::optional<PluginKind> PluginCatalogue::find(std::string_view name) const {
  for (const std::span<const PluginKind> kinds : {known_plugins(), std::span<const PluginKind>(outside_)}) {
    const auto at = std::find_if(kinds.begin(), kinds.end(), [&](const PluginKind& k) { return k.name == name; });
    if (at != kinds.end()) return *at;
  }
  return std::nullopt;
}

std::string PluginCatalogue::names() const {
  std::string out;
  for (const std::span<const PluginKind> kinds : {known_plugins(), std::span<const PluginKind>(outside_)}) {
    for (const PluginKind& k : kinds) out += base::cat(out.empty() ? "" : ", ", k.name);
  }
  return out;
}

std::string outside_args_problem(const OutsidePlugin& plugin, const codec::JsonValue& args) {
  const Snapshot empty;
  const FixedLister nothing;
  try {
    if (!plugin.make({empty, nothing}, args)) return "the plugin's constructor returned nothing";
  } catch (const std::exception& e) {
    return *e.what() == 0 ? "its constructor refuses them" : e.what();
  }
  return {};
}

}  // namespace orrery::scheduler
