// ManagerConfig: kube-controller-manager's options, with upstream's defaults (pkg/controller/*/config/v1alpha1).
#pragma once
#include <functional>
#include <vector>

#include "model/base/str.h"
#include "model/base/time.h"

namespace orrery::controllers {

// Orders of nodes that are chance upstream, which goes through Go maps; replays of recorded clusters take them from there.
/// In which the rolling update of a DaemonSet considers them.
using RolloutOrder = std::function<void(const base::Str& ns, const base::Str& daemon_set, std::vector<base::Str>& nodes)>;
/// In which the node monitor's pass looks at them, and so in which they come to be tainted.
using NodeOrder = std::function<void(std::vector<base::Str>& nodes)>;

struct ManagerConfig {
  // Concurrent syncs.
  int deployment_workers = 5, replicaset_workers = 5, replication_controller_workers = 5, statefulset_workers = 5, daemonset_workers = 2;
  // Pods created or deleted in one sync; those of a StatefulSet are not limited.
  int replicaset_burst = 500, daemonset_burst = 250;
  RolloutOrder rollout_order;   ///< unset: by name
  NodeOrder node_order;         ///< unset: by name

  // Node lifecycle.
  base::Nanos node_monitor_period = 5 * base::kSecond, node_monitor_grace = 50 * base::kSecond;
  base::Nanos node_startup_grace = 60 * base::kSecond;
  double node_eviction_rate = 0.1, secondary_node_eviction_rate = 0.01;
  double unhealthy_zone_threshold = 0.55;
  int large_cluster_size = 50;

  // Pod garbage collection.
  int terminated_pod_threshold = 12500;
  base::Nanos pod_gc_period = 20 * base::kSecond, missing_node_quarantine = 40 * base::kSecond;

  // Resource quotas.
  base::Nanos quota_resync = 5 * base::kMinute;

  // Volumes: what a simulated provisioner needs to make one (negative: there is none), a simulated attacher to attach or
  // detach one; and how long a volume that nobody wants may stay mounted on a node that is not healthy.
  base::Nanos provision_delay = 2 * base::kSecond, attach_delay = 2 * base::kSecond;
  base::Nanos max_wait_for_unmount = 6 * base::kMinute;

  // Concurrent syncs of the other controllers.
  int job_workers = 5, cronjob_workers = 5, gc_workers = 20, namespace_workers = 10, quota_workers = 5, ttl_workers = 5;

  bool pod_groups = false;   ///< the controller of PodGroups runs, too

  // Client of each controller.
  double qps = 20;
  int burst = 30;
};

}  // namespace orrery::controllers
