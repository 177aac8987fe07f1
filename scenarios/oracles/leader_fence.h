// L3: no write of an older epoch commits after a newer leader has taken the fence.
//
// Basis: [O]; upstream does not fence. Asserted when the scenario's fencing is on: only then writes
// carry an epoch. Apiservers tell each fenced write with the epoch that it carried and its
// revision; an epoch is the revision that took it.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class LeaderFence final : public BasicOracle {
 public:
  LeaderFence() : BasicOracle("L3", "a leader that was replaced writes no more") {}
  void on_record(const history::Record& record, const Changes& changes) override;
  void finish(const RunFacts& facts) override {
    if (facts.fencing) subject();
  }

 private:
  struct Fence {
    base::SortedSet<std::int64_t> epochs;
    base::SortedMap<std::int64_t, std::int64_t> writes;  // epochs by revision
  };
  base::SortedMap<Str, Fence> fences_;
};

}  // namespace orrery::scenarios
