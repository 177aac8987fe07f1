// S2: an acknowledged write is never lost. S3: revisions grow by one and are never used twice.
//
// Basis: etcd's API guarantees; Jepsen's and etcd's own findings. Every member reports each commit that it applies, again
// after a restart; what is told of one revision must always be the same transaction. S2 looks at acknowledged revisions:
// whatever minority or all of the processes die, a revision that a client was told never comes back as another one, and no
// member ends with less. S3 looks at the numbers. Caveat: a member that installs a snapshot jumps forward, to no more than
// what was committed somewhere.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

/// The first report of each revision.
class CommitLog {
 public:
  struct Entry {
    std::uint64_t request_id = 0, index = 0, term = 0;
    bool acknowledged = false;
    bool same(const history::StoreCommit& c) const {
      return request_id == c.request_id && index == c.raft_index && term == c.raft_term;
    }
  };
  std::int64_t last() const { return static_cast<std::int64_t>(entries_.size()) - 1; }
  /// Null for a revision that nobody reported.
  Entry* find(std::int64_t revision);
  void add(const history::StoreCommit& c);

 private:
  std::vector<Entry> entries_;   // by revision
};

class StoreDurability final : public BasicOracle {
 public:
  StoreDurability() : BasicOracle("S2", "no acknowledged write is lost") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  CommitLog log_;
};

class StoreRevisions final : public BasicOracle {
 public:
  StoreRevisions() : BasicOracle("S3", "revisions grow by one and are never reused") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Member {
    std::uint32_t incarnation = 0;
    std::int64_t revision = 0;
  };
  CommitLog log_;
  base::SortedMap<Str, Member> members_;   // by machine
};

}  // namespace orrery::scenarios
