// Q1 and Q3: evictions and creates are counted, each of them.
//
// Q1 ([P] eviction API; [I] registry/core/pod/storage): an eviction counts its budget down in one
// compare-and-swap. A budget to whose disrupted pods one is added had a disruption left, loses
// exactly one, keeps the others' pods and knew its own newest generation. Q3 ([O]): creates cannot
// jointly exceed a quota. Every object created under a quota has its own charge: the sum of all
// increases of a used amount is at least what was created. Asserted for pods and plain object
// counts without scopes, for objects created 5 s or more after the quota's limits stood in its
// status; an increase by the quota controller only makes the rule milder.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class EvictionGrants final : public BasicOracle {
 public:
  EvictionGrants() : BasicOracle("Q1", "evictions count their budget down one by one") {}
  void on_record(const history::Record& record, const Changes& changes) override;
};

class QuotaCharges final : public BasicOracle {
 public:
  QuotaCharges() : BasicOracle("Q3", "every create under a quota is charged") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Account {
    Instant since;
    std::int64_t charged = 0, created = 0;
  };
  struct Quota {
    Str namespace_;
    base::SortedMap<Str, Account> accounts;  // by resource name
  };
  void on_quota(const Change& c);
  void on_create(const Change& c);
  base::SortedMap<Str, Quota> quotas_;  // by uid
};

}  // namespace orrery::scenarios
