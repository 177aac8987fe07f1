// R3, R4, R5: how many pods replicating controllers may make and take.
//
// R3 ([P] pod-safety, ReplicaSet): a ReplicaSet or ReplicationController prefers availability and may overshoot, but only by
// pods that are ending: when one of its pods is created, the active ones are at most the replicas
// asked for in the last 20 s. R5 ([P] apps/v1): a DaemonSet has at most one active pod per node,
// one more with maxSurge; looked at when a pod is created. R4 ([P] apps/v1 RollingUpdate): the
// sizes of a Deployment's ReplicaSets add up to at most replicas + maxSurge when one grows; when
// one shrinks, the pods available afterwards are at least replicas - maxUnavailable. Caveats: for
// 15 s after the controller manager's lease changed hands nothing is asserted; creates with unknown
// outcome may have been done twice; R4 counts the controller's own steps only (unavailable pods go
// first, what failed nodes took in the last 3 s still counts, a ReplicaSet's status that lags
// behind its size may mislead by that difference), and not within 30 s of scaling.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/allowance.h"

namespace orrery::scenarios {

class ReplicaSetSize final : public BasicOracle {
 public:
  ReplicaSetSize() : BasicOracle("R3", "a ReplicaSet makes no pod too many") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Set {
    RecentMost replicas;
    std::int64_t active = 0;
    bool known = false;
  };
  void on_pod(const Change& c);
  base::SortedMap<Str, Set> sets_;  // by uid
  Handover handover_{"kube-controller-manager"};
  UnknownCreates unknown_;
};

class DaemonPods final : public BasicOracle {
 public:
  DaemonPods() : BasicOracle("R5", "a DaemonSet has one pod per node") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  void on_pod(const Change& c);
  base::SortedMap<Str, bool> surges_;          // DaemonSets by uid
  base::SortedMap<Str, std::int64_t> active_;  // by "uid node"
  Handover handover_{"kube-controller-manager"};
  UnknownCreates unknown_;
};

class RolloutBound final : public BasicOracle {
 public:
  RolloutBound() : BasicOracle("R4", "rolling updates keep their bounds") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Set {
    std::int64_t size = 0;
    RecentMost available;  // falls that the size does not explain count late
  };
  struct Rollout {
    api::ObjectRef object;
    RecentMost replicas;
    Instant scaled;
    base::SortedMap<Str, Set> sets;  // by uid
  };
  void on_deployment(const Change& c);
  void on_set(const Change& c);
  void grown(Rollout& r, const Change& c);
  void shrunk(Rollout& r, const Set& set, std::int64_t before, const Change& c);
  base::SortedMap<Str, Rollout> rollouts_;  // by uid
  Handover handover_{"kube-controller-manager"};
};

}  // namespace orrery::scenarios
