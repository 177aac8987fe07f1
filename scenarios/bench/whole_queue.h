// WholeQueue: pods that wait in front of the scheduler of a whole cluster, each held by a scheduling gate that is taken away when the
// policy lets it through, as Kueue admits workloads of plain pods. It decides from committed state, without delay; taking the gates
// away are writes to the API like others. Which policies need it: `backfill: none` and those for batch jobs; with the code that decides
// in placement only (timed_queue.h, control/scheduler/policies/batch_queue.h).
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "scenarios/bench/batch.h"
#include "scenarios/bench/timed_queue.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

inline constexpr std::string_view kQueueGate = "orrery.dev/queue";

/// Pods are places in the trace; times are since pods may come.
class WholeQueue {
 public:
  virtual ~WholeQueue() = default;
  /// With its gate; perhaps not for the first time.
  virtual void came(std::uint32_t pod) = 0;
  virtual void bound(std::uint32_t pod, base::Nanos at) = 0;
  /// It has ended or is gone.
  virtual void over(std::uint32_t pod, base::Nanos at) = 0;
  /// Whose gates go now, each once for each time that it came.
  virtual std::vector<std::uint32_t> release(base::Nanos now) = 0;
};

/// Nobody passes a pod, or a gang, that waits: the first in the order of priority, then of arrival, is let through, the next one when
/// it is bound; who comes with a higher priority is let through at once.
class StrictQueue final : public WholeQueue {
 public:
  StrictQueue(const std::vector<TracePod>& pods, std::vector<std::uint32_t> ranks) : pods_(pods), queue_(pods, std::move(ranks)), held_(pods.size()) {}
  /// Its turn among arrivals is known only now.
  void rank(std::uint32_t pod, std::uint32_t turn) { queue_.rank(pod, turn); }
  void came(std::uint32_t pod) override;
  void bound(std::uint32_t pod, base::Nanos at) override;
  void over(std::uint32_t pod, base::Nanos at) override { bound(pod, at); }
  std::vector<std::uint32_t> release(base::Nanos now) override;

 private:
  const std::vector<TracePod>& pods_;
  TimedQueue queue_;               // those that have no node
  std::vector<bool> held_;         // by pod: it has its gate
};

/// A log of rigid jobs on the cluster's processors, a pod for each. A job counts from the moment when it is let through until all of its
/// pods have ended; pods of a job under way that come again pass at once.
class BatchGate final : public WholeQueue {
 public:
  /// The trace's pods are the jobs' processors, job by job in the order of the log, which outlives it.
  BatchGate(const JobLog& log, scheduler::BatchRule rule);
  void came(std::uint32_t pod) override;
  void bound(std::uint32_t pod, base::Nanos at) override;
  void over(std::uint32_t pod, base::Nanos at) override;
  std::vector<std::uint32_t> release(base::Nanos now) override;

  bool all_over() const { return over_ == jobs_.size(); }
  /// A job starts with its last binding and ends with its last pod. Those that have not are told as starting, or ending, at `now`.
  BatchRun outcome(base::Nanos now) const;
  std::size_t unfinished() const { return jobs_.size() - over_; }

 private:
  struct Job {
    std::uint32_t first = 0;       // of its pods
    std::int64_t came = 0, bound = 0, over = 0;
    base::Nanos admitted = -1, started = -1, ended = -1;
  };
  bool waits(std::size_t job) const { return jobs_[job].admitted < 0 && jobs_[job].came == log_.jobs[job].processors; }
  void decide(base::Nanos now, std::vector<std::uint32_t>& out);

  const JobLog& log_;
  scheduler::BatchRule rule_;
  std::vector<Job> jobs_;
  std::vector<std::uint32_t> job_of_;   // by pod
  std::vector<bool> was_bound_, was_over_;   // by pod
  std::vector<scheduler::QueuedJob> queue_;
  std::vector<std::uint32_t> running_, again_;   // jobs; pods that come again
  std::vector<JobOutcome> reserved_;    // by job; only what was promised
  std::size_t over_ = 0;
  bool changed_ = false;
};

}  // namespace orrery::scenarios::bench
