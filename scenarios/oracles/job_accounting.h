// R6: a Job counts every pod that ended once.
//
// Basis: [P] batch/v1 types, KEP-2307. Counters never fall (for an Indexed Job while its
// completions stay); the pods counted or about to be counted (uncountedTerminatedPods) are no more
// than the Job's pods that ended or were being deleted; an Indexed Job never succeeds more often
// than it has completions; a pod's uid leaves the uncounted list only when the pod no longer
// carries the tracking finalizer or is gone.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class JobAccounting final : public BasicOracle {
 public:
  JobAccounting() : BasicOracle("R6", "a Job counts each pod once") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Ended {
    std::int64_t succeeded = 0, failed = 0;  // pods seen so
  };
  struct Pod {
    bool succeeded = false, failed = false, held = false;
  };
  void on_pod(const Change& c);
  void on_job(const Change& c);
  base::SortedMap<Str, Ended> jobs_;  // by uid
  base::SortedMap<Str, Pod> pods_;    // by uid, those that exist
};

}  // namespace orrery::scenarios
