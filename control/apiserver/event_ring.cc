#include "control/apiserver/event_ring.h"

#include <algorithm>

#include "model/base/prefetch.h"

namespace orrery::apiserver {

void EventRing::resize(std::size_t capacity) {
  if (end_ - first_ > capacity) {
    first_ = end_ - capacity;
    listed_ = 0;
  }
  std::vector<CacheEvent> next(capacity);
  for (std::uint64_t s = first_; s != end_; ++s)
    next[s % capacity] = std::move(slots_[s % slots_.size()]);
  slots_ = std::move(next);
}

void EventRing::push(CacheEvent event) {
  if (slots_.empty()) slots_.resize(kMinCapacity);
  const std::size_t capacity = slots_.size();
  if (end_ - first_ == capacity) {
    if (event.at - at(first_).at < kFresh) {
      if (capacity < kMaxCapacity) resize(std::min(capacity * 2, kMaxCapacity));
    } else if (capacity > kMinCapacity && event.at - at(end_ - capacity / 4).at > kFresh) {
      resize(std::max(capacity / 2, kMinCapacity));
    }
    if (end_ - first_ == slots_.size()) {
      ++first_;
      listed_ = 0;
    }
  }
  slots_[end_ % slots_.size()] = std::move(event);
  ++end_;
  // What the next event replaces, and may be the last to hold.
  const CacheEvent& next = slots_[end_ % slots_.size()];
  base::prefetch(next.object.get());
  base::prefetch(next.previous.get());
}

std::uint64_t EventRing::after(std::int64_t revision) const {
  std::uint64_t lo = first_, hi = end_;
  while (lo < hi) {
    const std::uint64_t mid = lo + (hi - lo) / 2;
    if (at(mid).revision > revision) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}

std::int64_t EventRing::floor_revision() const {
  if (listed_ > 0) return listed_;
  return first_ == end_ ? 0 : at(first_).revision - 1;
}

void EventRing::reset(std::int64_t revision) {
  for (std::uint64_t s = first_; s != end_; ++s) slots_[s % slots_.size()] = CacheEvent{};
  first_ = end_;
  listed_ = revision;
}

}  // namespace orrery::apiserver
