// Plane: the processes of a master, each built from one Environment. The same factories serve the simulated and the real world.
#pragma once
#include <string>
#include <vector>

#include "control/apiserver/config.h"
#include "control/controllers/manager_config.h"
#include "control/scheduler/scheduler.h"
#include "control/store/member.h"
#include "model/env/component.h"
#include "model/env/network.h"

namespace orrery::plane {

/// A damaged disk ends the process (see store::Member).
env::ComponentFactory make_store_member(store::MemberConfig config);

struct ApiserverProcess {
  apiserver::ApiserverConfig config;
  std::vector<env::Address> store_endpoints;  ///< the local member first; kubeadm names no other
};
env::ComponentFactory make_apiserver(ApiserverProcess process);

/// What kube-scheduler and kube-controller-manager have in common.
struct ElectedProcess {
  std::vector<env::Address> apiservers;       ///< the local one first
  double qps = 0;
  int burst = 1;
  bool fencing = false;                       ///< writes compare the leader's epoch; off: upstream's way
};

struct ControllerManagerProcess : ElectedProcess {
  controllers::ManagerConfig config;
};
/// Runs for election by the Lease kube-system/kube-controller-manager; exits when it loses it.
env::ComponentFactory make_controller_manager(ControllerManagerProcess process);

struct SchedulerProcess : ElectedProcess {
  std::shared_ptr<const scheduler::Configuration> configuration;   ///< null: upstream's defaults
  scheduler::TieBreak tie_break;              ///< unset: among equally good nodes a uniform draw
  scheduler::NextPod next_pod;                ///< unset: upstream's order of pods that back off
  scheduler::TieBreak preemption_tie_break;   ///< the same among equally good places for a preemption
  scheduler::DecisionWatcher* watcher = nullptr;   ///< sees every decision beforehand; outlives the process
};
env::ComponentFactory make_scheduler(SchedulerProcess process);

}  // namespace orrery::plane
