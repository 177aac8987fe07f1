#include "control/scheduler/autoscaler/scale_up.h"

#include <algorithm>

#include "control/scheduler/autoscaler/part.h"
#include "control/scheduler/autoscaler/trial_cluster.h"

namespace orrery::scheduler::autoscaler {
namespace {

Str new_node(std::size_t i) { return base::cat("new-", std::to_string(i)); }

}  // namespace

Estimate estimate(std::span<const PodInfoRef> pods, const NodeTemplate& node, std::size_t most) {
  Resource has;
  has.add(node(new_node(0))->status->allocatable);
  const auto size = [&](const PodInfoRef& p) { return part_of(p->wanted.milli_cpu, has.milli_cpu) + part_of(p->wanted.memory, has.memory); };
  std::vector<PodInfoRef> order(pods.begin(), pods.end());
  std::stable_sort(order.begin(), order.end(), [&](const PodInfoRef& a, const PodInfoRef& b) { return size(a) > size(b); });
  TrialCluster trial;
  Estimate out;
  bool last_empty = false;
  for (const PodInfoRef& p : order) {
    bool placed = trial.place(p).node != nullptr;
    // What an empty node does not take needs no further one.
    if (!placed && !last_empty && trial.size() < most) {
      trial.add_node(node(new_node(trial.size())));
      placed = trial.place(p).node != nullptr;
      last_empty = !placed;
    } else if (placed) {
      last_empty = false;
    }
    if (placed) out.pods.push_back(p);
  }
  out.nodes = trial.size() - (last_empty ? 1 : 0);
  return out;
}

double waste(const ScaleUpOption& option) {
  const auto nodes = static_cast<std::int64_t>(option.estimate.nodes);
  std::int64_t cpu = 0, memory = 0;
  for (const PodInfoRef& p : option.estimate.pods) {
    cpu += p->wanted.milli_cpu;
    memory += p->wanted.memory;
  }
  return 2 - part_of(cpu, nodes * option.node.milli_cpu) - part_of(memory, nodes * option.node.memory);
}

std::size_t choose(Expander expander, std::span<const ScaleUpOption> options, base::RandomStream& random) {
  std::vector<double> value;
  for (const ScaleUpOption& o : options) {
    value.push_back(expander == Expander::kLeastWaste ? -waste(o)
                    : expander == Expander::kMostPods ? static_cast<double>(o.estimate.pods.size())
                    : expander == Expander::kPriority ? static_cast<double>(o.priority)
                                                      : 0);
  }
  const double best = *std::max_element(value.begin(), value.end());
  std::vector<std::size_t> tied;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == best) tied.push_back(i);
  }
  return tied.size() == 1 ? tied[0] : tied[random.below(tied.size())];
}

}  // namespace orrery::scheduler::autoscaler
