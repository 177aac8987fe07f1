#include "scenarios/bench/google_tasks.h"

#include <cmath>

#include "model/base/str.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

/// What stands for the largest machine.
constexpr double kLargestMilliCpu = 64'000, kLargestBytes = 256.0 * (std::int64_t{1} << 30);

/// A column within [0, 1], of `whole`.
std::int64_t part_of_largest(const CsvTable& csv, std::size_t row, const char* column, double whole) {
  return static_cast<std::int64_t>(std::llround(csv.number(row, column, 0, 1) * whole));
}

template <class Holder>
void read_amounts(const CsvTable& csv, std::size_t row, const GoogleAmounts& columns, Holder& out) {
  out.milli_cpu = part_of_largest(csv, row, columns.cpus, kLargestMilliCpu);
  out.memory = part_of_largest(csv, row, columns.memory, kLargestBytes);
}

}  // namespace

void GoogleMachines::add(const CsvTable& csv, std::size_t row, std::int64_t id) {
  if (!amounts_.are_told(csv, row)) return;
  TraceNode n;
  n.name = cat("m-", std::to_string(id));
  read_amounts(csv, row, amounts_, n);
  nodes_.try_emplace(id, std::move(n));
}

std::vector<TraceNode> GoogleMachines::take(const CsvTable& csv) {
  if (nodes_.empty()) throw InputError{csv.file(), 0, "", "adds no machine"};
  std::vector<TraceNode> out;
  for (auto& [id, n] : nodes_) out.push_back(std::move(n));
  return out;
}

void GoogleTasks::add(const Task& task, const Attempt& a, base::Nanos end, bool censored, Str tenant) {
  if (!amounts_.are_told(csv_, a.row)) {
    ++bare_;
    return;
  }
  TracePod p;
  p.name = cat(std::to_string(task.first), "-", std::to_string(task.second), "-", std::to_string(++attempts_[task]));
  read_amounts(csv_, a.row, amounts_, p);
  p.tenant = std::move(tenant);
  p.arrival = a.submitted;
  p.patience = end - a.submitted;
  p.unscheduled = a.started < 0;
  p.duration = p.unscheduled ? 0 : end - a.started;
  p.censored = censored && !p.unscheduled;
  trace_.pods.push_back(std::move(p));
}

void finish_google(Trace& trace) {
  sort_by_arrival(trace);
  trace.notes.push_back("amounts are parts of the largest machine, for which 64 cores and 256 GiB stand");
}

}  // namespace orrery::scenarios::bench
