#include "scenarios/bench/openb.h"

#include <algorithm>

#include "scenarios/bench/csv.h"

namespace orrery::scenarios::bench {
namespace {

constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kMaxMilliCpu = 1'000'000'000, kMaxMiB = std::int64_t{1} << 36;
constexpr std::int64_t kMaxOpenbSeconds = 3'000'000'000;

/// Sorts by name; two of one name are an error of the row that comes second.
template <class T>
void sort_by_name(const CsvTable& csv, const char* column, std::vector<T>& items) {
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return items[a].name < items[b].name; });
  std::vector<T> sorted;
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k > 0 && items[order[k]].name == items[order[k - 1]].name) {
      csv.fail(order[k], column, base::cat("\"", items[order[k]].name, "\" is there twice; names must differ"));
    }
    sorted.push_back(items[order[k]]);
  }
  items = std::move(sorted);
}

Str name_of(const CsvTable& csv, std::size_t row, const char* column) {
  const std::string_view name = csv.text(row, column);
  if (name.empty()) csv.fail(row, column, "must not be empty");
  return name;
}

void read_times(const CsvTable& csv, std::size_t row, TracePod& pod) {
  const std::int64_t created = csv.integer(row, "creation_time", 0, kMaxOpenbSeconds);
  const std::int64_t deleted = csv.integer(row, "deletion_time", 0, kMaxOpenbSeconds);
  if (deleted < created) {
    csv.fail(row, "deletion_time", base::cat("the pod is deleted before it is created (", std::to_string(deleted - created),
                                             " s); swap the times or drop the row"));
  }
  pod.arrival = created * base::kSecond;
  pod.patience = (deleted - created) * base::kSecond;
  pod.unscheduled = csv.text(row, "scheduled_time").empty();
  if (pod.unscheduled) return;
  const std::int64_t started = csv.integer(row, "scheduled_time", 0, kMaxOpenbSeconds);
  if (started < created) csv.fail(row, "scheduled_time", "the pod is scheduled before it is created; swap the times or drop the row");
  if (deleted < started) {
    csv.fail(row, "deletion_time", base::cat("the duration is negative (", std::to_string(deleted - started),
                                             " s after scheduled_time); swap the times or drop the row"));
  }
  pod.duration = (deleted - started) * base::kSecond;
  pod.censored = csv.text(row, "pod_phase") == "Running";
}

}  // namespace

std::vector<TraceNode> read_openb_nodes(const std::string& file) {
  const CsvTable csv(file, {"sn", "cpu_milli", "memory_mib", "gpu", "model"});
  std::vector<TraceNode> out;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    TraceNode node;
    node.name = name_of(csv, row, "sn");
    node.milli_cpu = csv.integer(row, "cpu_milli", 0, kMaxMilliCpu);
    node.memory = csv.integer(row, "memory_mib", 0, kMaxMiB) * kMiB;
    node.gpus = static_cast<std::int32_t>(csv.integer(row, "gpu", 0, scheduler::kMaxGpus));
    node.gpu_model = csv.text(row, "model");
    out.push_back(std::move(node));
  }
  sort_by_name(csv, "sn", out);
  return out;
}

std::vector<TracePod> read_openb_pods(const std::string& file, bool timed) {
  std::vector<std::string> columns{"name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"};
  if (timed) columns.insert(columns.end(), {"pod_phase", "creation_time", "deletion_time", "scheduled_time"});
  const CsvTable csv(file, columns);
  std::vector<TracePod> out;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    TracePod pod;
    pod.name = name_of(csv, row, "name");
    pod.milli_cpu = csv.integer(row, "cpu_milli", 0, kMaxMilliCpu);
    pod.memory = csv.integer(row, "memory_mib", 0, kMaxMiB) * kMiB;
    pod.gpu.count = static_cast<std::int32_t>(csv.integer(row, "num_gpu", 0, scheduler::kMaxGpus));
    const std::int64_t milli = csv.integer(row, "gpu_milli", 0, kMaxMilliCpu);
    if (pod.gpu.count > 0) {
      if (milli == 0) csv.fail(row, "gpu_milli", "a pod with GPUs must ask for a part of each (1 to 1000)");
      pod.gpu.milli = static_cast<std::int32_t>(std::min<std::int64_t>(milli, scheduler::kWholeGpu));
      if (csv.has("gpu_spec")) pod.gpu.models = csv.text(row, "gpu_spec");
    }
    if (csv.has("qos")) pod.tenant = csv.text(row, "qos");
    if (timed) read_times(csv, row, pod);
    out.push_back(std::move(pod));
  }
  sort_by_name(csv, "name", out);
  return out;
}

}  // namespace orrery::scenarios::bench
