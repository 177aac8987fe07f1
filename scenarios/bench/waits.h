// Waits: how long pods waited, those that never got what they waited for among them (right-censored).
#pragma once
#include <string>
#include <vector>

#include "model/base/time.h"

namespace orrery::scenarios::bench {

/// max(1, turnaround / max(run, 10)), both in seconds: short jobs do not count for more (Feitelson and others, 1997).
double bounded_slowdown(double turnaround, double run);

class Waits {
 public:
  /// `served` false: it had waited so long when it gave up or the measurement ended.
  void add(base::Nanos wait, bool served) { all_.push_back({wait, served}); }
  /// Seconds within which the part `p` of all is served, by the product-limit estimator (Kaplan and Meier, 1958). Infinite
  /// when too few were.
  double quantile(double p) const;
  /// Over the served ones.
  double mean_of_served() const;

 private:
  struct Wait {
    base::Nanos wait;
    bool served;
  };
  std::vector<Wait> all_;
};

struct RunRecord;
/// Metrics NAME_mean_s, NAME_p50_s, NAME_p90_s and NAME_p99_s.
void add_waits(RunRecord& out, const std::string& name, const Waits& waits);

}  // namespace orrery::scenarios::bench
