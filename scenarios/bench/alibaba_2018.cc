#include "scenarios/bench/alibaba_2018.h"

#include <algorithm>
#include <cmath>

#include "model/base/str.h"
#include "scenarios/bench/alibaba_pods.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr double kBytesPerPart = static_cast<double>(std::int64_t{1} << 30);
constexpr double kMostCpu = 1e9;

std::int64_t hundredths_of_memory(const CsvTable& csv, std::size_t row, const char* column) {
  return static_cast<std::int64_t>(std::llround(csv.number(row, column, 0, 100) * kBytesPerPart));
}

AlibabaRequest request_in_hundredths(const CsvTable& csv, std::size_t row, const char* cpu, const char* memory) {
  return {static_cast<std::int64_t>(std::llround(csv.number(row, cpu, 0, kMostCpu) * 10)), hundredths_of_memory(csv, row, memory)};
}

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
    n.memory = hundredths_of_memory(csv, row, "mem_size");
    nodes.try_emplace(id, std::move(n));
  }
  std::vector<TraceNode> out;
  for (auto& [id, n] : nodes) out.push_back(std::move(n));
  return out;
}

/// Makes pods of the tasks when there are no rows about their instances.
void read_batch_tasks(const std::string& file, bool make_pods, AlibabaPods& pods, Trace& trace) {
  const CsvTable csv = CsvTable::without_header(file, {"task_name", "instance_num", "job_name", "task_type", "status", "start_time",
                                                       "end_time", "plan_cpu", "plan_mem"});
  std::size_t left_out = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    AlibabaTask t;
    t.created = pods.seconds(csv, row, "start_time");
    const std::int64_t end = pods.seconds(csv, row, "end_time");
    if (end != 0) check_alibaba_times(csv, row, "end_time", t.created, end);
    pods.see(std::max(t.created, end));
    if (t.created == 0 || csv.text(row, "plan_cpu").empty() || csv.text(row, "plan_mem").empty()) {
      ++left_out;
      continue;
    }
    t.each = request_in_hundredths(csv, row, "plan_cpu", "plan_mem");
    AlibabaPods::Key key{csv.text(row, "job_name"), csv.text(row, "task_name")};
    const std::int64_t instances = csv.integer(row, "instance_num", 1, 1'000'000);
    if (make_pods) pods.add_instances(key, t, instances, end == 0 ? -1 : end - t.created);
    pods.add_task(std::move(key), t);
  }
  note_if_any(trace, left_out, "tasks without start_time or plan are left out");
}

void read_batch_instances(const std::string& file, AlibabaPods& pods) {
  pods.read_tries(CsvTable::without_header(file, {"instance_name", "task_name", "job_name", "task_type", "status", "start_time", "end_time", "machine_id",
                                                  "seq_no", "total_seq_no", "cpu_avg", "cpu_max", "mem_avg", "mem_max"}),
                  {"start_time", "end_time", "job_name", "task_name", "seq_no"});
}

void read_container_meta(const std::string& file, AlibabaPods& pods) {
  const CsvTable csv = CsvTable::without_header(
      file, {"container_id", "machine_id", "time_stamp", "app_du", "status", "cpu_request", "cpu_limit", "mem_size"});
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::string id(csv.text(row, "container_id"));
    if (id.empty()) csv.fail(row, "container_id", "must not be empty");
    const std::int64_t at = pods.seconds(csv, row, "time_stamp");
    pods.see(at);
    const bool after_trace = at == 0 && pods.runs_online(id);
    if (after_trace) continue;
    if (csv.text(row, "status") == "stopped") pods.stop_online(csv, row, "time_stamp", id, at);
    else if (!pods.runs_online(id)) pods.start_online(id, std::string(csv.text(row, "app_du")), request_in_hundredths(csv, row, "cpu_request", "mem_size"), at);
  }
}

}  // namespace

Trace read_alibaba_2018(const std::string& machine_meta, const std::string& batch_task, const std::string& batch_instance,
                        const std::string& container_meta) {
  Trace out;
  out.timed = true;
  AlibabaPods pods(out, 0);
  out.nodes = read_machine_meta(machine_meta);
  read_batch_tasks(batch_task, batch_instance.empty(), pods, out);
  if (!batch_instance.empty()) read_batch_instances(batch_instance, pods);
  if (!container_meta.empty()) read_container_meta(container_meta, pods);
  pods.finish(batch_task);
  out.notes.push_back("tasks come when they started, as their submission is not told; a hundredth of memory stands for 1 GiB");
  return out;
}

}  // namespace orrery::scenarios::bench
