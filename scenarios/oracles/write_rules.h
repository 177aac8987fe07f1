// A1, A3, A4, A5, A10: what an acknowledged write may have done.
//
// A1 ([I] AllowUnconditionalUpdate): an update that names a resourceVersion succeeds only on the object of that
// revision; one that names none succeeds only for kinds that allow it. A3 ([P] API conventions): a create that
// succeeded made an object where none was. A4 ([P]): generation grows with the spec only; writes of /status leave the
// spec alone and the other way round. A5 ([I] GuaranteedUpdate): no revision without a difference. A10 ([O]): the chain
// of revisions of an object has no hole: what a write replaced is what the store held, and nothing lies between what an
// acknowledged update had seen and what it made. Caveats: answers (A1, A10) are compared for updates whose body is an object, not
// bytes, and that name a resourceVersion; A4 leaves Pods out for the growth (binding sets a node name without counting)
// and looks at kinds with a spec; deletion marks and a Deployment's annotations may count.
#pragma once
#include "scenarios/oracles/recent_changes.h"

namespace orrery::scenarios {

class UpdatePrecondition final : public BasicOracle {
 public:
  UpdatePrecondition() : BasicOracle("A1", "updates respect resourceVersion") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  RecentChanges recent_;
};

class CreateOnce final : public BasicOracle {
 public:
  CreateOnce() : BasicOracle("A3", "a create makes what was not there") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  RecentChanges recent_;
};

class SpecAndStatus final : public BasicOracle {
 public:
  SpecAndStatus() : BasicOracle("A4", "generation counts spec changes; spec and status are written apart") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  void on_change(const Change& c);
  RecentChanges recent_;
};

class NoEmptyWrites final : public BasicOracle {
 public:
  NoEmptyWrites() : BasicOracle("A5", "an update that changes nothing writes nothing") {}
  void on_record(const history::Record& record, const Changes& changes) override;
};

class NoLostUpdate final : public BasicOracle {
 public:
  NoLostUpdate() : BasicOracle("A10", "no write is overwritten unseen") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  RecentChanges recent_;
};

}  // namespace orrery::scenarios
