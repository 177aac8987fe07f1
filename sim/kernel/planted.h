// Planted breaches of determinism: what the determinism gate must catch. Off unless a run asks for them by
// name.
#pragma once
#include <cstdint>

#include "model/base/time.h"

namespace orrery::sim::planted {

/// 38 bits that depend on where the allocator and the loader put things.
std::uint64_t address_order(const void* address, std::uint64_t sequence);
/// A few nanoseconds read off the machine's own clock.
base::Nanos wall_clock_noise();

}  // namespace orrery::sim::planted
