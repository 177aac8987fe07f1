// What a sync costs: CPU spent on the master before each reconcile, calibrated on a real 1.33 control plane.
#pragma once
#include "model/env/environment.h"

namespace orrery::controllers {

inline constexpr base::Nanos kDeploymentSyncCpu = 250 * base::kMicrosecond;
inline constexpr base::Nanos kReplicaSetSyncCpu = 200 * base::kMicrosecond;
inline constexpr base::Nanos kStatefulSetSyncCpu = 300 * base::kMicrosecond;
inline constexpr base::Nanos kDaemonSetSyncCpu = 300 * base::kMicrosecond;
inline constexpr base::Nanos kNodeCheckCpu = 8 * base::kMicrosecond;  // per node of a monitor pass
inline constexpr base::Nanos kPodCheckCpu = base::kMicrosecond;        // per pod of a pass of pod GC
inline constexpr base::Nanos kSyncCpu = 200 * base::kMicrosecond;  // of the other controllers

/// Suspends the calling task until `cpu` has been spent on the machine.
inline env::Future<bool> spend(env::Environment& env, base::Nanos cpu) {
  auto [future, resolver] = env::make_future<bool>(env.trampoline);
  env.compute.spend(cpu, [resolver = std::move(resolver)]() mutable { resolver(true); });
  return std::move(future);
}

}  // namespace orrery::controllers
