#include "control/scheduler/policies/batch_queue.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

/// When the head can start if everything ends as expected, and how many processors it leaves free then.
struct Shadow {
  base::Nanos at = 0;
  std::int64_t spare = 0;
};

Shadow shadow_of(const QueuedJob& head, base::Nanos now, std::int64_t free, std::vector<RunningJob> running) {
  std::stable_sort(running.begin(), running.end(),
                   [](const RunningJob& a, const RunningJob& b) { return a.expected_end < b.expected_end; });
  base::Nanos at = now;
  std::size_t i = 0;
  while (i < running.size() && free < head.processors) {
    // A job that runs longer than it said is expected to end any moment.
    at = std::max(at, running[i].expected_end);
    for (; i < running.size() && std::max(now, running[i].expected_end) <= at; ++i) free += running[i].processors;
  }
  return {at, free - head.processors};
}

bool by_length(const QueuedJob& a, const QueuedJob& b) { return a.requested < b.requested; }

}  // namespace

BatchDecision decide_batch(BatchRule rule, base::Nanos now, std::int64_t free, std::span<const RunningJob> running,
                           std::span<const QueuedJob> queue) {
  BatchDecision out;
  std::vector<QueuedJob> sorted;
  if (rule == BatchRule::kSjf) {
    sorted.assign(queue.begin(), queue.end());
    std::stable_sort(sorted.begin(), sorted.end(), by_length);
    queue = sorted;
  }
  std::vector<RunningJob> now_running;
  std::size_t head = 0;
  for (; head < queue.size() && queue[head].processors <= free; ++head) {
    free -= queue[head].processors;
    now_running.push_back({queue[head].processors, now + queue[head].requested});
    out.starts.push_back(queue[head].id);
  }
  const bool backfills = rule == BatchRule::kEasy || rule == BatchRule::kEasySjf;
  if (!backfills || head == queue.size()) return out;
  now_running.insert(now_running.begin(), running.begin(), running.end());
  Shadow shadow = shadow_of(queue[head], now, free, std::move(now_running));
  out.reservation = Reservation{queue[head].id, shadow.at};
  std::vector<QueuedJob> candidates(queue.begin() + static_cast<std::ptrdiff_t>(head) + 1, queue.end());
  if (rule == BatchRule::kEasySjf) std::stable_sort(candidates.begin(), candidates.end(), by_length);
  for (const QueuedJob& job : candidates) {
    if (free == 0) break;
    if (job.processors > free) continue;
    const bool ends_before = now + job.requested <= shadow.at;
    if (!ends_before && job.processors > shadow.spare) continue;
    if (!ends_before) shadow.spare -= job.processors;
    free -= job.processors;
    out.starts.push_back(job.id);
  }
  return out;
}

}  // namespace orrery::scheduler
