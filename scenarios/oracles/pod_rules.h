// P1 and N1: what a pod's life may look like in the store. L1: leader election leases.
//
// P1 ([P] pods are scheduled once): spec.nodeName goes from empty to one value and stays; a scheduler
// that was told that its binding is done binds the pod no second time. N1 ([P] pod lifecycle): Succeeded
// and Failed are final; Running never becomes Pending again unless the pod has init containers (a node that rebooted runs
// them anew), or its kubelet has started since the pod ran: one whose first list is older than that takes the containers for
// orphans and begins anew, as upstream's does (k/k#59848). L1 ([I] coordination/v1): the holder of a lease changes only with a higher leaseTransitions, which never
// falls and does not move while the holder stays. Caveat: leases without transitions (nodes') are not elections.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class ScheduledOnce final : public BasicOracle {
 public:
  ScheduledOnce() : BasicOracle("P1", "a pod is scheduled once") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  void on_answer(const history::ApiResponseRecord& answer);
  base::SortedMap<Str, std::string> bound_by_;   // process incarnation, by uid
};

class PhaseOrder final : public BasicOracle {
 public:
  PhaseOrder() : BasicOracle("N1", "pod phases move forward") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  void on_pod(const Change& c);
  base::SortedMap<Str, Instant> kubelets_;   // when the last one of a node started
  base::SortedMap<Str, Instant> running_;    // since when, by uid
};

class LeaseEpochs final : public BasicOracle {
 public:
  LeaseEpochs() : BasicOracle("L1", "a lease changes hands with a new epoch") {}
  void on_record(const history::Record& record, const Changes& changes) override;
};

}  // namespace orrery::scenarios
