// R2: a StatefulSet with OrderedReady pods makes and takes them in order.
//
// Basis: [P] StatefulSet guarantees. When the pod with ordinal k is created, those with lower
// ordinals exist, are not being deleted (for 2 s) and were ready within the last 15 s; when the
// controller deletes a pod beyond the replicas, none with a higher ordinal is left. Caveat: for 15
// s after the controller manager's lease changed hands nothing is asserted.
#pragma once
#include "model/base/hash_map.h"
#include "model/base/sorted_map.h"
#include "scenarios/oracles/allowance.h"

namespace orrery::scenarios {

class StatefulOrder final : public BasicOracle {
 public:
  StatefulOrder() : BasicOracle("R2", "ordered StatefulSets go one by one") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Pod {
    Str uid;
    bool deleting = false, ready = false;
    Instant ready_until{-base::kMinute}, deleting_since;
  };
  struct Set {
    Str name;  // "namespace/name"
    bool ordered = false;
    std::int64_t start = 0, replicas = 0;
    base::SortedMap<std::int64_t, Pod> pods;  // by ordinal
  };
  void on_set(const Change& c);
  void on_pod(const Change& c);
  void on_delete(const api::ApiRequest& request, Instant at);
  base::SortedMap<Str, Set> sets_;  // by uid
  Handover handover_{"kube-controller-manager"};
};

}  // namespace orrery::scenarios
