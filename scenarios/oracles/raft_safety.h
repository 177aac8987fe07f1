// S4: raft's safety. S5: members with equal applied index hold equal key spaces.
//
// S4 (basis: the raft paper): at most one leader per term; the entry committed at an index has one term on all members,
// always; a member's vote in a term does not change while it runs; after a restart neither its term nor, in the same term,
// its vote is behind. Caveat: a member reports what it holds in memory, so only what it held for five seconds before it
// died counts as durable.
// S5 ([O], as other databases' storage checkers): hashes are sampled by applied index; the revision must agree as well.
#pragma once
#include "model/base/sorted_map.h"
#include "model/base/hash_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class RaftSafety final : public BasicOracle {
 public:
  RaftSafety() : BasicOracle("S4", "one leader per term, one entry per index, no lost votes") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Member {
    std::uint32_t incarnation = 0;
    std::uint64_t term = 0, vote = 0;
    Instant since;
    std::uint64_t durable_term = 0, durable_vote = 0;   // of the incarnations before
  };
  void on_state(const history::RaftState& s);
  base::SortedMap<std::uint64_t, std::uint64_t> leaders_;  // by term
  base::SortedMap<std::uint64_t, Member> members_;
  base::SortedMap<Str, Instant> died_;                     // by machine
  std::vector<std::uint64_t> terms_;                      // of committed entries, by index
};

/// What the first member that reached an index had there.
struct StateSeen {
  std::uint64_t hash = 0, member = 0;
  std::int64_t revision = 0;
};

class StoreEquality final : public BasicOracle {
 public:
  StoreEquality() : BasicOracle("S5", "members agree at equal applied index") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  std::uint64_t first_member_ = 0;
  base::HashMap<std::uint64_t, StateSeen> seen_;   // by applied index
};

}  // namespace orrery::scenarios
