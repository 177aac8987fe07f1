#include "scenarios/bench/google_2019.h"

#include <algorithm>
#include <array>
#include <span>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/google_tasks.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::Nanos;

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
  GoogleMachines machines({"capacity.cpus", "capacity.memory"});
  std::size_t updated = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::int64_t id = csv.integer(row, "machine_id", 0, INT64_MAX);
    const std::int64_t type = event_of(csv, row, kMachineEvents);
    updated += type == 3;
    if (type == 1) machines.add(csv, row, id);
    if (type == 2) machines.remove(csv, row, id);
  }
  std::vector<TraceNode> out = machines.take(csv);
  note_if_any(trace, updated, "updates of machines are not followed");
  return out;
}

class InstanceReader {
 public:
  InstanceReader(const std::string& file, Trace& trace)
      : csv_(CsvTable::with_header_or_json(file, {"time", "type", "collection_id", "alloc_collection_id", "instance_index",
                                                  "resource_request.cpus", "resource_request.memory"})),
        trace_(trace), instances_(csv_, kRequests, trace) {}

  void read() {
    std::vector<std::pair<std::int64_t, std::size_t>> order;   // time, row
    for (std::size_t row = 0; row < csv_.rows(); ++row) {
      const std::int64_t micros = csv_.integer(row, "time", 0, INT64_MAX);
      if (micros <= kLastGoogleMicros) order.emplace_back(micros, row);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [micros, row] : order) {
      now_ = micros * base::kMicrosecond;
      event(row, event_of(csv_, row, kBorgEvents));
    }
    for (const auto& [instance, attempt] : open_) add(instance, attempt, now_, true);
    if (trace_.pods.empty()) throw InputError{csv_.file(), 0, "", "submits no instance with requests"};
    note_if_any(trace_, instances_.without_requests(), "attempts without requests are left out");
    note_if_any(trace_, inside_, "events of instances inside alloc sets are left out, as the alloc instances hold their resources");
    note_if_any(trace_, orphans_, "ends of instances that were not submitted are left out");
    note_if_any(trace_, late_, "attempts were first seen when they were scheduled; they come then");
  }

 private:
  using Instance = GoogleTasks::Task;
  using Attempt = GoogleTasks::Attempt;
  static constexpr GoogleAmounts kRequests{"resource_request.cpus", "resource_request.memory"};

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
      if (!kRequests.are_told(csv_, found->second.row)) found->second.row = row;
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
    instances_.add(instance, a, end, censored, Str(std::to_string(instance.first)));
  }

  CsvTable csv_;
  Trace& trace_;
  GoogleTasks instances_;
  base::BTreeMap<Instance, Attempt> open_;
  Nanos now_ = 0;
  std::size_t inside_ = 0, orphans_ = 0, late_ = 0;
};

}  // namespace

Trace read_google_2019(const std::string& machine_events, const std::string& instance_events) {
  Trace out;
  out.timed = true;
  out.nodes = read_borg_machines(machine_events, out);
  InstanceReader(instance_events, out).read();
  finish_google(out);
  return out;
}

}  // namespace orrery::scenarios::bench
