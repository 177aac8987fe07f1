// World: a simulated data centre. Machines with clocks, disks, cores and memory; processes with
// supervisors; one network; one kernel; one seed. Everything a scenario does to a cluster's machines and
// processes, it does here.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "model/base/hash_map.h"
#include "model/base/random.h"
#include "model/base/str.h"
#include "model/base/time.h"
#include "model/env/fault_sites.h"
#include "model/history/record.h"
#include "sim/cost/power.h"
#include "sim/disk/disk_config.h"
#include "sim/kernel/kernel.h"
#include "sim/net/network_config.h"
#include "sim/sharing/rate_solver.h"
#include "sim/world/component.h"
#include "sim/world/process_gate.h"

namespace orrery::sim {

class Fabric;
class Machine;
class MachineClock;
class MachineDisk;
class ProcessSlot;
class RuntimeHost;
class SharedCapacity;
class TraceSink;

/// Numbered in the order of add_machine, from 0.
enum class MachineId : std::uint32_t {};
/// A place for incarnations: (machine, name). Numbered in the order of start_process, from 0.
enum class ProcessId : std::uint32_t {};

struct WorldConfig {
  std::uint64_t seed = 1;
  base::Instant epoch{1'735'689'600 * base::kSecond};  ///< wall time at kernel time 0: 2025-01-01T00:00:00Z
  NetworkConfig network;
  int work_percent = 100;  ///< of what Compute::spend is told; 0 makes thinking free
  std::vector<env::Site> planted;                      ///< bugs of the product switched on in every process
  std::function<std::int64_t()> machine_clock;         ///< read by the planted kWallClockRead alone, which needs it
};

struct MachineConfig {
  base::Str name;                   ///< host name, unique
  base::Str address;                ///< an IP that resolves to it as well; may be empty
  base::Str zone = "default";
  base::Str rack;                   ///< empty: one rack for the zone
  int cores = 4;                    ///< that Compute::spend occupies
  std::int64_t memory_bytes = std::int64_t{16} << 30;
  PowerProfile power;
  DiskConfig disk;
  base::Nanos clock_offset = 0;     ///< of the wall clock
  std::int64_t clock_drift_ppb = 0; ///< parts per billion, positive is fast; above -10^9
};

/// How a supervisor starts an ended process again. Delay of the n-th restart in a row (n = 0 first):
/// `first`, then base * 2^(n-1), at most `max`; the row ends when an incarnation has lived for
/// `reset_after`.
struct RestartPolicy {
  bool restart = true;
  base::Nanos first = base::kSecond;
  base::Nanos base = 10 * base::kSecond;
  base::Nanos max = 5 * base::kMinute;
  base::Nanos reset_after = 10 * base::kMinute;
  /// systemd's Restart=always with this RestartSec (kubelet: 10 s).
  static RestartPolicy fixed(base::Nanos delay) { return {true, delay, delay, delay, 0}; }
  static RestartPolicy never() { return {false, 0, 0, 0, 0}; }
};

struct ProcessConfig {
  base::Str name;                          ///< unique on its machine; also its directory on the disk
  ComponentFactory factory;
  RestartPolicy restart;
  base::Nanos boot_delay = 2 * base::kSecond;  ///< from power-on to its start
  bool start_at_boot = true;               ///< part of the machine's boot list
};

/// Dies at its n-th effect of this kind (1 is the first) in one incarnation, before or after it.
struct EffectPoint {
  Effect effect = Effect::kAppend;
  std::uint64_t number = 1;
  bool after = false;
};

class World {
 public:
  /// `solver` shares CPUs and links (null: make_max_min_solver()). With make_simgrid_solver() every machine is added before
  /// anything runs.
  explicit World(WorldConfig config, std::unique_ptr<RateSolver> solver = nullptr);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  /// Ends everything: tasks, components, machines. Nothing of it runs any more.
  ~World();

  Kernel& kernel() { return kernel_; }
  Fabric& network() { return *fabric_; }
  /// The machines' cores and links, where they have to be shared.
  SharedCapacity& sharing() { return *sharing_; }
  const WorldConfig& config() const { return config_; }
  base::Instant now() const { return kernel_.now(); }
  void run_until(base::Instant t) { kernel_.run_until(t); }
  void run_for(base::Nanos d) { kernel_.run_until(kernel_.now() + d); }
  std::uint64_t digest() const { return kernel_.digest(); }
  /// A stream of the world's seed for something that is not a process (a workload, a fault plan).
  base::RandomStream stream(std::string_view concern, std::string_view entity) const;
  /// Not owned; null for none.
  void set_trace(TraceSink* sink) { trace_ = sink; }
  TraceSink* trace() const { return trace_; }

  // Machines. Each is on from the start.
  MachineId add_machine(MachineConfig config);
  std::size_t machine_count() const { return machines_.size(); }
  Machine& machine(MachineId id) { return *machines_[static_cast<std::uint32_t>(id)]; }
  /// By host name; false when there is none.
  bool find_machine(std::string_view name, MachineId& id) const;
  void attach_runtime(MachineId id, std::unique_ptr<RuntimeHost> runtime);
  /// Null without one.
  RuntimeHost* runtime(MachineId id);
  MachineDisk& disk(MachineId id);
  void add_load_balancer(LoadBalancerConfig config);

  // Processes.
  /// Starts it by an event at the present instant (when the machine is on) and supervises it from then on.
  ProcessId start_process(MachineId machine, ProcessConfig config);
  std::size_t process_count() const { return slots_.size(); }
  bool find_process(MachineId machine, std::string_view name, ProcessId& id) const;
  base::Str process_name(ProcessId id) const;
  MachineId process_machine(ProcessId id) const;
  bool running(ProcessId id) const;
  /// Number of starts so far; the running incarnation's number is one less.
  std::uint32_t starts(ProcessId id) const;
  /// Kernel owner number of the running incarnation, 0 when there is none.
  std::uint32_t owner(ProcessId id) const;
  /// "machine/process#incarnation" of any owner number that was ever given, "" for 0 and numbers not of a
  /// process.
  base::Str owner_name(std::uint32_t owner) const;
  /// The running incarnation's component, or null. Tests and scenario probes only.
  Component* component(ProcessId id);
  env::Environment* environment(ProcessId id);

  /// SIGKILL: its connections are reset, its accepted appends stay, the supervisor starts it again.
  void kill(ProcessId id);
  /// Arms a death at a numbered effect of the running incarnation, or of the next one when none runs.
  void kill_at(ProcessId id, EffectPoint point);
  /// SIGSTOP / SIGCONT. A paused process's connections stay; its events run after resume.
  void pause(ProcessId id);
  void resume(ProcessId id);
  /// Kills it and does not start it again until start() is called.
  void stop(ProcessId id);
  void start(ProcessId id);
  /// Held down by stop().
  bool stopped(ProcessId id) const;

  // Faults of machines.
  /// Cuts the power: silent to peers; unsynced data may be lost.
  void power_off(MachineId id);
  /// Starts the boot list, each after its boot_delay.
  void power_on(MachineId id);
  /// An orderly stop and start: the page cache is written first, peers are reset; back after `downtime`.
  void reboot(MachineId id, base::Nanos downtime);
  bool powered(MachineId id) const;
  /// The wall clock jumps by `step`.
  void step_clock(MachineId id, base::Nanos step);
  void set_clock_drift(MachineId id, std::int64_t ppb);
  /// The monotonic and wall clocks stand still for `length`, and everything timed on that machine with
  /// them.
  void stall_clock(MachineId id, base::Nanos length);
  /// Kills, as the kernel would choose, a container or process while the machine holds more than its memory.
  /// For container runtimes whose use has grown; processes are checked by themselves.
  void check_memory(MachineId id);
  /// Spent CPU time takes `percent` of its normal length (100 is normal).
  void set_cpu_slowdown(MachineId id, int percent);

 private:
  friend class Incarnation;
  friend class ProcessSlot;
  ProcessSlot& slot(ProcessId id) const { return *slots_[static_cast<std::uint32_t>(id)]; }
  void power_cut(Machine& m, bool orderly);
  void report(const Machine& m, history::MachineRecord::What what);
  void reap_later(ProcessSlot& slot);
  void retime(Machine& m, const MachineClock& before);
  void reap();

  WorldConfig config_;
  Kernel kernel_;
  TraceSink* trace_ = nullptr;
  std::unique_ptr<SharedCapacity> sharing_;
  std::unique_ptr<Fabric> fabric_;
  std::vector<std::unique_ptr<Machine>> machines_;
  base::HashMap<base::Str, std::uint32_t> machine_by_name_;
  std::vector<std::unique_ptr<ProcessSlot>> slots_;
  std::vector<ProcessSlot*> to_reap_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> owners_;  // by owner number: process, incarnation
};

}  // namespace orrery::sim
