// FaultExecutor: does to a World what a FaultPlan says, and undoes it when its duration is over.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "sim/faults/fault_plan.h"
#include "sim/net/network_rules.h"
#include "sim/world/world.h"

namespace orrery::sim {

/// Lives as long as the world runs. Faults of one kind on one target do not add up: the end of the first
/// one ends the effect (network faults excepted: each is a rule of its own).
class FaultExecutor {
 public:
  explicit FaultExecutor(World& world) : world_(world) {}
  FaultExecutor(const FaultExecutor&) = delete;

  /// Plans all of it as kernel events; dates in the past run at once. kInvalid, and nothing planned, when a
  /// target names nothing that exists now.
  base::Status schedule(const FaultPlan& plan);
  /// Does it now (its date is ignored). kInvalid when the target names nothing.
  base::Status apply(const Fault& fault);
  /// Ends every network, disk and clock fault, resumes what is paused, starts what is stopped and powers on
  /// what is off.
  void heal_all();
  /// Faults done so far.
  std::uint64_t applied() const { return applied_; }

  /// Machines that a target names, in the order of their numbers.
  std::vector<MachineId> machines(std::string_view target) const;
  std::vector<ProcessId> processes(std::string_view target) const;

 private:
  base::Status check(const Fault& fault) const;
  HostSet hosts(std::string_view target) const;
  void apply_machine(const Fault& fault, MachineId id);
  void apply_process(const Fault& fault, ProcessId id);
  void apply_network(const Fault& fault);
  void apply_disk(const Fault& fault);
  void add_rule(HostSet from, HostSet to, bool both_ways, const LinkEffect& effect, base::Nanos duration);
  void ring(const Fault& fault);
  void heal_network();
  static void recover(MachineDisk& disk);
  /// Runs `undo` after the fault's duration, if it has one.
  void later(base::Nanos duration, base::UniqueFunction<void()> undo);

  World& world_;
  std::vector<RuleId> rules_;  // that hold now
  std::uint64_t applied_ = 0;
};

}  // namespace orrery::sim
