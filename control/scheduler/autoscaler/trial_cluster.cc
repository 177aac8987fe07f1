#include "control/scheduler/autoscaler/trial_cluster.h"

#include "control/scheduler/plugins/registry.h"

namespace orrery::scheduler::autoscaler {

TrialCluster::TrialCluster() {
  ProfileConfig config;
  add_to_layout(config.layout, "GpuShare", PluginCatalogue().find("GpuShare")->points, 0);
  framework_ = default_profile({snapshot_, lister_, nominator_, running_}, config);
}

void TrialCluster::add_node(NodeHandle node) {
  order_.push_back(node->metadata.name);
  snapshot_.set_node(std::move(node));
}

TrialCluster::Placed TrialCluster::place(const PodInfoRef& pod, std::string_view except) {
  CycleState state;
  NodeNames names;
  PluginSet restricting = 0;
  if (!framework_->run_pre_filter(state, *pod, names, restricting).ok()) return {};
  for (const Str& name : order_) {
    const NodeInfo* const node = name == except ? nullptr : snapshot_.find(name);
    if (!node || (names && !names->contains(name)) || !framework_->run_filter(state, *pod, *node).ok()) continue;
    PodInfoRef assigned = framework_->run_assign(pod, *node);
    if (!assigned) continue;
    snapshot_.add_pod(assigned, name);
    return {std::move(assigned), node};
  }
  return {};
}

}  // namespace orrery::scheduler::autoscaler
