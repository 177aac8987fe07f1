#include "scenarios/bench/timed_queue.h"

#include <algorithm>

namespace orrery::scenarios::bench {

bool TimedQueue::before(std::uint32_t a, std::uint32_t b) const {
  const bool together = !pods_[a].gang.empty() && pods_[a].gang == pods_[b].gang;
  if (before_ && !together) {
    if (before_(a, b)) return true;
    if (before_(b, a)) return false;
  } else if (!before_ && pods_[a].priority != pods_[b].priority) {
    return pods_[a].priority > pods_[b].priority;
  }
  return ranks_[a] != ranks_[b] ? ranks_[a] < ranks_[b] : a < b;
}

void TimedQueue::add(std::uint32_t pod) {
  if (queued_[pod]) return;
  queued_[pod] = true;
  const auto at = std::upper_bound(waiting_.begin(), waiting_.end(), pod, [this](std::uint32_t x, std::uint32_t y) { return before(x, y); });
  waiting_.insert(at, pod);
}

void TimedQueue::take_out(const std::function<bool(std::uint32_t)>& gone) {
  std::erase_if(waiting_, [&](std::uint32_t pod) {
    if (!gone(pod)) return false;
    queued_[pod] = false;
    return true;
  });
}

}  // namespace orrery::scenarios::bench
