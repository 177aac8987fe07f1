// BatchQueue: which jobs of a queue start now on a machine of equal processors: first come, first served; with EASY
// backfilling (Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995); shortest job first. Pure functions of what is known:
// requested times, never the real ones.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/base/time.h"

namespace orrery::scheduler {

struct QueuedJob {
  std::uint32_t id = 0;
  std::int64_t processors = 0;
  base::Nanos requested = 0;      ///< how long it says it will run
};

struct RunningJob {
  std::int64_t processors = 0;
  base::Nanos expected_end = 0;   ///< start + requested
};

enum class BatchRule : std::uint8_t {
  kFcfs,      ///< nobody overtakes
  kEasy,      ///< who does not delay the head's reservation may overtake
  kSjf,       ///< the queue is sorted by requested time; nobody overtakes
  kEasySjf,   ///< as kEasy, candidates for overtaking by requested time (EASY-SJBF, Tsafrir et al., TPDS 2007)
};

/// When the job at the head of the queue will start at the latest, as things are known.
struct Reservation {
  std::uint32_t id = 0;
  base::Nanos at = 0;
};

struct BatchDecision {
  std::vector<std::uint32_t> starts;          ///< ids, in the order decided
  std::optional<Reservation> reservation;     ///< with backfilling, when a job is left at the head
};

/// `queue` in the order of arrival; `free` processors of `machine`. A job over the machine's size never starts and blocks the
/// queue: keep such jobs out.
BatchDecision decide_batch(BatchRule rule, base::Nanos now, std::int64_t free, std::span<const RunningJob> running,
                           std::span<const QueuedJob> queue);

}  // namespace orrery::scheduler
