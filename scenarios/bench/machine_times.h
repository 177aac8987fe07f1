// MachineTimes: machines of a trace that come and go (TraceNode::away) in a timed run. A machine that goes takes its pods along: they
// are evicted, and begin anew elsewhere.
#pragma once
#include <memory>

#include "scenarios/bench/timed_agent.h"

namespace orrery::scenarios::bench {

/// Those that are there at `at`.
std::vector<TraceNode> nodes_at(const std::vector<TraceNode>& nodes, base::Nanos at);

/// Null when none comes or goes after `from`.
std::unique_ptr<TimedAgent> make_machine_times(const std::vector<TraceNode>& nodes, base::Nanos from);

}  // namespace orrery::scenarios::bench
