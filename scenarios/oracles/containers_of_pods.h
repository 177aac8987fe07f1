// RunningContainers: which containers run now, as the machines' runtimes tell. R1, N2, N4 look at it.
//
// R1 ([P] StatefulSet): containers of one StatefulSet identity run in one pod at a time, cluster-wide. Void for a pod whose
// name a user (not a component) deleted with grace 0, whose Node object was deleted, or whose node carries the
// out-of-service taint.
// N2 ([P] pod termination): while a pod is deleted with grace its containers are not killed before the deadline (the time
// of the deleting write plus the grace, the earliest over all deletes), except by memory or power loss; the kubelet
// confirms a pod's end only when none of its containers runs. Caveats: pods that ended or were evicted by the kubelet, and
// containers whose termination began before the deletion, are left out.
// N4 ([P] as upstream's e2e): containers that run when a kubelet starts are not stopped by it and started again. Asserted
// for a minute after the start, for containers without liveness and startup probes whose pod is neither being deleted
// nor changed.
#pragma once
#include "model/base/btree_map.h"
#include "scenarios/oracles/basic_oracle.h"

namespace orrery::scenarios {

class RunningContainers {
 public:
  struct One {
    Str machine, pod, uid, container;    ///< pod: "namespace/name"
    std::uint32_t attempt = 0;
  };
  void on_record(const history::Record& record);
  const base::BTreeMap<Str, One>& all() const { return by_id_; }
  std::size_t of_pod(const Str& uid) const;

 private:
  base::BTreeMap<Str, One> by_id_;
  base::BTreeMap<Str, std::size_t> count_;   // by uid
};

class OneIdentity final : public BasicOracle {
 public:
  OneIdentity() : BasicOracle("R1", "a StatefulSet identity runs once") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Pod {
    Str name, node;
    bool excused = false;
  };
  void on_change(const Change& c);
  void excuse_node(const Str& node);
  RunningContainers running_;
  base::BTreeMap<Str, Pod> pods_;                      // of StatefulSets, by uid
  base::BTreeMap<Str, std::vector<Str>> uids_;         // by "namespace/name"
};

class GracePeriod final : public BasicOracle {
 public:
  GracePeriod() : BasicOracle("N2", "pods get their grace period") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Ending {
    Instant marked, deadline;
    bool excused = false;
  };
  void on_change(const Change& c);
  RunningContainers running_;
  base::BTreeMap<Str, Ending> ending_;   // by uid
};

class KubeletRestart final : public BasicOracle {
 public:
  KubeletRestart() : BasicOracle("N4", "a kubelet restart restarts no container") {}
  void on_record(const history::Record& record, const Changes& changes) override;

 private:
  struct Watched {
    Str machine, container;
    std::uint32_t attempt = 0;
    Instant since;
    bool stopped = false;
  };
  RunningContainers running_;
  base::BTreeMap<Str, api::ObjectRef> pods_;                     // by uid
  base::BTreeMap<Str, std::vector<Watched>> watched_;            // by uid
};

}  // namespace orrery::scenarios
