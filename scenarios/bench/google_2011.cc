#include "scenarios/bench/google_2011.h"

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/google_tasks.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

enum GoogleEvent { kSubmit, kSchedule, kEvict, kFail, kFinish, kKill, kLost, kUpdatePending, kUpdateRunning };

std::vector<TraceNode> read_machines(const std::string& file, Trace& trace) {
  const CsvTable csv = CsvTable::without_header(file, {"time", "machine ID", "event type", "platform ID", "CPUs", "memory"});
  GoogleMachines machines({"CPUs", "memory"});
  std::size_t updated = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::int64_t id = csv.integer(row, "machine ID", 0, INT64_MAX);
    const std::int64_t type = csv.integer(row, "event type", 0, 2);
    updated += type == 2;
    if (type == 0) machines.add(csv, row, id);
    if (type == 1) machines.remove(csv, row, id);
  }
  std::vector<TraceNode> out = machines.take(csv);
  note_if_any(trace, updated, "updates of machines are not followed");
  return out;
}

class TaskReader {
 public:
  TaskReader(const std::string& file, Trace& trace)
      : csv_(CsvTable::without_header(file, {"time", "missing info", "job ID", "task index", "machine ID", "event type", "user",
                                             "scheduling class", "priority", "CPU request", "memory request", "disk space request",
                                             "different machines restriction"})),
        trace_(trace), tasks_(csv_, {"CPU request", "memory request"}, trace) {}

  void read() {
    Nanos previous = 0;
    for (std::size_t row = 0; row < csv_.rows(); ++row) {
      const std::int64_t micros = csv_.integer(row, "time", 0, INT64_MAX);
      if (micros > kLastGoogleMicros) continue;
      last_ = micros * base::kMicrosecond;
      if (last_ < previous) csv_.fail(row, "time", "is before the row above; the table must be in the order of time");
      previous = last_;
      event(row, csv_.integer(row, "event type", 0, 8));
    }
    for (const auto& [task, attempt] : open_) add(task, attempt, last_, true);
    if (trace_.pods.empty()) throw InputError{csv_.file(), 0, "", "submits no task with requests"};
    note_if_any(trace_, tasks_.without_requests(), "submissions without requests are left out");
    note_if_any(trace_, orphans_, "events of tasks that were not submitted are left out");
  }

 private:
  using Task = GoogleTasks::Task;

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

  void add(const Task& task, const GoogleTasks::Attempt& a, Nanos end, bool censored) {
    tasks_.add(task, a, end, censored, Str(csv_.text(a.row, "user")));
  }

  CsvTable csv_;
  Trace& trace_;
  GoogleTasks tasks_;
  base::BTreeMap<Task, GoogleTasks::Attempt> open_;
  Nanos last_ = 0;
  std::size_t orphans_ = 0;
};

}  // namespace

Trace read_google_2011(const std::string& machine_events, const std::string& task_events) {
  Trace out;
  out.timed = true;
  out.nodes = read_machines(machine_events, out);
  TaskReader(task_events, out).read();
  finish_google(out);
  return out;
}

}  // namespace orrery::scenarios::bench
