// Amounts in parts of a capacity.
#pragma once
#include <cstdint>

namespace orrery::scheduler::autoscaler {

/// 0 of nothing.
inline double part_of(std::int64_t amount, std::int64_t capacity) {
  return capacity > 0 ? static_cast<double>(amount) / static_cast<double>(capacity) : 0;
}

}  // namespace orrery::scheduler::autoscaler
