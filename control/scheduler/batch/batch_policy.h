// BatchPolicy: which waiting jobs of a batch system start now. Jobs are rigid: a number of processors for at most a requested
// time. The definitions are those of Feitelson, Rudolph, Schwiegelshohn, "Parallel Job Scheduling - A Status Report" (2004).
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/base/time.h"

namespace orrery::scheduler::batch {

using base::Nanos;

struct WaitingJob {
  std::uint32_t id = 0;
  Nanos submitted = 0;
  Nanos requested = 0;          ///< > 0: the most that it may run
  std::int64_t processors = 0;  ///< > 0
};

struct RunningJob {
  std::uint32_t id = 0;
  Nanos expected_end = 0;  ///< start + requested; past when the job overruns
  std::int64_t processors = 0;
};

struct BatchState {
  Nanos now = 0;
  std::int64_t free = 0;                    ///< processors
  std::span<const WaitingJob> waiting;      ///< by submission, then id
  std::span<const RunningJob> running;      ///< in any order
};

struct Promise {
  std::uint32_t id = 0;
  Nanos start = 0;  ///< the job starts by then if running jobs end by their expected ends
};

struct Decision {
  std::vector<std::uint32_t> start;  ///< in this order
  std::vector<Promise> promises;     ///< to jobs that stay waiting
};

class BatchPolicy {
 public:
  virtual ~BatchPolicy() = default;
  /// Asked after every change of the state. Jobs larger than the machine never come.
  virtual Decision decide(const BatchState& state) = 0;
};

/// "fcfs": in order of submission, none passes another.
/// "sjf": in order of requested time, none passes another.
/// "easy": fcfs, but later jobs may start that do not delay the first one (Lifka 1995; Mu'alem, Feitelson 2001).
/// "easy-sjbf": easy that tries the later jobs in order of requested time (Tsafrir, Etsion, Feitelson 2007).
/// "conservative": a job may start early if it delays none before it.
/// Null for other names.
std::unique_ptr<BatchPolicy> make_batch_policy(std::string_view name);
std::span<const std::string_view> batch_policy_names();

}  // namespace orrery::scheduler::batch
