#include "scenarios/bench/google_tasks.h"

#include <algorithm>
#include <cmath>
#include <tuple>

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

void GoogleMachines::note_change(const CsvTable& csv, std::size_t row, std::int64_t id, bool comes) {
  const std::int64_t micros = csv.integer(row, "time", 0, INT64_MAX);
  if (micros <= kLastGoogleMicros) changes_[id].push_back({micros * base::kMicrosecond, row, comes});
}

void GoogleMachines::remove(const CsvTable& csv, std::size_t row, std::int64_t id) { note_change(csv, row, id, false); }

/// Time 0 is before the trace begins.
std::vector<TraceNode::Away> GoogleMachines::away(std::vector<Change> changes) {
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return std::tie(a.at, a.row) < std::tie(b.at, b.row); });
  std::vector<TraceNode::Away> out;
  if (!changes.empty() && changes[0].comes && changes[0].at > 0) out.push_back({0, changes[0].at});
  for (const Change& c : changes) {
    const bool there = out.empty() || out.back().until <= c.at;
    if (!c.comes && there) out.push_back({c.at, INT64_MAX});
    if (c.comes && !there) out.back().until = c.at;
  }
  return out;
}

void GoogleMachines::add(const CsvTable& csv, std::size_t row, std::int64_t id) {
  note_change(csv, row, id, true);
  if (!amounts_.are_told(csv, row)) return;
  TraceNode n;
  n.name = cat("m-", std::to_string(id));
  read_amounts(csv, row, amounts_, n);
  nodes_.try_emplace(id, std::move(n));
}

std::vector<TraceNode> GoogleMachines::take(const CsvTable& csv) {
  if (nodes_.empty()) throw InputError{csv.file(), 0, "", "adds no machine"};
  std::vector<TraceNode> out;
  for (auto& [id, n] : nodes_) {
    n.away = away(changes_[id]);
    out.push_back(std::move(n));
  }
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
