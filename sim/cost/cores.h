// Cores: the processor cores of one machine while only its processes spend (Compute::spend): k servers, first
// come first served. SharedSpends takes over while its containers work.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/time.h"
#include "sim/cost/power.h"

namespace orrery::sim {

/// How a spent amount becomes an occupied span: work_of(amount) = amount * work_percent / 100 on a core, which takes
/// slowdown_percent / 100 of that. A work_percent of 0 makes all thinking free.
class Cores {
 public:
  Cores(int count, int work_percent)
      : free_(static_cast<std::size_t>(count > 0 ? count : 1)), work_percent_(work_percent) {}
  base::Nanos work_of(base::Nanos cpu) const { return cpu > 0 ? cpu * work_percent_ / 100 : 0; }
  /// Occupies the core that is free first, from then on; gives the date at which the work is done.
  base::Instant occupy(base::Instant now, base::Nanos work);
  void set_slowdown(int percent) { slowdown_percent_ = percent; }
  /// Work under way is gone: the machine has lost power.
  void clear(base::Instant now);
  /// Occupation up to `now`.
  CoreUse use(base::Instant now) const;
  std::size_t count() const { return free_.size(); }

 private:
  std::vector<base::Instant> free_;  // when each core is free again
  int work_percent_, slowdown_percent_ = 100;
  base::Instant busy_until_;           // the last date in free_
  base::Nanos busy_ = 0, any_busy_ = 0;  // up to the dates in free_
};

}  // namespace orrery::sim
