#include "scenarios/bench/waits.h"

#include <algorithm>
#include <cmath>

namespace orrery::scenarios::bench {

double Waits::quantile(double p) const {
  std::vector<Wait> sorted = all_;
  // Who is served at an instant was at risk until then, together with those who give up at it.
  std::stable_sort(sorted.begin(), sorted.end(), [](const Wait& a, const Wait& b) {
    return a.wait != b.wait ? a.wait < b.wait : a.served && !b.served;
  });
  double waiting = 1;
  for (std::size_t i = 0; i < sorted.size();) {
    const std::size_t at_risk = sorted.size() - i;
    const base::Nanos now = sorted[i].wait;
    std::size_t served = 0;
    for (; i < sorted.size() && sorted[i].wait == now; ++i) served += sorted[i].served;
    waiting *= 1 - static_cast<double>(served) / static_cast<double>(at_risk);
    if (1 - waiting >= p - 1e-12) return static_cast<double>(now) / static_cast<double>(base::kSecond);
  }
  return INFINITY;
}

double Waits::mean_of_served() const {
  double sum = 0, n = 0;
  for (const Wait& w : all_) {
    if (!w.served) continue;
    sum += static_cast<double>(w.wait) / static_cast<double>(base::kSecond);
    n += 1;
  }
  return n > 0 ? sum / n : 0;
}

}  // namespace orrery::scenarios::bench
