// prefetch: hints for walks over values that lie scattered in memory and were not touched for long.
#pragma once
#include <cstddef>

namespace orrery::base {

/// How many steps ahead a walk asks for what it will need: about as long as a line takes from memory.
inline constexpr std::size_t kPrefetchAhead = 8;

/// Has the processor fetch the first two cache lines of `*p`. Any address does no harm, null neither.
inline void prefetch(const void* p) {
  __builtin_prefetch(p);
  __builtin_prefetch(static_cast<const char*>(p) + 64);
}

}  // namespace orrery::base
