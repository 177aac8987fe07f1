#include "scenarios/bench/google_2011.h"

#include <algorithm>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/csv.h"
#include "scenarios/bench/google_units.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;
using base::Nanos;

/// Events past the end of the trace stand at 2^63 - 1.
constexpr std::int64_t kLastMicros = std::int64_t{1} << 52;

enum GoogleEvent { kSubmit, kSchedule, kEvict, kFail, kFinish, kKill, kLost, kUpdatePending, kUpdateRunning };

struct TaskAttempt {
  Nanos submitted = 0, started = -1;
  std::size_t row = 0;
};

std::vector<TraceNode> read_machines(const std::string& file, Trace& trace) {
  const CsvTable csv = CsvTable::without_header(file, {"time", "machine ID", "event type", "platform ID", "CPUs", "memory"});
  base::BTreeMap<std::int64_t, TraceNode> nodes;
  std::size_t removed = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::int64_t id = csv.integer(row, "machine ID", 0, INT64_MAX);
    const std::int64_t type = csv.integer(row, "event type", 0, 2);
    removed += type == 1;
    if (type != 0 || csv.text(row, "CPUs").empty() || csv.text(row, "memory").empty()) continue;
    TraceNode n;
    n.name = cat("m-", std::to_string(id));
    n.milli_cpu = part_of_largest(csv, row, "CPUs", kLargestMilliCpu);
    n.memory = part_of_largest(csv, row, "memory", kLargestBytes);
    nodes.try_emplace(id, std::move(n));
  }
  if (nodes.empty()) throw InputError{file, 0, "", "adds no machine"};
  if (removed > 0) trace.notes.push_back(cat(std::to_string(removed), " removals of machines are not followed"));
  std::vector<TraceNode> out;
  for (auto& [id, n] : nodes) out.push_back(std::move(n));
  return out;
}

class TaskReader {
 public:
  TaskReader(const std::string& file, Trace& trace)
      : csv_(CsvTable::without_header(file, {"time", "missing info", "job ID", "task index", "machine ID", "event type", "user",
                                             "scheduling class", "priority", "CPU request", "memory request", "disk space request",
                                             "different machines restriction"})),
        trace_(trace) {}

  void read() {
    Nanos previous = 0;
    for (std::size_t row = 0; row < csv_.rows(); ++row) {
      const std::int64_t micros = csv_.integer(row, "time", 0, INT64_MAX);
      if (micros > kLastMicros) continue;
      last_ = micros * base::kMicrosecond;
      if (last_ < previous) csv_.fail(row, "time", "is before the row above; the table must be in the order of time");
      previous = last_;
      event(row, csv_.integer(row, "event type", 0, 8));
    }
    for (const auto& [task, attempt] : open_) add(task, attempt, last_, true);
    if (trace_.pods.empty()) throw InputError{csv_.file(), 0, "", "submits no task with requests"};
    if (bare_ > 0) trace_.notes.push_back(cat(std::to_string(bare_), " submissions without requests are left out"));
    if (orphans_ > 0) trace_.notes.push_back(cat(std::to_string(orphans_), " events of tasks that were not submitted are left out"));
  }

 private:
  using Task = std::pair<std::int64_t, std::int64_t>;

  void event(std::size_t row, std::int64_t type) {
    const Task task{csv_.integer(row, "job ID", 0, INT64_MAX), csv_.integer(row, "task index", 0, INT64_MAX)};
    if (type == kUpdatePending || type == kUpdateRunning) return;
    if (type == kSubmit) {
      open_[task] = {last_, -1, row};
      return;
    }
    const auto found = open_.find(task);
    if (found == open_.end()) {
      ++orphans_;
    } else if (type == kSchedule) {
      found->second.started = last_;
    } else {
      add(task, found->second, last_, false);
      open_.erase(found);
    }
  }

  void add(const Task& task, const TaskAttempt& a, Nanos end, bool censored) {
    if (csv_.text(a.row, "CPU request").empty() || csv_.text(a.row, "memory request").empty()) {
      ++bare_;
      return;
    }
    TracePod p;
    p.name = cat(std::to_string(task.first), "-", std::to_string(task.second), "-", std::to_string(++attempts_[task]));
    p.milli_cpu = part_of_largest(csv_, a.row, "CPU request", kLargestMilliCpu);
    p.memory = part_of_largest(csv_, a.row, "memory request", kLargestBytes);
    p.tenant = csv_.text(a.row, "user");
    p.arrival = a.submitted;
    p.patience = end - a.submitted;
    p.unscheduled = a.started < 0;
    p.duration = p.unscheduled ? 0 : end - a.started;
    p.censored = censored && !p.unscheduled;
    trace_.pods.push_back(std::move(p));
  }

  CsvTable csv_;
  Trace& trace_;
  base::BTreeMap<Task, TaskAttempt> open_;
  base::BTreeMap<Task, int> attempts_;
  Nanos last_ = 0;
  std::size_t bare_ = 0, orphans_ = 0;
};

}  // namespace

Trace read_google_2011(const std::string& machine_events, const std::string& task_events) {
  Trace out;
  out.timed = true;
  out.nodes = read_machines(machine_events, out);
  TaskReader(task_events, out).read();
  std::stable_sort(out.pods.begin(), out.pods.end(), [](const TracePod& a, const TracePod& b) { return a.arrival < b.arrival; });
  out.notes.push_back("amounts are parts of the largest machine, for which 64 cores and 256 GiB stand");
  return out;
}

}  // namespace orrery::scenarios::bench
