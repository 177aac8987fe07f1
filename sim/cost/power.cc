#include "sim/cost/power.h"

#include <algorithm>

namespace orrery::sim {

double joules(const PowerProfile& power, std::size_t cores, double on, const CoreUse& use) {
  const double any = std::min(use.any, on);
  const double full = use.cores / static_cast<double>(cores);
  return (power.idle * (on - any) + power.any_core * any + (power.all_cores - power.any_core) * full) / 1e9;
}

}  // namespace orrery::sim
