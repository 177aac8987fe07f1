// Descheduling: a descheduler that runs its strategies on a timed run at fixed periods (control/scheduler/descheduler).
#pragma once
#include "scenarios/bench/timed_agent.h"
#include "scenarios/bench/timed_options.h"

namespace orrery::scenarios::bench {

std::unique_ptr<TimedAgent> make_descheduler(const DeschedulingSpec& spec);

}  // namespace orrery::scenarios::bench
