// Google's traces tell amounts as parts of the largest machine of the cluster; this is what stands for it.
#pragma once
#include <cmath>
#include <cstdint>

#include "scenarios/bench/csv.h"

namespace orrery::scenarios::bench {

inline constexpr double kLargestMilliCpu = 64'000, kLargestBytes = 256.0 * (std::int64_t{1} << 30);

/// A column within [0, 1], of `whole`.
inline std::int64_t part_of_largest(const CsvTable& csv, std::size_t row, const char* column, double whole) {
  return static_cast<std::int64_t>(std::llround(csv.number(row, column, 0, 1) * whole));
}

}  // namespace orrery::scenarios::bench
