#include "control/scheduler/policies/flow_placement.h"

#include <algorithm>

#include "control/scheduler/policies/min_cost_flow.h"

namespace orrery::scheduler {
namespace {

struct CrowdArc {
  std::uint32_t crowd, node;
  MinCostFlow::Arc arc;
};

std::int64_t gpu_pods_that_fit(const GpuDemand& demand, const GpuDevices& gpus) {
  std::int64_t parts = 0;   // of devices, each as large as asked for
  for (const std::int32_t f : gpus.free()) parts += demand.shares() ? f / demand.milli : f >= demand.milli;
  return parts / demand.count;
}

}  // namespace

std::int64_t pods_that_fit(const PodInfo& pod, const NodeInfo& node) {
  const Resource& has = node.allocatable();
  const Resource& used = node.requested();
  std::int64_t out = has.allowed_pods - static_cast<std::int64_t>(node.pods().size());
  if (pod.wanted.milli_cpu > 0) out = std::min(out, (has.milli_cpu - used.milli_cpu) / pod.wanted.milli_cpu);
  if (pod.wanted.memory > 0) out = std::min(out, (has.memory - used.memory) / pod.wanted.memory);
  if (pod.gpu.wants()) out = std::min(out, gpu_pods_that_fit(pod.gpu, node.gpus()));
  return std::max<std::int64_t>(out, 1);
}

std::vector<FlowProposal> propose_by_flow(const Snapshot& snapshot, PodClasses& classes, std::span<const PodCrowd> crowds) {
  MinCostFlow flow;
  const MinCostFlow::Node sink = flow.add_node(), waiting = flow.add_node();
  std::vector<MinCostFlow::Node> of_node(snapshot.size(), sink);   // sink: no arc leads there yet
  std::vector<std::int64_t> room(snapshot.size());
  std::vector<CrowdArc> arcs;
  std::int64_t all = 0, dearest = 0;
  std::vector<MinCostFlow::Node> of_crowd;
  for (std::uint32_t c = 0; c < crowds.size(); ++c) {
    of_crowd.push_back(flow.add_node());
    PodClass* const known = classes.of(crowds[c].pod);
    ClassSearch& search = classes.search;
    if (!known || !known->search(0, snapshot.size(), search) || search.feasible.empty() || !known->complete(search)) continue;
    flow.set_supply(of_crowd[c], crowds[c].count);
    all += crowds[c].count;
    const std::int64_t best = *std::max_element(search.totals.begin(), search.totals.end());
    for (std::size_t i = 0; i < search.feasible.size(); ++i) {
      const std::uint32_t at = search.feasible[i];
      if (of_node[at] == sink) of_node[at] = flow.add_node();
      const std::int64_t fit = pods_that_fit(*crowds[c].pod, *snapshot.nodes()[at]);
      room[at] = std::max(room[at], fit);
      const std::int64_t cost = best - search.totals[i];
      dearest = std::max(dearest, cost);
      arcs.push_back({c, at, flow.add_arc(of_crowd[c], of_node[at], std::min(fit, crowds[c].count), cost)});
    }
  }
  flow.set_supply(sink, -all);
  flow.add_arc(waiting, sink, all, 0);
  for (const MinCostFlow::Node c : of_crowd) flow.add_arc(c, waiting, flow.supply(c), dearest + 1);
  for (std::uint32_t at = 0; at < of_node.size(); ++at) {
    if (of_node[at] != sink) flow.add_arc(of_node[at], sink, room[at], 0);
  }
  ORRERY_CHECK(flow.solve().ok(), "every pod may wait, so there is a flow");
  std::vector<FlowProposal> out;
  for (const CrowdArc& a : arcs) {
    if (flow.flow(a.arc) > 0) out.push_back({a.crowd, a.node, flow.flow(a.arc)});
  }
  return out;
}

}  // namespace orrery::scheduler
