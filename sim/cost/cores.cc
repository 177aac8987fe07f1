#include "sim/cost/cores.h"

#include <algorithm>

namespace orrery::sim {

base::Instant Cores::occupy(base::Instant now, base::Nanos work) {
  const base::Nanos span = work * slowdown_percent_ / 100;
  // Any core already free will do: the choice cannot be seen.
  base::Instant* best = &free_[0];
  for (base::Instant& f : free_) {
    if (f <= now) {
      best = &f;
      break;
    }
    if (f < *best) best = &f;
  }
  *best = std::max(*best, now) + span;
  busy_ += span;
  if (*best > busy_until_) {
    any_busy_ += *best - std::max(busy_until_, now);
    busy_until_ = *best;
  }
  return *best;
}

/// A core that is free later than `now` is occupied from now until then.
CoreUse Cores::use(base::Instant now) const {
  CoreUse u{static_cast<double>(busy_), static_cast<double>(any_busy_)};
  for (const base::Instant f : free_)
    if (f > now) u.cores -= static_cast<double>(f - now);
  if (busy_until_ > now) u.any -= static_cast<double>(busy_until_ - now);
  return u;
}

void Cores::clear(base::Instant now) {
  const CoreUse u = use(now);
  busy_ = static_cast<base::Nanos>(u.cores);
  any_busy_ = static_cast<base::Nanos>(u.any);
  busy_until_ = {};
  free_.assign(free_.size(), base::Instant{});
}

}  // namespace orrery::sim
