// LoadMeter: how much of a cluster is allocated over time, and how fragmented its GPUs are: means weighted by time, and lines.
#pragma once
#include <optional>
#include <vector>

#include "scenarios/bench/gpu_meter.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Integral of a quantity over time.
class Area {
 public:
  void hold(double value, base::Nanos span) { sum_ += value * in_seconds(span); }
  /// In units of the quantity times seconds.
  double total() const { return sum_; }
  double mean(base::Nanos span) const { return span > 0 ? sum_ / in_seconds(span) : 0; }

 private:
  double sum_ = 0;
};

class LoadMeter {
 public:
  /// The references outlive the meter.
  LoadMeter(const scheduler::Snapshot& snapshot, const scheduler::FragmentationModel& model);
  /// The snapshot has nodes that it had not, or lacks some that it had.
  void nodes_changed();
  /// Means are over [from, last]; lines begin at `first`.
  void begin(base::Nanos first, base::Nanos from, base::Nanos last);
  /// It ends now already.
  void end(base::Nanos now) { last_ = now; }
  /// A pod begins (+1) or ends (-1) on a node that has it already, or no longer.
  void count(const TracePod& pod, const scheduler::NodeInfo& node, int sign);
  /// Nothing has changed since the last call until now; `waiting` pods had no node.
  void measure_until(base::Nanos now, std::size_t waiting, double watts = 0);
  void fill_metrics(RunRecord& out) const;
  void fill_series(RunRecord& out) const;
  void fill_node_series(RunRecord& out) const;
  void fill_power_series(RunRecord& out) const;
  const Area& nodes() const { return node_area_; }
  base::Nanos span() const { return last_ - from_; }
  /// Sum of demand x length over capacity x horizon, of the dominant resource; `pods` with their lengths.
  double offered_load(const std::vector<std::pair<const TracePod*, base::Nanos>>& pods) const;

  std::int64_t milli_cpu() const { return cpu_capacity_; }
  std::int64_t memory() const { return memory_capacity_; }
  std::int64_t gpu_milli() const { return gpus_->total_milli(); }

 private:
  const scheduler::Snapshot& snapshot_;
  const scheduler::FragmentationModel& model_;
  std::optional<GpuMeter> gpus_;
  base::Nanos first_ = 0, from_ = 0, last_ = 0, clock_ = 0, next_point_ = 0, point_gap_ = 1;
  std::int64_t cpu_capacity_ = 0, memory_capacity_ = 0, cpu_used_ = 0, memory_used_ = 0;
  double fragmented_ = 0;
  bool stale_ = true;                                  // fragmented_ is
  Area gpu_area_, fragmented_area_, cpu_area_, memory_area_, node_area_;
  std::vector<double> days_, gpu_line_, fragmented_line_, waiting_line_, node_line_, power_line_;
};

}  // namespace orrery::scenarios::bench
