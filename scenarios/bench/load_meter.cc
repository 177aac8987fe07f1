#include "scenarios/bench/load_meter.h"

#include <algorithm>

namespace orrery::scenarios::bench {
namespace {

constexpr std::size_t kSeriesPoints = 400;

double percent(double part, std::int64_t all) { return part * 100 / static_cast<double>(std::max<std::int64_t>(all, 1)); }

}  // namespace

LoadMeter::LoadMeter(const scheduler::Snapshot& snapshot, const scheduler::FragmentationModel& model)
    : snapshot_(snapshot), model_(model) {
  nodes_changed();
}

void LoadMeter::nodes_changed() {
  gpus_.emplace(snapshot_, model_);
  cpu_capacity_ = memory_capacity_ = 0;
  for (const scheduler::NodeInfo* n : snapshot_.nodes()) {
    cpu_capacity_ += n->allocatable().milli_cpu;
    memory_capacity_ += n->allocatable().memory;
  }
  stale_ = true;
}

void LoadMeter::begin(base::Nanos first, base::Nanos from, base::Nanos last) {
  first_ = next_point_ = first;
  from_ = clock_ = from;
  last_ = last;
  point_gap_ = std::max<base::Nanos>(1, (last - first) / static_cast<base::Nanos>(kSeriesPoints));
}

void LoadMeter::count(const TracePod& pod, const scheduler::NodeInfo& node, int sign) {
  gpus_->follow(node);
  cpu_used_ += sign * pod.milli_cpu;
  memory_used_ += sign * pod.memory;
  stale_ = true;
}

void LoadMeter::measure_until(base::Nanos now, std::size_t waiting, double watts) {
  const auto all = static_cast<double>(std::max<std::int64_t>(gpus_->total_milli(), 1));
  const double gpu = static_cast<double>(gpus_->used_milli()) * 100 / all;
  if (stale_) fragmented_ = gpus_->fragmented_milli() * 100 / all;
  stale_ = false;
  const auto nodes = static_cast<double>(snapshot_.size());
  for (; next_point_ <= now && next_point_ <= last_; next_point_ += point_gap_) {
    days_.push_back(in_seconds(next_point_ - first_) / 86400);
    gpu_line_.push_back(gpu);
    fragmented_line_.push_back(fragmented_);
    waiting_line_.push_back(static_cast<double>(waiting));
    node_line_.push_back(nodes);
    power_line_.push_back(watts / 1000);
  }
  if (now <= clock_) return;
  const base::Nanos span = now - clock_;
  gpu_area_.hold(gpu, span);
  fragmented_area_.hold(fragmented_, span);
  cpu_area_.hold(percent(static_cast<double>(cpu_used_), cpu_capacity_), span);
  memory_area_.hold(percent(static_cast<double>(memory_used_), memory_capacity_), span);
  node_area_.hold(nodes, span);
  clock_ = now;
}

void LoadMeter::fill_metrics(RunRecord& out) const {
  const base::Nanos span = last_ - from_;
  out.metrics.emplace_back("gpu_allocation_pct", gpu_area_.mean(span));
  out.metrics.emplace_back("gpu_fragmentation_pct", fragmented_area_.mean(span));
  out.metrics.emplace_back("cpu_allocation_pct", cpu_area_.mean(span));
  out.metrics.emplace_back("memory_allocation_pct", memory_area_.mean(span));
}

void LoadMeter::fill_series(RunRecord& out) const {
  out.series.push_back({"GPU allocation, % of all", "days since the first arrival", days_, gpu_line_});
  out.series.push_back({"GPU fragmentation, % of all", "days since the first arrival", days_, fragmented_line_});
  out.series.push_back({"pods waiting", "days since the first arrival", days_, waiting_line_});
}

void LoadMeter::fill_node_series(RunRecord& out) const {
  out.series.push_back({"nodes", "days since the first arrival", days_, node_line_});
}

void LoadMeter::fill_power_series(RunRecord& out) const {
  out.series.push_back({"power, kW", "days since the first arrival", days_, power_line_});
}

double LoadMeter::offered_load(const std::vector<std::pair<const TracePod*, base::Nanos>>& pods) const {
  double cpu = 0, memory = 0, gpu = 0;
  for (const auto& [pod, span] : pods) {
    const double length = in_seconds(span);
    cpu += static_cast<double>(pod->milli_cpu) * length;
    memory += static_cast<double>(pod->memory) * length;
    gpu += static_cast<double>(pod->gpu.total()) * length;
  }
  const double horizon = std::max(in_seconds(last_ - from_), 1.0);
  const auto part = [&](double work, std::int64_t capacity) { return capacity > 0 ? work / (static_cast<double>(capacity) * horizon) : 0; };
  return std::max({part(cpu, cpu_capacity_), part(memory, memory_capacity_), part(gpu, gpus_->total_milli())});
}

}  // namespace orrery::scenarios::bench
