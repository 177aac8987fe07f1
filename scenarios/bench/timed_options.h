// TimedOptions: what acts beside the scheduler in a timed run, and who watches.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "control/scheduler/autoscaler/scale_up.h"
#include "control/scheduler/descheduler/strategies.h"
#include "control/scheduler/explain/decision_watcher.h"
#include "scenarios/bench/closed_load.h"
#include "scenarios/bench/measuring.h"

namespace orrery::scenarios::bench {

/// The strategies that are set run in this order, each on what the one before left.
struct DeschedulingSpec {
  base::Nanos every = 5 * base::kMinute;       ///< upstream's deschedulingInterval in its examples
  bool remove_duplicates = false;
  std::optional<scheduler::descheduler::TopologySpreadArgs> topology_spread;
  std::optional<scheduler::descheduler::LowNodeUtilizationArgs> low_node_utilization;
  std::optional<scheduler::descheduler::HighNodeUtilizationArgs> high_node_utilization;
  std::optional<std::size_t> most_evictions;   ///< of one round (maxNoOfPodsToEvictTotal)
};

struct AutoscalingGroup {
  std::size_t min = 0, max = 1000;
  std::int64_t priority = 0;              ///< for Expander::kPriority
  TraceNode node;                         ///< named as the group; nodes are GROUP-000001 and so on
};

struct AutoscalingSpec {
  std::vector<AutoscalingGroup> groups;
  scheduler::autoscaler::Expander expander = scheduler::autoscaler::Expander::kRandom;
  bool keep_nodes = true;                 ///< the trace's nodes are there, too, in no group; else only those of groups
  base::Nanos scan = 10 * base::kSecond;
  double threshold = 0.5;
  base::Nanos unneeded = 10 * base::kMinute, after_add = 10 * base::kMinute;
  base::Nanos provisioning = 2 * base::kMinute;
};

/// Optional parts of a run, each with metrics of its own.
struct TimedParts {
  bool gangs = false, preemption = false, descheduling = false, nodes = false, machines = false;
};

struct TimedOptions {
  std::optional<DeschedulingSpec> descheduler;
  std::optional<AutoscalingSpec> autoscaler;
  Measuring measuring;
  std::optional<ClosedLoad> closed;                ///< set: the trace's pods are its users' jobs; else they come at their times
  /// Parts whose metrics are told although this run does not have them, so that it compares with others.
  TimedParts tell;
  scheduler::DecisionWatcher* watcher = nullptr;   ///< sees every decision; may be null
  /// Told of each start, by the pod's place in the trace; in a whole cluster of the commit of its first binding.
  std::function<void(std::uint32_t pod, base::Nanos at)> on_start;
};

}  // namespace orrery::scenarios::bench
