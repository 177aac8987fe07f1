// Replay: a simulated cluster with the nodes of a history, on which its driver's actions are done again.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/conform/plan.h"
#include "scenarios/conform/track.h"

namespace orrery::scenarios::conform {

struct ReplayResult {
  std::vector<Observation>
      seen;  ///< committed states of covered objects; t counts from the start of the history
  std::vector<std::string>
      refused;  ///< requests of the driver that the recorded apiserver accepted and this one did not
};

/// One master with upstream's defaults, no kubelets but the fake one, as the recording had it. Equally good
/// nodes are chosen as recorded (upstream draws them). The wall clock is the recorded one, so that truncated
/// times agree.
ReplayResult replay(const History& history, const std::vector<Step>& plan, std::uint64_t seed);

}  // namespace orrery::scenarios::conform
