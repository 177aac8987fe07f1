// batch_run: a batch policy over a trace on a machine of equal processors, event by event.
#pragma once
#include <optional>

#include "control/scheduler/batch/batch_policy.h"
#include "scenarios/batch/batch_job.h"

namespace orrery::scenarios::batch {

struct BatchOptions {
  std::int64_t processors = 0;     ///< at least the largest job's
  bool kill_at_request = true;     ///< a job that reaches its requested time ends there
};

struct JobOutcome {
  Nanos start = 0, end = 0;
  bool killed = false;
  std::optional<Nanos> promised;   ///< the first start that the policy promised it while it waited
};

/// BENCH-METHOD's measures of one run; times in nanoseconds.
struct BatchSummary {
  Nanos makespan = 0;              ///< from the first submission to the last end
  double mean_wait = 0, mean_bounded_slowdown = 0;  ///< max(1, (wait + run) / max(run, 10 s))
  Nanos median_wait = 0, p90_wait = 0, p99_wait = 0, max_wait = 0;
  double utilization = 0;          ///< of processors x makespan
  int killed = 0;
  int promised = 0, late = 0;      ///< jobs with a promise; those that started after it
  Nanos worst_slippage = 0;        ///< by how much
};

struct BatchResult {
  std::vector<JobOutcome> jobs;    ///< in the trace's order
  std::uint64_t decisions = 0, waiting_seen = 0;  ///< calls of the policy; waiting jobs that it was shown in all
};

/// At one instant jobs end, then jobs arrive, then the policy decides once.
BatchResult batch_run(const BatchTrace& trace, scheduler::batch::BatchPolicy& policy, const BatchOptions& options);
BatchSummary summarize(const BatchTrace& trace, const BatchResult& result, const BatchOptions& options);

}  // namespace orrery::scenarios::batch
