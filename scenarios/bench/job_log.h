// JobLog: rigid parallel jobs and the machine they are for, from the formats that batch schedulers are compared with.
#pragma once
#include <string>
#include <vector>

#include "model/base/time.h"

namespace orrery::scenarios::bench {

struct LoggedJob {
  std::string name;
  base::Nanos submitted = 0, run = 0, requested = 0;
  std::int64_t processors = 0;
};

struct JobLog {
  std::int64_t processors = 0;      ///< of the machine
  std::vector<LoggedJob> jobs;      ///< in the order of submission
  std::vector<std::string> notes;   ///< rows left out, and why
};

/// Standard Workload Format 2.2 (Feitelson; Parallel Workloads Archive): 18 numbers a line, comments after ';', of which
/// MaxProcs is read. `processors` overrides it. Jobs without a run time or processors, or larger than the machine, are left
/// out and counted; a missing requested time is the run time. Throws InputError.
JobLog read_swf(const std::string& file, std::int64_t processors);

/// Batsim's JSON workload: jobs of delay profiles ("delay", "DelayProfile") and compositions of them ("composed",
/// "sequential_composition"); other profiles depend on a platform
/// and are refused. A missing walltime is the delay. Throws InputError.
JobLog read_batsim(const std::string& file, std::int64_t processors);

}  // namespace orrery::scenarios::bench
