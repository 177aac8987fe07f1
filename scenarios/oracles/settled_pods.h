// P5 and N3: what must have come right at the end.
//
// P5 ([O]): a pod that fits somewhere is bound in the end. Judged when the scheduler's lease was
// renewed in the last 30 s: a pod of the default scheduler that has waited for a minute while some
// node was ready, schedulable, tolerated, selected and had room, unchanged in that minute, was
// forgotten. Caveats: pods with affinity, spread constraints, volumes, host ports, gates, GPUs or a
// PodGroup are left out; a node changes when its labels, taints, readiness, allocatable or what runs on it change. N3
// ([O]): containers on a machine are those of the pods bound there. Judged for machines whose
// kubelet has run for a minute and whose node lease was renewed in the last 30 s: no container of a
// pod that is gone from the API (or bound elsewhere) for longer than its grace period and a minute.
#pragma once
#include "model/base/sorted_map.h"
#include "scenarios/oracles/allowance.h"
#include "scenarios/oracles/containers_of_pods.h"
#include "scenarios/oracles/node_capacity.h"

namespace orrery::scenarios {

class PendingPods final : public BasicOracle {
 public:
  PendingPods() : BasicOracle("P5", "pods that fit are bound") {}
  void on_record(const history::Record& record, const Changes& changes) override;
  void finish(const RunFacts& facts) override;

 private:
  struct Node {
    api::ObjectRef object;
    Instant changed;
    base::SortedMap<Str, api::ObjectRef> pods;  // bound, not ended; by uid
  };
  struct Waiting {
    api::ObjectRef object;
    Instant since;
  };
  void on_pod(const Change& c);
  bool fits(const api::Pod& pod, const Node& node) const;
  base::SortedMap<Str, Node> nodes_;
  base::SortedMap<Str, Waiting> waiting_;  // by uid
  Handover handover_{"kube-scheduler"};
  Instant last_;
};

class SettledContainers final : public BasicOracle {
 public:
  SettledContainers() : BasicOracle("N3", "containers belong to pods of their node") {}
  void on_record(const history::Record& record, const Changes& changes) override;
  void finish(const RunFacts& facts) override;

 private:
  struct Pod {
    Str node;
    Instant gone = base::kNever;  // when it must be gone
  };
  struct Machine {
    Instant up = base::kNever, renewed;
  };
  void on_change(const Change& c);
  RunningContainers running_;
  base::SortedMap<Str, Pod> pods_;  // by uid
  base::SortedMap<Str, Machine> machines_;
  Instant last_;
};

}  // namespace orrery::scenarios
