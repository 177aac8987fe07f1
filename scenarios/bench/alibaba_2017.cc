#include "scenarios/bench/alibaba_2017.h"

#include <algorithm>
#include <cmath>

#include "model/base/str.h"
#include "scenarios/bench/alibaba_pods.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr double kWholeMemory = 100.0 * (std::int64_t{1} << 30);
constexpr std::int64_t kMostCores = 1'000'000;

AlibabaRequest request_in_parts(const CsvTable& csv, std::size_t row, const char* cpu, const char* memory) {
  return {csv.integer(row, cpu, 0, kMostCores) * 1000, static_cast<std::int64_t>(std::llround(csv.number(row, memory, 0, 1) * kWholeMemory))};
}

void read_servers(const std::string& file, Trace& trace) {
  const CsvTable csv = CsvTable::without_header(file, {"timestamp", "machineID", "event type", "event detail", "cpus", "memory", "disk"});
  base::BTreeMap<std::int64_t, TraceNode> nodes;
  std::size_t errors = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::int64_t id = csv.integer(row, "machineID", 0, INT64_MAX);
    const std::string_view type = csv.text(row, "event type");
    if (type != "add") {
      if (type != "softerror" && type != "harderror") csv.fail(row, "event type", cat("\"", type, "\" is not add, softerror or harderror"));
      ++errors;
      continue;
    }
    const auto amounts = request_in_parts(csv, row, "cpus", "memory");
    TraceNode n;
    n.name = cat("m-", std::to_string(id));
    n.milli_cpu = amounts.milli_cpu;
    n.memory = amounts.memory;
    nodes.try_emplace(id, std::move(n));
  }
  if (nodes.empty()) throw InputError{file, 0, "", "adds no machine"};
  for (auto& [id, n] : nodes) trace.nodes.push_back(std::move(n));
  note_if_any(trace, errors, "errors of machines are not followed");
}

/// Makes pods of the tasks when there are no rows about their instances.
void read_tasks(const std::string& file, bool make_pods, AlibabaPods& pods, Trace& trace) {
  const CsvTable csv = CsvTable::without_header(
      file, {"create_timestamp", "modify_timestamp", "job_id", "task_id", "instance_num", "status", "plan_cpu", "plan_mem"});
  std::size_t bare = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    if (csv.text(row, "job_id").empty() || csv.text(row, "task_id").empty() || csv.text(row, "plan_cpu").empty() || csv.text(row, "plan_mem").empty()) {
      ++bare;
      continue;
    }
    AlibabaTask t;
    t.created = pods.seconds(csv, row, "create_timestamp");
    const std::int64_t changed = pods.seconds(csv, row, "modify_timestamp");
    pods.see(changed);
    check_alibaba_times(csv, row, "modify_timestamp", t.created, changed);
    t.each = request_in_parts(csv, row, "plan_cpu", "plan_mem");
    AlibabaPods::Key key{csv.text(row, "job_id"), csv.text(row, "task_id")};
    if (make_pods) {
      const bool ended = csv.text(row, "status") == "Terminated";
      pods.add_instances(key, t, csv.integer(row, "instance_num", 0, 1'000'000), ended ? changed - t.created : -1);
    }
    pods.add_task(std::move(key), t);
  }
  note_if_any(trace, bare, "tasks without ids or a plan are left out");
}

void read_instances(const std::string& file, AlibabaPods& pods) {
  pods.read_tries(CsvTable::without_header(file, {"start_timestamp", "end_timestamp", "job_id", "task_id", "machineID", "status", "seq_no", "total_seq_no",
                                                  "real_cpu_max", "real_cpu_avg", "real_mem_max", "real_mem_avg"}),
                  {"start_timestamp", "end_timestamp", "job_id", "task_id", "seq_no"});
}

void read_containers(const std::string& file, AlibabaPods& pods) {
  const CsvTable csv = CsvTable::without_header(file, {"ts", "event", "instance_id", "machine_id", "plan_cpu", "plan_mem", "plan_disk", "cpuset"});
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::string id = std::to_string(csv.integer(row, "instance_id", 0, INT64_MAX));
    const std::int64_t at = pods.seconds(csv, row, "ts");
    pods.see(at);
    const std::string_view event = csv.text(row, "event");
    if (event == "Create") pods.start_online(id, "", request_in_parts(csv, row, "plan_cpu", "plan_mem"), at);
    else if (event == "Remove") pods.stop_online(csv, row, "ts", id, at);
    else csv.fail(row, "event", cat("\"", event, "\" is not Create or Remove"));
  }
}

}  // namespace

Trace read_alibaba_2017(const std::string& server_event, const std::string& batch_task, const std::string& batch_instance,
                        const std::string& container_event) {
  Trace out;
  out.timed = true;
  AlibabaPods pods(out, -kMostAlibabaSeconds);
  read_servers(server_event, out);
  read_tasks(batch_task, batch_instance.empty(), pods, out);
  if (!batch_instance.empty()) read_instances(batch_instance, pods);
  if (!container_event.empty()) read_containers(container_event, pods);
  pods.finish(batch_task);
  out.notes.push_back("memory is a part of the largest machine's, for which 100 GiB stand; what was before the trace is at its beginning");
  return out;
}

}  // namespace orrery::scenarios::bench
