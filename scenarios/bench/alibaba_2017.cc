#include "scenarios/bench/alibaba_2017.h"

#include <algorithm>
#include <cmath>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/csv.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr double kWholeMemory = 100.0 * (std::int64_t{1} << 30);
constexpr std::int64_t kMostSeconds = 3'000'000'000, kMostCores = 1'000'000;

/// Before the trace is at its beginning.
std::int64_t seconds_in(const CsvTable& csv, std::size_t row, const char* column) {
  if (csv.text(row, column).empty()) return 0;
  return std::max<std::int64_t>(0, csv.integer(row, column, -kMostSeconds, kMostSeconds));
}

std::int64_t memory_in(const CsvTable& csv, std::size_t row, const char* column) {
  return static_cast<std::int64_t>(std::llround(csv.number(row, column, 0, 1) * kWholeMemory));
}

class Alibaba2017 {
 public:
  explicit Alibaba2017(Trace& trace) : trace_(trace) {}

  void read_servers(const std::string& file) {
    const CsvTable csv = CsvTable::without_header(file, {"timestamp", "machineID", "event type", "event detail", "cpus", "memory", "disk"});
    base::BTreeMap<std::int64_t, TraceNode> nodes;
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      const std::int64_t id = csv.integer(row, "machineID", 0, INT64_MAX);
      const std::string_view type = csv.text(row, "event type");
      if (type != "add") {
        if (type != "softerror" && type != "harderror") csv.fail(row, "event type", cat("\"", type, "\" is not add, softerror or harderror"));
        ++errors_;
        continue;
      }
      TraceNode n;
      n.name = cat("m-", std::to_string(id));
      n.milli_cpu = csv.integer(row, "cpus", 0, kMostCores) * 1000;
      n.memory = memory_in(csv, row, "memory");
      nodes.try_emplace(id, std::move(n));
    }
    if (nodes.empty()) throw InputError{file, 0, "", "adds no machine"};
    for (auto& [id, n] : nodes) trace_.nodes.push_back(std::move(n));
  }

  /// Remembers the tasks; makes pods of them when there are no rows about their instances.
  void read_tasks(const std::string& file, bool make_pods) {
    const CsvTable csv = CsvTable::without_header(
        file, {"create_timestamp", "modify_timestamp", "job_id", "task_id", "instance_num", "status", "plan_cpu", "plan_mem"});
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      if (csv.text(row, "job_id").empty() || csv.text(row, "task_id").empty() || csv.text(row, "plan_cpu").empty() || csv.text(row, "plan_mem").empty()) {
        ++bare_tasks_;
        continue;
      }
      Task t;
      t.created = seconds_in(csv, row, "create_timestamp");
      t.changed = seconds_in(csv, row, "modify_timestamp");
      see(t.changed);
      if (t.changed < t.created) {
        csv.fail(row, "modify_timestamp", cat("the duration is negative (", std::to_string(t.changed - t.created), " s); swap the times or drop the row"));
      }
      t.milli_cpu = csv.integer(row, "plan_cpu", 0, kMostCores) * 1000;
      t.memory = memory_in(csv, row, "plan_mem");
      const Key key{csv.text(row, "job_id"), csv.text(row, "task_id")};
      tasks_.insert_or_assign(key, t);
      if (!make_pods) continue;
      const bool ended = csv.text(row, "status") == "Terminated";
      for (std::int64_t i = 1; i <= csv.integer(row, "instance_num", 0, 1'000'000); ++i) {
        add(cat(key.first, "-", key.second, "-", std::to_string(i)), key.first, t, t.created, ended ? t.changed - t.created : -1);
      }
    }
  }

  void read_instances(const std::string& file) {
    const CsvTable csv = CsvTable::without_header(file, {"start_timestamp", "end_timestamp", "job_id", "task_id", "machineID", "status", "seq_no",
                                                         "total_seq_no", "real_cpu_max", "real_cpu_avg", "real_mem_max", "real_mem_avg"});
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      const Key key{csv.text(row, "job_id"), csv.text(row, "task_id")};
      const auto task = tasks_.find(key);
      if (task == tasks_.end()) {
        ++strays_;
        continue;
      }
      const bool started = !csv.text(row, "start_timestamp").empty() && csv.integer(row, "start_timestamp", -kMostSeconds, kMostSeconds) != 0;
      if (!started) {
        ++never_started_;
        continue;
      }
      const std::int64_t start = seconds_in(csv, row, "start_timestamp");
      const std::int64_t end = seconds_in(csv, row, "end_timestamp");
      see(std::max(start, end));
      if (end != 0 && end < start) {
        csv.fail(row, "end_timestamp", cat("the duration is negative (", std::to_string(end - start), " s); swap the times or drop the row"));
      }
      const bool first_try = csv.text(row, "seq_no").empty() || csv.integer(row, "seq_no", 0, INT64_MAX) <= 1;
      const std::int64_t arrival = first_try ? std::min(task->second.created, start) : start;
      add(cat(key.first, "-", key.second, "-", std::to_string(row + 1)), key.first, task->second, arrival, end != 0 ? end - start : -1, start);
    }
  }

  void read_containers(const std::string& file) {
    const CsvTable csv = CsvTable::without_header(file, {"ts", "event", "instance_id", "machine_id", "plan_cpu", "plan_mem", "plan_disk", "cpuset"});
    base::BTreeMap<std::int64_t, std::size_t> created;   // id to pod
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      const std::int64_t id = csv.integer(row, "instance_id", 0, INT64_MAX);
      const std::int64_t at = seconds_in(csv, row, "ts");
      see(at);
      const std::string_view event = csv.text(row, "event");
      if (event == "Create") {
        Task t;
        t.milli_cpu = csv.integer(row, "plan_cpu", 0, kMostCores) * 1000;
        t.memory = memory_in(csv, row, "plan_mem");
        created.insert_or_assign(id, trace_.pods.size());
        add(cat("online-", std::to_string(id)), "online", t, at, -1, at);
      } else if (event == "Remove") {
        const auto found = created.find(id);
        if (found == created.end()) {
          ++removed_unseen_;
          continue;
        }
        TracePod& p = trace_.pods[found->second];
        p.duration = at * base::kSecond - p.arrival;
        p.censored = false;
        if (p.duration < 0) csv.fail(row, "ts", "the online instance is removed before it is created; put the rows in the order of time");
        created.erase(found);
      } else {
        csv.fail(row, "event", cat("\"", event, "\" is not Create or Remove"));
      }
    }
  }

  void finish(const std::string& file) {
    for (std::size_t i = 0; i < trace_.pods.size(); ++i) {
      TracePod& p = trace_.pods[i];
      if (p.censored) p.duration = std::max<base::Nanos>(0, last_ - started_[i]) * base::kSecond;
    }
    if (trace_.pods.empty()) throw InputError{file, 0, "", "has no task or instance with a plan and a start"};
    note_if_any(trace_, errors_, "errors of machines are not followed");
    note_if_any(trace_, bare_tasks_, "tasks without ids or a plan are left out");
    note_if_any(trace_, strays_, "tries of instances without a known task are left out");
    note_if_any(trace_, never_started_, "instances that never started are left out");
    note_if_any(trace_, removed_unseen_, "removals of online instances that were not created are left out");
    trace_.notes.push_back("memory is a part of the largest machine's, for which 100 GiB stand; what was before the trace is at its beginning");
  }

 private:
  using Key = std::pair<std::string, std::string>;   // job, task
  struct Task {
    std::int64_t created = 0, changed = 0, milli_cpu = 0, memory = 0;
  };

  void see(std::int64_t second) { last_ = std::max(last_, second); }
  /// A negative duration: it is not known.
  void add(std::string name, const std::string& tenant, const Task& t, std::int64_t arrival, std::int64_t duration, std::int64_t start = -1) {
    TracePod p;
    p.name = name;
    p.tenant = tenant;
    p.milli_cpu = t.milli_cpu;
    p.memory = t.memory;
    p.arrival = arrival * base::kSecond;
    p.censored = duration < 0;
    p.duration = std::max<std::int64_t>(0, duration) * base::kSecond;
    trace_.pods.push_back(std::move(p));
    started_.push_back(start >= 0 ? start : arrival);
  }

  Trace& trace_;
  base::BTreeMap<Key, Task> tasks_;
  std::vector<std::int64_t> started_;   // of each pod, seconds
  std::int64_t last_ = 0;
  std::size_t errors_ = 0, bare_tasks_ = 0, strays_ = 0, never_started_ = 0, removed_unseen_ = 0;
};

}  // namespace

Trace read_alibaba_2017(const std::string& server_event, const std::string& batch_task, const std::string& batch_instance,
                        const std::string& container_event) {
  Trace out;
  out.timed = true;
  Alibaba2017 reader(out);
  reader.read_servers(server_event);
  reader.read_tasks(batch_task, batch_instance.empty());
  if (!batch_instance.empty()) reader.read_instances(batch_instance);
  if (!container_event.empty()) reader.read_containers(container_event);
  reader.finish(batch_task);
  sort_by_arrival(out);
  return out;
}

}  // namespace orrery::scenarios::bench
