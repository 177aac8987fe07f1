// DominantShares: how much of the cluster each tenant has, by the resource it has most of; who has least is served next
// (Ghodsi et al., "Dominant Resource Fairness", NSDI 2011).
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
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
  /// Whose turn it is: of the tenants for which `waits` holds, the one that has least, the first of equals; nullopt when it holds for none.
  std::optional<std::size_t> poorest(const std::function<bool(std::size_t tenant)>& waits) const;

  /// Its number is the next one.
  void add_tenant() { held_.emplace_back(); }
  void set_capacity(const Amounts& capacity) { capacity_ = capacity; }

 private:
  Amounts capacity_;
  std::vector<Amounts> held_;
};

}  // namespace orrery::scheduler
