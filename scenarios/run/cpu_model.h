// CpuModel: which rate solver shares CPUs and links in a run; fixed when the scenario is loaded.
#pragma once
#include <cstdint>
#include <memory>

#include "scenarios/spec/scenario.h"
#include "sim/sharing/rate_solver.h"

namespace orrery::scenarios {

/// The greatest number of things that can share something at one moment: threads of declared workers and
/// services, counting later scaling, and one image pull or bulk message per node.
std::int64_t greatest_concurrency(const Scenario& scenario);
/// As `cluster.cpuModel` says, else SimGrid while at most 1,000 things can run at once.
CpuModel cpu_model(const Scenario& scenario);
const char* to_string(CpuModel model);  ///< "simgrid" or "host"
std::unique_ptr<sim::RateSolver> make_solver(CpuModel model);

}  // namespace orrery::scenarios
