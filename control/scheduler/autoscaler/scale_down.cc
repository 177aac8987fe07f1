#include "control/scheduler/autoscaler/scale_down.h"

#include <algorithm>

#include "control/scheduler/autoscaler/part.h"
#include "control/scheduler/autoscaler/trial_cluster.h"

namespace orrery::scheduler::autoscaler {
namespace {

/// Moves the node's pods to others, the greatest first, and takes it away. When they do not all fit it changes nothing and
/// returns false.
bool drain(TrialCluster& trial, const NodeInfo& node, std::vector<Str>& receivers) {
  std::vector<PodInfoRef> pods = node.pods();
  std::stable_sort(pods.begin(), pods.end(), [](const PodInfoRef& a, const PodInfoRef& b) { return a->wanted.milli_cpu > b->wanted.milli_cpu; });
  for (const PodInfoRef& p : pods) trial.remove_pod(*p, node.name());
  std::vector<TrialCluster::Placed> moved;
  for (const PodInfoRef& p : pods) {
    TrialCluster::Placed placed = trial.place(p, node.name());
    if (placed.node) {
      moved.push_back(std::move(placed));
      continue;
    }
    for (const TrialCluster::Placed& m : moved) trial.remove_pod(*m.pod, m.node->name());
    for (const PodInfoRef& back : pods) trial.add_pod(back, node.name());
    return false;
  }
  for (const TrialCluster::Placed& m : moved) receivers.push_back(m.node->name());
  trial.remove_node(node.name());
  return true;
}

}  // namespace

double utilisation(const NodeInfo& node) {
  if (node.gpus().count() > 0) {
    const std::int64_t all = static_cast<std::int64_t>(node.gpus().count()) * kWholeGpu;
    return part_of(all - node.gpus().total_free(), all);
  }
  return std::max(part_of(node.requested().milli_cpu, node.allocatable().milli_cpu),
                  part_of(node.requested().memory, node.allocatable().memory));
}

std::vector<const NodeInfo*> unneeded_nodes(const Snapshot& snapshot, double threshold, const std::function<bool(const NodeInfo&)>& managed) {
  std::vector<const NodeInfo*> low, out;
  for (const NodeInfo* n : snapshot.nodes()) {
    if (managed(*n) && utilisation(*n) < threshold) low.push_back(n);
  }
  const auto empty = [](const NodeInfo* n) { return n->pods().empty(); };
  if (std::all_of(low.begin(), low.end(), empty)) return low;
  TrialCluster trial;
  for (const NodeInfo* n : snapshot.nodes()) {
    trial.add_node(n->handle());
    for (const PodInfoRef& p : n->pods()) trial.add_pod(p, n->name());
  }
  std::vector<Str> receivers;
  for (const NodeInfo* n : low) {
    const bool receives = std::find(receivers.begin(), receivers.end(), n->name()) != receivers.end();
    if (!receives && drain(trial, *n, receivers)) out.push_back(n);
  }
  return out;
}

}  // namespace orrery::scheduler::autoscaler
