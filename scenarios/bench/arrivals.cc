#include "scenarios/bench/arrivals.h"

#include <algorithm>
#include <cmath>

#include "model/base/hash.h"
#include "scenarios/bench/gpu_meter.h"

namespace orrery::scenarios::bench {
namespace {

double two_decimals(double v) { return std::nearbyint(v * 100) / 100; }

/// Collects what is measured at each per cent of arrived demand.
class Columns {
 public:
  void add(std::int64_t arrived_milli, std::int64_t total_milli, const GpuMeter& meter) {
    const double percent = static_cast<double>(arrived_milli) * 100 / static_cast<double>(total_milli);
    const auto column = static_cast<std::size_t>(std::nearbyint(percent));   // halves to even
    if (sums_.size() <= column) sums_.resize(column + 1);
    Sum& sum = sums_[column];
    const double fragmented = meter.fragmented_milli();
    ++sum.events;
    sum.allocation += two_decimals(static_cast<double>(meter.used_milli()) * 100 / static_cast<double>(total_milli));
    sum.fragmentation += fragmented;
    if (meter.idle_milli() > 0) sum.ratio += two_decimals(100 * fragmented / static_cast<double>(meter.idle_milli()));
  }

  ArrivalCurves curves(std::int64_t total_milli) const {
    ArrivalCurves out;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      Sum sum = sums_[i];
      if (sum.events == 0 && i > 0) sum.take(sums_[i - 1]);
      if (sums_[i].events == 0 && i + 1 < sums_.size()) sum.take(sums_[i + 1]);
      const auto n = static_cast<double>(std::max<std::int64_t>(sum.events, 1));
      out.allocation.push_back(two_decimals(sum.allocation / n));
      out.fragmentation.push_back(two_decimals(sum.fragmentation / n * 100 / static_cast<double>(total_milli)));
      out.fragmentation_ratio.push_back(sum.ratio / n);
    }
    return out;
  }

 private:
  struct Sum {
    std::int64_t events = 0;
    double allocation = 0, fragmentation = 0, ratio = 0;
    void take(const Sum& other) {
      events += other.events;
      allocation += other.allocation;
      fragmentation += other.fragmentation;
      ratio += other.ratio;
    }
  };
  std::vector<Sum> sums_;
};

}  // namespace

ArrivalRun run_arrivals(const Trace& trace, const ArrivalOrder& order, const scheduler::PolicySpec& policy,
                        std::shared_ptr<const scheduler::FragmentationModel> model, bool keep_placements,
                        scheduler::DecisionWatcher* watcher) {
  std::vector<TraceNode> nodes;
  for (const std::uint32_t i : order.nodes) nodes.push_back(trace.nodes[i]);
  Placement cluster(nodes, policy, model, order.seed);
  cluster.watch(watcher);
  GpuMeter meter(cluster.snapshot(), *model);
  Columns columns;
  ArrivalRun out;
  out.gpus = meter.gpus();
  base::Digest digest;
  std::int64_t arrived_milli = 0;
  for (const std::uint32_t i : order.pods) {
    const TracePod& pod = trace.pods[i];
    const Str uid = base::cat(pod.name, "-", std::to_string(out.arrived++));
    const Placement::Placed placed = cluster.place(make_pod(pod, uid));
    if (out.first.empty()) out.first = uid.str();
    if (placed.node) {
      ++out.placed;
      meter.follow(*placed.node);
    } else if (out.first_unplaced.empty()) {
      out.first_unplaced = uid.str();
    }
    const Str node = placed.node ? placed.node->name() : Str();
    digest.add(uid);
    digest.add(node);
    for (const std::uint8_t d : placed.node ? placed.pod->gpu_indices : scheduler::GpuIndices()) digest.add(d);
    if (keep_placements) out.placements.push_back({i, node, placed.node ? placed.pod->gpu_indices : scheduler::GpuIndices()});
    arrived_milli += pod.gpu.total();
    columns.add(arrived_milli, meter.total_milli(), meter);
  }
  if (cluster.advice() != 0) digest.add(cluster.advice());
  out.curves = columns.curves(meter.total_milli());
  out.digest = digest.value();
  return out;
}

}  // namespace orrery::scenarios::bench
