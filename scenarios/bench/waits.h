// Waits: how long pods waited, those that never got what they waited for among them (right-censored).
#pragma once
#include <vector>

#include "model/base/time.h"

namespace orrery::scenarios::bench {

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

}  // namespace orrery::scenarios::bench
