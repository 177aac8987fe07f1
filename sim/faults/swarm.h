// Swarm: fault plans drawn from a seed. Each seed turns a random subset of the fault kinds on, so that rare
// mixtures happen.
#pragma once
#include <string>
#include <vector>

#include "model/base/random.h"
#include "sim/faults/fault_plan.h"

namespace orrery::sim {

struct SwarmLimits {
  std::vector<std::string> machines;   ///< that may lose power, be cut off, or have bad clocks and slow disks
  std::vector<std::string> processes;  ///< "MACHINE/PROCESS" that may be killed, paused or stopped
  std::vector<std::string> zones;      ///< whole zones that may be cut off; may be empty
  base::Instant from, until;           ///< every fault begins in [from, until) and has ended by `until`
  base::Nanos mean_gap = 20 * base::kSecond;   ///< between the beginnings of two faults
  base::Nanos max_duration = base::kMinute;
  std::size_t max_machines_off = 1;    ///< power-offs, reboots and disk damage at the same time
  bool disk_damage =
      false;  ///< bit rot and misdirected writes, from which a minority of members only may suffer
};

/// A plan in order of date. Equal streams and limits give equal plans. Empty without machines and
/// processes.
FaultPlan draw_swarm(base::RandomStream draws, const SwarmLimits& limits);

}  // namespace orrery::sim
