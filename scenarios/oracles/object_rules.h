// A2, A6, A7, A8, A9: what no sequence of writes may do to an object.
//
// A2 ([P] ObjectMeta): uid, name, namespace and creationTimestamp never change, a uid is never used again. A6 ([P] API
// concepts): the uid that a dry-run create answered never appears in the store (dry-run updates and deletes leave nothing
// to recognise them by). A7 ([O]): of the first object after every 61 revisions the stored bytes decode to an equal object. A8 ([P]): a deletion
// timestamp is never unset nor moved later, the grace period never grows. A9 ([P]): an object with finalizers that is not
// being deleted is not removed; during deletion finalizers only go, and the last one takes the object with it. Caveats of
// A9: an update may drop the last finalizers and remove the object in one revision, so removals during deletion are not
// looked at; the garbage collector's two finalizers (orphan, foregroundDeletion) come and go with delete options.
#pragma once
#include "model/base/hash_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class Identity final : public BasicOracle {
 public:
  Identity() : BasicOracle("A2", "uids and names are stable and unique") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  base::HashMap<std::uint64_t, char> used_;
};

class DryRun final : public BasicOracle {
 public:
  DryRun() : BasicOracle("A6", "a dry run leaves no trace") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  base::HashMap<std::uint64_t, char> stored_, dry_;   // by uid
};

class RoundTrip final : public BasicOracle {
 public:
  RoundTrip() : BasicOracle("A7", "stored bytes decode to an equal object") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  std::int64_t next_ = 0;   // revision of the next sample
};

class DeletionTime final : public BasicOracle {
 public:
  DeletionTime() : BasicOracle("A8", "a deletion is never taken back nor put off") {}
  void on_record(const history::Record& record, const Changes& changes) override;
};

class Finalizers final : public BasicOracle {
 public:
  Finalizers() : BasicOracle("A9", "finalizers hold an object") {}
  void on_record(const history::Record& record, const Changes& changes) override;
};

}  // namespace orrery::scenarios
