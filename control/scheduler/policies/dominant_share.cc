#include "control/scheduler/policies/dominant_share.h"

#include <algorithm>

namespace orrery::scheduler {

void DominantShares::change(std::size_t tenant, const Amounts& amounts, int sign) {
  for (std::size_t r = 0; r < amounts.size(); ++r) held_[tenant][r] += sign * amounts[r];
}

double DominantShares::share(std::size_t tenant) const {
  double out = 0;
  for (std::size_t r = 0; r < capacity_.size(); ++r) {
    if (capacity_[r] > 0) out = std::max(out, static_cast<double>(held_[tenant][r]) / static_cast<double>(capacity_[r]));
  }
  return out;
}

std::optional<std::size_t> DominantShares::poorest(const std::function<bool(std::size_t)>& waits) const {
  std::optional<std::size_t> out;
  for (std::size_t t = 0; t < held_.size(); ++t) {
    if (waits(t) && (!out || share(t) < share(*out))) out = t;
  }
  return out;
}

}  // namespace orrery::scheduler
