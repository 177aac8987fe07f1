// S1: operations on the store are linearizable, with the revision as the witness of the order.
//
// Basis: etcd's API guarantees. An acknowledged transaction that modified has its revision in the committed order
// between its invocation and its answer, above every write acknowledged before it began; one that certainly failed is
// nowhere in it; a linearizable read answers at least the newest write acknowledged before its invocation; what any
// read returns is the state at its revision; a lease does not run out before its time to live has passed since it was
// granted or kept alive (on the member that lets it run out; deadlines are the leader's). Caveats: the invocation of a
// read is told by its client's clock, so a hundredth of its duration is given away; a limited read may return any
// prefix of the state; a read whose keys have more versions since than are kept is not compared.
#pragma once
#include "model/base/btree_map.h"
#include "model/base/hash_map.h"
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

/// The versions of one key that are remembered.
struct KeyHistory {
  struct Version {
    std::int64_t revision;
    bool live;
  };
  std::uint64_t hash = 0;
  Version newest{0, false};
  std::vector<Version> older;   // ascending
  bool forgotten = false;       // some of them
  /// Null: none at that revision.
  const Version* at(std::int64_t revision) const;
};

class StoreOrder final : public BasicOracle {
 public:
  StoreOrder() : BasicOracle("S1", "store operations are linearizable by revision") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct InFlight {
    std::int64_t floor = 0;      // newest acknowledged write at invocation
    std::int64_t revision = 0;   // where it was committed; 0: nowhere yet
  };
  void on_commit(const history::StoreCommit& c);
  void on_op(const history::StoreOp& op);
  void on_read(const history::StoreRead& r);
  void compare_state(const history::StoreRead& r, std::int64_t revision);

  void on_lease(const history::StoreLease& l);
  base::SortedMap<std::pair<Str, std::int64_t>, std::pair<Instant, std::int64_t>> leases_;   // by machine and id: since, TTL
  std::int64_t revision_ = 0, acknowledged_ = 0;
  base::HashMap<std::uint64_t, std::int64_t> reads_;   // acknowledged at invocation, by id
  base::HashMap<std::uint64_t, InFlight> in_flight_;
  base::HashMap<std::uint64_t, char> failed_;
  base::BTreeMap<Str, KeyHistory> keys_;
};

}  // namespace orrery::scenarios
