// Batch: a log of rigid jobs through a queue on a machine of equal processors (control/scheduler/policies/batch_queue.h).
#pragma once
#include "control/scheduler/policies/batch_queue.h"
#include "scenarios/bench/job_log.h"
#include "scenarios/bench/run_record.h"

namespace orrery::scenarios::bench {

/// What happens to a job that runs longer than it asked for.
enum class OverrunRule : std::uint8_t {
  kKill,      ///< it ends at its requested time: EASY's guarantee holds
  kRunOn,     ///< it ends when it ended in the log: reservations may slip, which is measured
};

struct JobOutcome {
  base::Nanos start = -1, end = -1;
  base::Nanos reserved = -1;      ///< the first reservation it got at the head of the queue; -1: none
  base::Nanos latest_promise = -1;   ///< the smallest of its reservations
};

/// The job at the head of the queue is promised a start.
void note_reservation(const scheduler::Reservation& promise, JobOutcome& head);

struct BatchRun {
  std::vector<JobOutcome> jobs;   ///< as in the log
};

/// Everything is run to its end.
BatchRun run_batch(const JobLog& log, scheduler::BatchRule rule, OverrunRule overrun);

/// The metrics of a run, and its digest.
void measure_batch(const JobLog& log, const BatchRun& run, OverrunRule overrun, RunRecord& out);

}  // namespace orrery::scenarios::bench
