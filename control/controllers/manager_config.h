// ManagerConfig: kube-controller-manager's options, with upstream's defaults (pkg/controller/*/config/v1alpha1).
#pragma once
#include "model/base/time.h"

namespace orrery::controllers {

struct ManagerConfig {
  // Concurrent syncs.
  int deployment_workers = 5, replicaset_workers = 5, statefulset_workers = 5, daemonset_workers = 2;
  // Pods created or deleted in one sync.
  int replicaset_burst = 500, daemonset_burst = 250;
  /// StatefulSet pods per sync are not limited.

  // Client of each controller.
  double qps = 20;
  int burst = 30;
};

}  // namespace orrery::controllers
