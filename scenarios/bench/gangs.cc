#include "scenarios/bench/gangs.h"

#include "model/base/str.h"

namespace orrery::scenarios::bench {

Trace gangs_of(const JobLog& log, const GangSpec& spec) {
  Trace out;
  out.timed = true;
  out.notes = log.notes;
  out.notes.push_back("batch jobs are gangs: a pod for each processor, all start together or none does");
  out.nodes = numbered_nodes(spec.nodes);
  for (std::size_t j = 0; j < log.jobs.size(); ++j) {
    const LoggedJob& job = log.jobs[j];
    TracePod pod;
    pod.milli_cpu = spec.milli_cpu;
    pod.memory = spec.memory;
    pod.arrival = job.submitted;
    pod.duration = job.run;
    if (job.processors > 1) pod.gang = base::cat("job-", std::to_string(j));
    for (std::int64_t p = 0; p < job.processors; ++p) {
      pod.name = base::cat("job-", std::to_string(j), "-", std::to_string(p));
      out.pods.push_back(pod);
    }
  }
  return out;
}

}  // namespace orrery::scenarios::bench
