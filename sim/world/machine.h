// Machine: one simulated computer.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/cost/cores.h"
#include "sim/disk/machine_disk.h"
#include "sim/net/topology.h"
#include "sim/world/machine_clock.h"
#include "sim/world/runtime_host.h"
#include "sim/world/world.h"

namespace orrery::sim {

class ProcessSlot;

class Machine {
 public:
  Machine(World& world, MachineId id, HostId host, MachineConfig config);
  MachineId id() const { return id_; }
  HostId host() const { return host_; }
  /// Its place in World::sharing().
  ShareNode share_node() const { return share_node_; }
  const MachineConfig& config() const { return config_; }
  bool powered() const { return powered_; }
  MachineClock& clock() { return clock_; }
  MachineDisk& disk() { return disk_; }
  Cores& cores() { return cores_; }
  RuntimeHost* runtime() { return runtime_.get(); }
  const std::vector<ProcessSlot*>& processes() const { return processes_; }
  /// Drawn since the beginning, by what its processes spent and its containers worked.
  double joules() const;
  /// Declared by the processes that run now.
  std::int64_t process_memory() const;

 private:
  friend class World;
  friend class Incarnation;
  friend class ProcessSlot;
  World& world_;
  MachineId id_;
  HostId host_;
  ShareNode share_node_;
  MachineConfig config_;
  bool powered_ = true;
  base::Instant on_since_;
  base::Nanos on_before_ = 0;  // of times of power that have ended
  MachineClock clock_;
  MachineDisk disk_;
  Cores cores_;
  std::unique_ptr<RuntimeHost> runtime_;
  std::vector<ProcessSlot*> processes_;  // in order of definition
};

}  // namespace orrery::sim
