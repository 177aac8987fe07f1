#include "scenarios/bench/alibaba_2018.h"

#include <algorithm>
#include <cmath>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/csv.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr double kBytesPerPart = static_cast<double>(std::int64_t{1} << 30);
constexpr std::int64_t kMaxTaskSeconds = 3'000'000'000;
constexpr double kMostCpu = 1e9;

std::vector<TraceNode> read_machine_meta(const std::string& file) {
  const CsvTable csv = CsvTable::without_header(
      file, {"machine_id", "time_stamp", "failure_domain_1", "failure_domain_2", "cpu_num", "mem_size", "status"});
  base::BTreeMap<std::string, TraceNode> nodes;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::string id(csv.text(row, "machine_id"));
    if (id.empty()) csv.fail(row, "machine_id", "must not be empty");
    TraceNode n;
    n.name = id;
    n.milli_cpu = csv.integer(row, "cpu_num", 0, 1'000'000) * 1000;
    n.memory = static_cast<std::int64_t>(std::llround(csv.number(row, "mem_size", 0, 100) * kBytesPerPart));
    nodes.try_emplace(id, std::move(n));
  }
  std::vector<TraceNode> out;
  for (auto& [id, n] : nodes) out.push_back(std::move(n));
  return out;
}

struct TaskTimes {
  std::int64_t start = 0, end = 0;   ///< seconds; an end of 0 is not known
};

TaskTimes times_of(const CsvTable& csv, std::size_t row) {
  TaskTimes t;
  const auto read = [&](const char* column) {
    return csv.text(row, column).empty() ? 0 : csv.integer(row, column, 0, kMaxTaskSeconds);
  };
  t.start = read("start_time");
  t.end = read("end_time");
  if (t.end != 0 && t.end < t.start) {
    csv.fail(row, "end_time", cat("the duration is negative (", std::to_string(t.end - t.start), " s); swap the times or drop the row"));
  }
  return t;
}

void read_batch_tasks(const std::string& file, Trace& trace) {
  const CsvTable csv = CsvTable::without_header(file, {"task_name", "instance_num", "job_name", "task_type", "status", "start_time",
                                                       "end_time", "plan_cpu", "plan_mem"});
  std::int64_t last = 0;
  std::vector<TaskTimes> times;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    times.push_back(times_of(csv, row));
    last = std::max({last, times[row].start, times[row].end});
  }
  std::size_t left_out = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const TaskTimes& t = times[row];
    if (t.start == 0 || csv.text(row, "plan_cpu").empty() || csv.text(row, "plan_mem").empty()) {
      ++left_out;
      continue;
    }
    TracePod p;
    p.milli_cpu = static_cast<std::int64_t>(std::llround(csv.number(row, "plan_cpu", 0, kMostCpu) * 10));
    p.memory = static_cast<std::int64_t>(std::llround(csv.number(row, "plan_mem", 0, 100) * kBytesPerPart));
    p.tenant = csv.text(row, "job_name");
    p.arrival = t.start * base::kSecond;
    p.censored = t.end == 0;
    p.duration = ((p.censored ? last : t.end) - t.start) * base::kSecond;
    const std::int64_t instances = csv.integer(row, "instance_num", 1, 1'000'000);
    for (std::int64_t i = 1; i <= instances; ++i) {
      p.name = cat(csv.text(row, "job_name"), "-", csv.text(row, "task_name"), "-", std::to_string(i));
      trace.pods.push_back(p);
    }
  }
  if (trace.pods.empty()) throw InputError{file, 0, "", "has no task with a start_time and a plan"};
  note_if_any(trace, left_out, "tasks without start_time or plan are left out");
}

}  // namespace

Trace read_alibaba_2018(const std::string& machine_meta, const std::string& batch_task) {
  Trace out;
  out.timed = true;
  out.nodes = read_machine_meta(machine_meta);
  read_batch_tasks(batch_task, out);
  sort_by_arrival(out);
  out.notes.push_back("tasks come when they started, as their submission is not told; a hundredth of memory stands for 1 GiB");
  return out;
}

}  // namespace orrery::scenarios::bench
