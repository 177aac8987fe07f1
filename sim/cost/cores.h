// Cores: the processor cores of one machine, as Compute::spend sees them: k servers, first come first
// served.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/time.h"

namespace orrery::sim {

/// How a spent amount becomes an occupied span: amount * work_percent / 100 * slowdown_percent / 100. A
/// work_percent of 0 makes all thinking free.
class Cores {
 public:
  Cores(int count, int work_percent)
      : free_(static_cast<std::size_t>(count > 0 ? count : 1)), work_percent_(work_percent) {}
  /// Occupies the core that is free first, from then on; gives the date at which the work is done.
  base::Instant occupy(base::Instant now, base::Nanos cpu);
  void set_slowdown(int percent) { slowdown_percent_ = percent; }
  /// Work under way is gone: the machine has lost power.
  void clear() { free_.assign(free_.size(), base::Instant{}); }
  /// Nanoseconds of occupation so far, over all cores.
  base::Nanos busy() const { return busy_; }
  std::size_t count() const { return free_.size(); }

 private:
  std::vector<base::Instant> free_;  // when each core is free again
  int work_percent_, slowdown_percent_ = 100;
  base::Nanos busy_ = 0;
};

}  // namespace orrery::sim
