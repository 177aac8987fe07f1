// DominantShares: how much of the cluster each tenant has, by the resource it has most of; who has least is served next
// (Ghodsi et al., "Dominant Resource Fairness", NSDI 2011).
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace orrery::scheduler {

/// CPU in thousandths, memory in bytes, GPU in thousandths.
using Amounts = std::array<std::int64_t, 3>;

class DominantShares {
 public:
  DominantShares(const Amounts& capacity, std::size_t tenants) : capacity_(capacity), held_(tenants) {}
  void change(std::size_t tenant, const Amounts& amounts, int sign);
  /// 0 to 1.
  double share(std::size_t tenant) const;

 private:
  Amounts capacity_;
  std::vector<Amounts> held_;
};

}  // namespace orrery::scheduler
