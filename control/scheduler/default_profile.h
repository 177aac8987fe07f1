// Profiles: plugins with their arguments, put together as a framework. The default one has upstream's plugins in the order
// and with the weights of apis/config/v1/default_plugins.go.
#pragma once
#include "control/client/client.h"
#include "control/scheduler/framework/framework.h"
#include "control/scheduler/framework/outside.h"
#include "control/scheduler/plugins/coscheduling.h"
#include "control/scheduler/plugins/default_preemption.h"
#include "control/scheduler/plugins/inter_pod_affinity.h"
#include "control/scheduler/plugins/node_affinity.h"
#include "control/scheduler/plugins/node_resources.h"
#include "control/scheduler/plugins/pod_topology_spread.h"
#include "control/scheduler/plugins/volume_binding.h"
#include "control/scheduler/policies/device_choice.h"
#include "control/scheduler/policies/vector_scores.h"

namespace orrery::scheduler {

/// Every plugin of the default profile at every point that it extends.
PluginLayout default_layout();
/// Adds a plugin at every point that it extends; at the score with `weight`, unless that is 0.
void add_to_layout(PluginLayout& layout, std::string_view plugin, std::uint32_t points, std::int64_t weight);

struct ProfileConfig {
  int percentage_of_nodes_to_score = 0;      ///< 0: adaptive
  bool first_unscored = true;                ///< without score plugins the first node that fits is taken; else one of all is drawn
  FitConfig fit;
  SpreadConfig spread;
  InterPodAffinityConfig inter_pod_affinity;
  PreemptionConfig preemption;
  NodeAffinityConfig node_affinity;
  VolumeBindingConfig volume_binding;
  CoschedulingConfig coscheduling;
  std::vector<ResourceWeight> balanced_resources = {{"cpu", 1}, {"memory", 1}};
  // Of policies/.
  std::shared_ptr<const FragmentationModel> fragmentation;   ///< of FGD, and of DeviceRule::kFragmentation
  DeviceRule devices = DeviceRule::kLeastFree;
  std::uint64_t policy_seed = 0;             ///< of random devices and scores
  LargestNode largest_node;
  // Of libraries.
  std::vector<const OutsidePlugin*> outside;   ///< those that the layout may name
  base::BTreeMap<Str, codec::JsonValue> outside_args;   ///< by plugin; objects
  PluginLayout layout = default_layout();
};

/// What the plugins act on; the references outlive the framework.
struct ProfileContext {
  const Snapshot& snapshot;
  const Lister& lister;
  const Nominated& nominated;
  const RunningPreemptions& running;
  client::Client* client = nullptr;          ///< null: placement only, nothing is written
  env::Environment* env = nullptr;           ///< null with client
  WaitingPods* waiting = nullptr;            ///< null: Permit lets nobody wait
};

/// The plugins of `config.layout`, which names known ones and those in `more` only, and has one that sorts the queue.
std::unique_ptr<Framework> default_profile(const ProfileContext& context, const ProfileConfig& config = {},
                                           std::vector<std::unique_ptr<Plugin>> more = {});

}  // namespace orrery::scheduler
