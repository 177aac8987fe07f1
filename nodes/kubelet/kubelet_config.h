// KubeletConfig: what one kubelet is told. Defaults are upstream's (pkg/kubelet/apis/config/v1beta1/defaults.go).
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "model/api/resources.h"
#include "model/api/taint.h"
#include "model/base/str.h"
#include "model/base/time.h"
#include "model/env/network.h"

namespace orrery::kubelet {

using base::Str;

struct KubeletConfig {
  Str node_name;                        ///< empty: the machine's host name
  Str node_ip;                          ///< InternalIP and the pods' hostIP
  Str zone, region;                     ///< topology.kubernetes.io labels; empty: none
  std::vector<env::Address> apiservers; ///< tried in order
  base::Map<Str> labels;                ///< besides the standard ones
  std::vector<api::Taint> taints;       ///< at registration
  Str provider_id, pod_cidr;
  Str version = "v1.33.0";
  api::ResourceList reserved;           ///< kube-reserved and system-reserved together
  api::ResourceList devices;            ///< extended resources, as device plugins would report them
  std::vector<std::pair<Str, std::int32_t>> volume_limits;   ///< by CSI driver; told in the node's CSINode
  int max_pods = 110;

  base::Nanos status_update_frequency = 10 * base::kSecond;
  base::Nanos status_report_frequency = 5 * base::kMinute;
  std::int32_t lease_duration_seconds = 40;
  base::Nanos lease_renew_interval = 10 * base::kSecond;
  base::Nanos heartbeat_timeout = 10 * base::kSecond;
  double api_qps = 50, event_qps = 50;
  int api_burst = 100, event_burst = 100;

  base::Nanos crash_back_off = 10 * base::kSecond, crash_back_off_max = 300 * base::kSecond;
  base::Nanos pull_back_off = 10 * base::kSecond, pull_back_off_max = 300 * base::kSecond;
  /// When a step that failed for another reason is tried again (upstream's pod worker back-off).
  base::Nanos retry_period = 10 * base::kSecond;
  double registry_qps = 5;
  int registry_burst = 10;

  /// Hard thresholds. Disk amounts are fractions of the file system's capacity.
  std::int64_t memory_available_bytes = std::int64_t{100} << 20;
  double nodefs_available = 0.10, imagefs_available = 0.15;
  base::Nanos eviction_period = 10 * base::kSecond;
  /// With plenty of everything the next look comes later, up to this. Upstream always looks every 10 s; a node that falls
  /// from half full to its threshold faster than this is noticed that much later here.
  base::Nanos eviction_period_relaxed = base::kMinute;
  base::Nanos pressure_transition_period = 5 * base::kMinute;
  int image_gc_high_percent = 85, image_gc_low_percent = 80;
  base::Nanos image_min_age = 2 * base::kMinute, image_gc_period = 5 * base::kMinute;
};

}  // namespace orrery::kubelet
