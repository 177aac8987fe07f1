#include "scenarios/bench/azure_2020.h"

#include <algorithm>
#include <cmath>

#include "model/base/btree_map.h"
#include "model/base/str.h"
#include "scenarios/bench/csv.h"
#include "scenarios/load/input_error.h"

namespace orrery::scenarios::bench {
namespace {

using base::cat;

constexpr double kMachineMilliCpu = 64'000, kMachineBytes = 256.0 * (std::int64_t{1} << 30);
constexpr double kMostDays = 36'500, kDay = 86'400e9;

struct VmType {
  std::int64_t milli_cpu = 0, memory = 0;
};

base::BTreeMap<std::string, VmType> read_vm_types(const std::string& file, std::int64_t& machine) {
  const CsvTable csv(file, {"vmTypeId", "machineId", "core", "memory"});
  std::int64_t smallest = INT64_MAX;
  bool there = false;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const std::int64_t id = csv.integer(row, "machineId", 0, INT64_MAX);
    smallest = std::min(smallest, id);
    there = there || id == machine;
  }
  if (machine < 0) machine = smallest;
  else if (!there) throw InputError{file, 0, "machineId", cat("no VM type is offered on machine ", std::to_string(machine))};
  base::BTreeMap<std::string, VmType> out;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    if (csv.integer(row, "machineId", 0, INT64_MAX) != machine) continue;
    VmType t;
    t.milli_cpu = static_cast<std::int64_t>(std::llround(csv.number(row, "core", 0, 1) * kMachineMilliCpu));
    t.memory = static_cast<std::int64_t>(std::llround(csv.number(row, "memory", 0, 1) * kMachineBytes));
    out.try_emplace(std::string(csv.text(row, "vmTypeId")), t);
  }
  return out;
}

bool is_null(std::string_view text) { return text.empty() || text == "NULL" || text == "null" || text == "None"; }

base::Nanos days_in(const CsvTable& csv, std::size_t row, const char* column) {
  return static_cast<base::Nanos>(std::llround(csv.number(row, column, -kMostDays, kMostDays) * kDay));
}

}  // namespace

Trace read_azure_2020(const std::string& vm_types, const std::string& vms, std::int64_t machines, std::int64_t machine) {
  const base::BTreeMap<std::string, VmType> types = read_vm_types(vm_types, machine);
  const CsvTable csv(vms, {"vmId", "tenantId", "vmTypeId", "starttime", "endtime"});
  Trace out;
  out.timed = true;
  for (std::int64_t i = 0; i < machines; ++i) {
    out.nodes.push_back({cat("machine-", std::to_string(i)), static_cast<std::int64_t>(kMachineMilliCpu),
                         static_cast<std::int64_t>(kMachineBytes), 0, {}, {}});
  }
  std::size_t elsewhere = 0, over = 0, earlier = 0;
  base::Nanos last = 0;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const base::Nanos start = days_in(csv, row, "starttime");
    const bool alive = is_null(csv.text(row, "endtime"));
    const base::Nanos end = alive ? 0 : days_in(csv, row, "endtime");
    last = std::max({last, start, end});
    if (!alive && end < start) csv.fail(row, "endtime", "is before starttime: the duration is negative; swap the times or drop the row");
    const auto type = types.find(std::string(csv.text(row, "vmTypeId")));
    if (type == types.end() || (!alive && end <= 0)) {
      ++(type == types.end() ? elsewhere : over);
      continue;
    }
    earlier += start < 0;
    TracePod p;
    p.name = cat("vm-", csv.text(row, "vmId"));
    p.tenant = csv.text(row, "tenantId");
    p.milli_cpu = type->second.milli_cpu;
    p.memory = type->second.memory;
    p.arrival = std::max<base::Nanos>(0, start);
    p.censored = alive;
    p.duration = alive ? 0 : end - p.arrival;
    out.pods.push_back(std::move(p));
  }
  if (out.pods.empty()) throw InputError{vms, 0, "", cat("has no VM of a type that machine ", std::to_string(machine), " offers")};
  for (TracePod& p : out.pods) {
    if (p.censored) p.duration = last - p.arrival;
  }
  sort_by_arrival(out);
  note_if_any(out, elsewhere, "VMs of types that the machine does not offer are left out");
  note_if_any(out, over, "VMs that ended before the beginning are left out");
  note_if_any(out, earlier, "VMs began before the beginning; they come then and stay for what they had left");
  out.notes.push_back(cat(std::to_string(machines), " machines of type ", std::to_string(machine),
                          ", for each of which 64 cores and 256 GiB stand; priorities, disks and network are not followed"));
  return out;
}

}  // namespace orrery::scenarios::bench
