// How many seeds a test of random runs goes through.
#pragma once
#include <cstdint>
#include <cstdlib>

namespace orrery::test {

/// ORRERY_SEEDS of the environment, or `otherwise`.
inline std::uint64_t seeds(std::uint64_t otherwise) {
  const char* given = std::getenv("ORRERY_SEEDS");
  return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

}  // namespace orrery::test
