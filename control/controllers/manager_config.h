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

  // Node lifecycle.
  base::Nanos node_monitor_period = 5 * base::kSecond, node_monitor_grace = 50 * base::kSecond;
  base::Nanos node_startup_grace = 60 * base::kSecond;
  double node_eviction_rate = 0.1, secondary_node_eviction_rate = 0.01;
  double unhealthy_zone_threshold = 0.55;
  int large_cluster_size = 50;

  // Client of each controller.
  double qps = 20;
  int burst = 30;
};

}  // namespace orrery::controllers
