#include "scenarios/bench/google_2019.h"

#include <algorithm>
#include <array>
#include <span>

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
constexpr std::int64_t kLastBorgMicros = std::int64_t{1} << 52;

enum BorgEvent { kBorgSubmit, kBorgQueue, kBorgEnable, kBorgSchedule, kBorgEvict, kBorgFail, kBorgFinish, kBorgKill, kBorgLost, kBorgUpdate };

constexpr std::array<std::string_view, 11> kBorgEvents = {"SUBMIT", "QUEUE",  "ENABLE", "SCHEDULE", "EVICT",         "FAIL",
                                                          "FINISH", "KILL",   "LOST",   "UPDATE_PENDING", "UPDATE_RUNNING"};
constexpr std::array<std::string_view, 4> kMachineEvents = {"", "ADD", "REMOVE", "UPDATE"};

/// Its place in `names`; a number is taken as it is.
std::int64_t event_of(const CsvTable& csv, std::size_t row, std::span<const std::string_view> names) {
  const std::string_view text = csv.text(row, "type");
  const auto found = std::find(names.begin(), names.end(), text);
  if (!text.empty() && found != names.end()) return found - names.begin();
  return csv.integer(row, "type", names[0].empty() ? 1 : 0, static_cast<std::int64_t>(names.size()) - 1);
}

std::vector<TraceNode> read_borg_machines(const std::string& file, Trace& trace) {
  const CsvTable csv = CsvTable::with_header_or_json(file, {"time", "machine_id", "type", "capacity.cpus", "capacity.memory"});
  base::BTreeMap<std::int64_t, TraceNode> nodes;
  std::size_t changes = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::int64_t id = csv.integer(row, "machine_id", 0, INT64_MAX);
    const bool added = event_of(csv, row, kMachineEvents) == 1;
    changes += added ? 0 : 1;
    if (!added || csv.text(row, "capacity.cpus").empty() || csv.text(row, "capacity.memory").empty()) continue;
    TraceNode n;
    n.name = cat("m-", std::to_string(id));
    n.milli_cpu = part_of_largest(csv, row, "capacity.cpus", kLargestMilliCpu);
    n.memory = part_of_largest(csv, row, "capacity.memory", kLargestBytes);
    nodes.try_emplace(id, std::move(n));
  }
  if (nodes.empty()) throw InputError{file, 0, "", "adds no machine"};
  if (changes > 0) trace.notes.push_back(cat(std::to_string(changes), " removals and updates of machines are not followed"));
  std::vector<TraceNode> out;
  for (auto& [id, n] : nodes) out.push_back(std::move(n));
  return out;
}

class InstanceReader {
 public:
  InstanceReader(const std::string& file, Trace& trace)
      : csv_(CsvTable::with_header_or_json(file, {"time", "type", "collection_id", "alloc_collection_id", "instance_index",
                                                  "resource_request.cpus", "resource_request.memory"})),
        trace_(trace) {}

  void read() {
    std::vector<std::pair<std::int64_t, std::size_t>> order;   // time, row
    for (std::size_t row = 0; row < csv_.rows(); ++row) {
      const std::int64_t micros = csv_.integer(row, "time", 0, INT64_MAX);
      if (micros <= kLastBorgMicros) order.emplace_back(micros, row);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [micros, row] : order) {
      now_ = micros * base::kMicrosecond;
      event(row, event_of(csv_, row, kBorgEvents));
    }
    for (const auto& [instance, attempt] : open_) add(instance, attempt, now_, true);
    if (trace_.pods.empty()) throw InputError{csv_.file(), 0, "", "submits no instance with requests"};
    note(bare_, "attempts without requests are left out");
    note(inside_, "events of instances inside alloc sets are left out, as the alloc instances hold their resources");
    note(orphans_, "ends of instances that were not submitted are left out");
    note(late_, "attempts were first seen when they were scheduled; they come then");
  }

 private:
  using Instance = std::pair<std::int64_t, std::int64_t>;
  struct Attempt {
    Nanos submitted = 0, started = -1;
    std::size_t row = 0;               ///< that tells the requests
  };

  void note(std::size_t n, const char* what) {
    if (n > 0) trace_.notes.push_back(cat(std::to_string(n), " ", what));
  }
  bool tells_requests(std::size_t row) const {
    return !csv_.text(row, "resource_request.cpus").empty() && !csv_.text(row, "resource_request.memory").empty();
  }

  void event(std::size_t row, std::int64_t type) {
    const std::string_view alloc = csv_.text(row, "alloc_collection_id");
    if (!alloc.empty() && alloc != "0") {
      ++inside_;
      return;
    }
    if (type >= kBorgUpdate) return;
    const Instance instance{csv_.integer(row, "collection_id", 0, INT64_MAX), csv_.integer(row, "instance_index", 0, INT64_MAX)};
    auto found = open_.find(instance);
    if (type <= kBorgSchedule) {
      if (found == open_.end()) {
        found = open_.emplace(instance, Attempt{now_, -1, row}).first;
        late_ += type == kBorgSchedule;
      }
      if (!tells_requests(found->second.row)) found->second.row = row;
      if (type == kBorgSchedule) found->second.started = now_;
      return;
    }
    if (found == open_.end()) {
      ++orphans_;
      return;
    }
    add(instance, found->second, now_, false);
    open_.erase(found);
  }

  void add(const Instance& instance, const Attempt& a, Nanos end, bool censored) {
    if (!tells_requests(a.row)) {
      ++bare_;
      return;
    }
    TracePod p;
    p.name = cat(std::to_string(instance.first), "-", std::to_string(instance.second), "-", std::to_string(++attempts_[instance]));
    p.milli_cpu = part_of_largest(csv_, a.row, "resource_request.cpus", kLargestMilliCpu);
    p.memory = part_of_largest(csv_, a.row, "resource_request.memory", kLargestBytes);
    p.tenant = std::to_string(instance.first);
    p.arrival = a.submitted;
    p.patience = end - a.submitted;
    p.unscheduled = a.started < 0;
    p.duration = p.unscheduled ? 0 : end - a.started;
    p.censored = censored && !p.unscheduled;
    trace_.pods.push_back(std::move(p));
  }

  CsvTable csv_;
  Trace& trace_;
  base::BTreeMap<Instance, Attempt> open_;
  base::BTreeMap<Instance, int> attempts_;
  Nanos now_ = 0;
  std::size_t bare_ = 0, inside_ = 0, orphans_ = 0, late_ = 0;
};

}  // namespace

Trace read_google_2019(const std::string& machine_events, const std::string& instance_events) {
  Trace out;
  out.timed = true;
  out.nodes = read_borg_machines(machine_events, out);
  InstanceReader(instance_events, out).read();
  std::stable_sort(out.pods.begin(), out.pods.end(), [](const TracePod& a, const TracePod& b) { return a.arrival < b.arrival; });
  out.notes.push_back("amounts are parts of the largest machine, for which 64 cores and 256 GiB stand");
  return out;
}

}  // namespace orrery::scenarios::bench
