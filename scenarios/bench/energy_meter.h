// EnergyMeter: what the nodes of a timed run draw, by how much of their CPU is allocated: the integral over time, exactly, node by
// node. The draw is SimGrid's (sim/cost/power.h): `idle` with nothing allocated, else from `any_core` linearly to `all_cores`; and of
// each GPU GpuPower's.
#pragma once
#include <vector>

#include "control/scheduler/framework/snapshot.h"
#include "model/base/btree_map.h"
#include "scenarios/bench/measuring.h"
#include "sim/cost/power.h"

namespace orrery::scenarios::bench {

class EnergyMeter {
 public:
  /// `all`: how many machines there may ever be; those that are not in `snapshot` are off. The snapshot outlives the meter.
  EnergyMeter(const EnergySpec& spec, const scheduler::Snapshot& snapshot, std::size_t all);
  /// Some machine is or was.
  bool some_are_off() const { return some_off_; }
  /// A node of this name draws what `node` says; before it comes.
  void know(const TraceNode& node);
  /// What was drawn before does not count.
  void begin(base::Nanos from);
  /// The pods on `node` have changed.
  void follow(const scheduler::NodeInfo& node, base::Nanos now);
  /// The snapshot has nodes that it had not, or lacks some that it had.
  void nodes_changed(base::Nanos now);
  /// Of all machines, since the beginning.
  double joules(base::Nanos now);
  /// What they draw at this moment.
  double watts() const { return watts_; }

 private:
  struct Machine {
    sim::PowerProfile power;
    double part = 0;                 // of its CPU that is allocated, at most 1
    GpuPower gpu;                    // of each
    double gpu_watts = 0;            // of all of them
    base::Nanos since = 0;           // up to here it is in joules_
  };
  static double part_of(const scheduler::NodeInfo& node);
  static double gpu_watts_of(const GpuPower& each, const scheduler::GpuDevices& gpus);
  static double draw(const Machine& machine);
  sim::PowerProfile profile_of(const scheduler::NodeInfo& node) const;
  void settle(Machine& machine, base::Nanos now);
  void settle_all(base::Nanos now);
  void take_nodes(base::Nanos now);
  std::size_t off() const { return all_ > snapshot_.size() ? all_ - snapshot_.size() : 0; }

  EnergySpec spec_;
  base::BTreeMap<Str, PowerSpec> known_;   // by name; those that differ from spec_.power
  const scheduler::Snapshot& snapshot_;
  std::size_t all_;
  std::vector<Machine> machines_;    // by position in the snapshot
  std::size_t off_ = 0;
  bool some_off_ = false;
  base::Nanos off_since_ = 0;
  double joules_ = 0, watts_ = 0;
};

}  // namespace orrery::scenarios::bench
