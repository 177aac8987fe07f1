#include "control/scheduler/batch/availability.h"

#include <algorithm>

namespace orrery::scheduler::batch {

Availability::Availability(const BatchState& state) {
  std::vector<RunningJob> running(state.running.begin(), state.running.end());
  for (RunningJob& r : running) r.expected_end = std::max(r.expected_end, state.now + 1);
  std::sort(running.begin(), running.end(),
            [](const RunningJob& a, const RunningJob& b) { return a.expected_end < b.expected_end; });
  steps_.push_back({state.now, state.free});
  for (const RunningJob& r : running) {
    if (steps_.back().from != r.expected_end) steps_.push_back({r.expected_end, steps_.back().free});
    steps_.back().free += r.processors;
  }
}

Nanos Availability::earliest(std::int64_t processors, Nanos duration) const {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Nanos end = steps_[i].from + duration;
    std::size_t k = i;
    while (k < steps_.size() && steps_[k].from < end && steps_[k].free >= processors) ++k;
    if (k == steps_.size() || steps_[k].from >= end) return steps_[i].from;
    i = k;
  }
  return steps_.back().from;
}

std::size_t Availability::split(Nanos time) {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), time, [](Nanos t, const Step& s) { return t < s.from; });
  const std::size_t i = static_cast<std::size_t>(after - steps_.begin());
  if (steps_[i - 1].from == time) return i - 1;
  steps_.insert(after, {time, steps_[i - 1].free});
  return i;
}

void Availability::take(Nanos start, std::int64_t processors, Nanos duration) {
  const std::size_t first = split(start), last = split(start + duration);
  for (std::size_t i = first; i < last; ++i) steps_[i].free -= processors;
}

std::int64_t Availability::free_at(Nanos time) const {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), time, [](Nanos t, const Step& s) { return t < s.from; });
  return (after - 1)->free;
}

}  // namespace orrery::scheduler::batch
