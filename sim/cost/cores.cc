#include "sim/cost/cores.h"

#include <algorithm>

namespace orrery::sim {

base::Instant Cores::occupy(base::Instant now, base::Nanos cpu) {
  const base::Nanos span = std::max<base::Nanos>(cpu, 0) * work_percent_ / 100 * slowdown_percent_ / 100;
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
  return *best;
}

}  // namespace orrery::sim
