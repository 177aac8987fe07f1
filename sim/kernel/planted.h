// Planted breaches of determinism: what the determinism gate must catch. Off unless a run asks for them by
// name; the machine's own clock is read by the program that asks.
#pragma once
#include <cstdint>

#include "model/base/time.h"

namespace orrery::sim::planted {

/// 38 bits that depend on where the allocator and the loader put things.
std::uint64_t address_order(const void* address, std::uint64_t sequence);
/// A few nanoseconds made of what the machine's own clock says.
base::Nanos clock_noise(std::int64_t machine_clock);

}  // namespace orrery::sim::planted
