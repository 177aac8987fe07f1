// MeasuredRun: a scenario run in a process of its own, with what it cost so far at every virtual second.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "scenarios/spec/scenario.h"

namespace orrery::benchmarks {

class MeasuredRun {
 public:
  /// Runs tests/benchmarks/NAME.yaml until the virtual second `until`; `change` may alter what was loaded. Throws when the run
  /// does not hold what it expects.
  MeasuredRun(const std::string& name, int until, bool oracles = false,
              const std::function<void(scenarios::Scenario&)>& change = {});
  /// Processor seconds between two virtual seconds.
  double seconds(int from, int to) const { return samples_[to].cpu - samples_[from].cpu; }
  /// Resident MiB at a virtual second.
  double megabytes(int at) const { return samples_[at].resident; }
  /// Processor seconds of all of it, loading and judging included.
  double total() const { return total_; }
  /// The first virtual second at which the Deployments had `pods` ready pods between them.
  int ready_at(int pods) const;

  struct Sample {
    double cpu = 0, resident = 0;
    int ready = 0;
  };

 private:
  std::vector<Sample> samples_;
  double total_ = 0;
};

}  // namespace orrery::benchmarks
