#include "sim/kernel/planted.h"

#include "model/base/hash.h"

namespace orrery::sim::planted {

std::uint64_t address_order(const void* address, std::uint64_t sequence) {
  return base::combine64(reinterpret_cast<std::uintptr_t>(address), sequence) >> 26;
}

base::Nanos clock_noise(std::int64_t machine_clock) {
  return static_cast<base::Nanos>(base::mix64(static_cast<std::uint64_t>(machine_clock)) & 15);
}

}  // namespace orrery::sim::planted
