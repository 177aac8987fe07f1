#include "scenarios/bench/waits.h"

#include <algorithm>
#include <cmath>

#include "scenarios/bench/run_record.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

double bounded_slowdown(double turnaround, double run) {
  constexpr double kShortest = 10;
  return std::max(1.0, turnaround / std::max(run, kShortest));
}

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
    if (1 - waiting >= p - 1e-12) return in_seconds(now);
  }
  return INFINITY;
}

double Waits::mean_of_served() const {
  double sum = 0, n = 0;
  for (const Wait& w : all_) {
    if (!w.served) continue;
    sum += in_seconds(w.wait);
    n += 1;
  }
  return n > 0 ? sum / n : 0;
}

void add_waits(RunRecord& out, const std::string& name, const Waits& waits) {
  out.metrics.emplace_back(name + "_mean_s", waits.mean_of_served());
  for (const auto& [suffix, p] : {std::pair{"_p50_s", 0.5}, {"_p90_s", 0.9}, {"_p99_s", 0.99}}) {
    out.metrics.emplace_back(name + suffix, waits.quantile(p));
  }
}

}  // namespace orrery::scenarios::bench
