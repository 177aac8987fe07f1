// C1: what is reconciled stays reconciled: bounded writes per object once the cluster is quiet.
//
// Basis: [O] eventually stable reconciliation. Looks at the status that controllers write to Deployments, ReplicaSets,
// StatefulSets, DaemonSets, Jobs and PodDisruptionBudgets while their spec stays: in the quiet window (from a minute after
// healing to the end) no object may be written more than 30 times in one minute, nor go back to the status of two writes
// before, within two seconds, 8 times or more. Caveat: a window shorter than a minute, or a run that is not healed, is
// not judged; pods that crash on purpose stay below both bounds (their restarts back off).
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class Stability final : public BasicOracle {
 public:
  Stability() : BasicOracle("C1", "controllers come to rest") {}
  void on_record(const history::Record& record, const Changes& changes) override;
  void finish(const RunFacts& facts) override;

 private:
  struct Writes {
    std::int64_t minute = -1;
    int in_minute = 0;
    std::vector<std::int64_t> busy;     // minutes with too many writes
    std::uint64_t last = 0, before = 0; // status
    Instant before_at, last_at;
    std::vector<Instant> flips;
  };
  base::SortedMap<Str, Writes> objects_;   // by store key
};

}  // namespace orrery::scenarios
