// RuntimeHost: the container runtime and service table of one simulated machine, as the world sees them.
#pragma once
#include <cstdint>
#include <memory>

#include "model/env/containers.h"
#include "model/env/dataplane.h"
#include "sim/net/dial_redirect.h"
#include "sim/world/process_gate.h"

namespace orrery::sim {

/// One per machine, owned by the world after World::attach_runtime; survives processes, ends with the
/// world. A machine without one refuses containers and service tables. redirect() (of DialRedirect)
/// consults the machine's service table.
class RuntimeHost : public DialRedirect {
 public:
  /// The views of one process incarnation; destroyed after its component. `gate` outlives them. Completions
  /// carry gate.owner() in their event tag; starting something counts as Effect::kSpawn.
  virtual std::unique_ptr<env::Containers> containers(ProcessGate& gate) = 0;
  virtual std::unique_ptr<env::Dataplane> dataplane(ProcessGate& gate) = 0;
  /// All containers die at once and silently; images stay.
  virtual void power_off() = 0;
  virtual void power_on() = 0;
  /// What containers hold now; counted together with the machine's processes.
  virtual std::int64_t memory_in_use() const = 0;
  /// Out of memory, the kernel kills what has the greatest score: the share of the machine's memory in
  /// thousandths plus oom_score_adj. The greatest of the containers; kNoOomScore without any.
  static constexpr std::int64_t kNoOomScore = INT64_MIN;
  virtual std::int64_t oom_score() const { return kNoOomScore; }
  /// The machine's processes hold more or less than before.
  virtual void process_memory_changed() {}
  /// Kills that container.
  virtual void oom_kill() {}
};

}  // namespace orrery::sim
