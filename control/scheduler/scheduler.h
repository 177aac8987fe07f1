// Scheduler: the process kube-scheduler. Informers, leader election, the scheduling loop, binding cycles and preemptions.
#pragma once
#include <memory>
#include <vector>

#include "control/scheduler/tie_break.h"
#include "model/base/str.h"
#include "model/env/component.h"
#include "model/env/network.h"

namespace orrery::scheduler {

struct Configuration;
class DecisionWatcher;

struct SchedulerConfig {
  std::vector<env::Address> apiservers;  ///< tried in order, the local one first
  double qps = 50;
  int burst = 100;
  base::Str user = "system:kube-scheduler";
  base::Str identity;                    ///< of the lease; empty: MACHINE_ and eight random hex digits
  bool leader_elect = true;
  bool fencing = false;                  ///< with leader_elect: writes compare the leader's epoch
  /// Whose profiles it serves, each for the pods that name it. Null: upstream's defaults.
  std::shared_ptr<const Configuration> configuration;
  TieBreak tie_break;                    ///< unset: a uniform draw
  NextPod next_pod;                      ///< unset: upstream's order
  DecisionWatcher* watcher = nullptr;    ///< sees every decision beforehand; outlives the scheduler
  bool incremental = true;               ///< false: every decision by the plain cycle; the same decisions, slower
};

/// Runs for election by the Lease kube-system/kube-scheduler once its informers are synced; exits its process when it
/// loses the lease, as upstream. One pod is thought about at a time; bindings run side by side.
class Scheduler final : public env::Component {
 public:
  Scheduler(env::Environment& env, SchedulerConfig config);
  ~Scheduler() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

env::ComponentFactory make_scheduler(SchedulerConfig config);

}  // namespace orrery::scheduler
