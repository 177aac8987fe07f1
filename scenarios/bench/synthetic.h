// Synthetic: a workload drawn from declared laws. Each seed is a replicate: arrivals, durations and shapes have streams of
// their own, so that changing one law leaves the draws of the others as they were. A gang counts as its pods, and comes as a whole.
#pragma once
#include "scenarios/bench/law.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

struct NodeGroup {
  std::int64_t count = 1;
  TraceNode node;                 ///< without a name
};

struct ShapeShare {
  double share = 1;               ///< in proportion to the others'
  std::int64_t milli_cpu = 0, memory = 0;
  scheduler::GpuDemand gpu = {};
  Str tenant = {}, app = {};
  std::int32_t zone_skew = 0, priority = 0;
  std::int64_t gang_least = 1, gang_most = 1;   ///< pods that come at once and start together, drawn uniformly
  /// Without name and times.
  TracePod pod() const;
};

double total_share(const std::vector<ShapeShare>& shapes);
/// One of them, in proportion to its share of `all`.
const ShapeShare& draw_shape(const std::vector<ShapeShare>& shapes, double all, base::RandomStream& random);

/// When pods come: after spans of `between`; with `swing` the rate follows the hour of the day, as 1 + swing x a triangle
/// wave of `period`; with `burst` so many come at once.
struct ArrivalLaw {
  Law between;
  double swing = 0;               ///< 0 to 1
  base::Nanos period = 24 * base::kHour;
  std::int64_t burst = 1;
};

struct SyntheticSpec {
  std::vector<NodeGroup> nodes;
  std::int64_t pods = 0;
  ArrivalLaw arrivals;
  Law durations;
  std::vector<ShapeShare> shapes;
};

/// "node-0-000000" and so on, group after group.
std::vector<TraceNode> numbered_nodes(const std::vector<NodeGroup>& groups);

Trace generate(const SyntheticSpec& spec, std::uint64_t seed);

}  // namespace orrery::scenarios::bench
