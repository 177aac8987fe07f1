// Batch jobs as gangs of pods.
#pragma once
#include "scenarios/bench/job_log.h"
#include "scenarios/bench/spec.h"

namespace orrery::scenarios::bench {

/// A pod for each processor of each job, at its submission, for its run time. Requested times are not used: nothing is killed.
Trace gangs_of(const JobLog& log, const GangSpec& spec);

}  // namespace orrery::scenarios::bench
