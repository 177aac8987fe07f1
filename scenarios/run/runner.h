// Runner: runs one scenario from time 0 to its end and judges it.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "control/scheduler/explain/decision_watcher.h"
#include "scenarios/expect/judge.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

struct RunOptions {
  std::string out_dir;                                  ///< "" writes no run directory
  bool oracles = true;
  scheduler::DecisionWatcher* watcher = nullptr;        ///< of the cluster's schedulers; the run is the same with it
  /// About once per virtual second.
  std::function<void(base::Instant now, const WorldState& state)> on_progress;
};

struct RunResult {
  std::vector<Verdict> verdicts;
  std::uint64_t digest = 0;
  std::uint64_t events = 0;             ///< kernel events
  std::vector<std::string> plan;        ///< the faults done
  std::string store_leader_at_fault;    ///< host name, "" without a fault
  bool ok() const {
    for (const Verdict& v : verdicts)
      if (!v.ok) return false;
    return true;
  }
};

/// Equal scenarios give equal results, byte for byte. Throws InputError when the run directory cannot be written.
RunResult run_scenario(const Scenario& scenario, const RunOptions& options);

}  // namespace orrery::scenarios
