// Power: what a machine draws, by how busy its cores are. The formula of SimGrid's host energy plugin (wattage_per_state
// Idle:Epsilon:AllCores), to which a test holds it.
#pragma once
#include <cstddef>

namespace orrery::sim {

/// Watts with no core at work, as soon as one works at all, and with all at work; in between the draw grows with the work. The
/// defaults are those of SimGrid's example platform.
struct PowerProfile {
  double idle = 100, any_core = 120, all_cores = 200;
};

/// Core nanoseconds worked, and nanoseconds in which at least one core worked.
struct CoreUse {
  double cores = 0, any = 0;
};

/// What a machine of so many cores with this use has drawn in `on` nanoseconds of power.
double joules(const PowerProfile& power, std::size_t cores, double on, const CoreUse& use);

}  // namespace orrery::sim
