// ClusterSpec: masters, node groups, network and images of a scenario.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/base/time.h"

namespace orrery::scheduler {
struct Configuration;
}

namespace orrery::scenarios {

/// How CPUs and links are shared: by SimGrid, by the project's own solver, or by what the scenario can come to.
enum class CpuModel : std::uint8_t { kByConcurrency, kSimgrid, kHost };

enum class ApiAccess : std::uint8_t { kLoadBalancer, kClientList };

struct TaintSpec {
  std::string key, value, effect;
};

/// Watts that a machine draws with no core at work, as soon as one works at all, and with all at work.
struct PowerSpec {
  double idle = 100, any_core = 120, all_cores = 200;
};

struct MachineSpec {
  std::string name, zone, rack;
  std::int64_t cpu_milli = 4000, memory_bytes = std::int64_t{16} << 30, disk_bytes = std::int64_t{100} << 30;
  base::Nanos disk_sync_min = 200 * base::kMicrosecond, disk_sync_max = base::kMillisecond;
  PowerSpec power;
  std::int64_t pods = 110;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::pair<std::string, std::int64_t>> devices;   ///< extended resources
  std::vector<std::pair<std::string, std::int32_t>> volume_limits;   ///< by CSI driver
  std::vector<TaintSpec> taints;
};

struct ClusterSpec {
  std::string version = "1.33";
  ApiAccess api_access = ApiAccess::kLoadBalancer;
  base::Nanos health_check = 5 * base::kSecond;
  std::vector<MachineSpec> masters, nodes;
  bool fencing = false;
  bool encode_every_hop = false;
  bool control_plane_costs = true;
  CpuModel cpu_model = CpuModel::kByConcurrency;
  // Network, one way.
  base::Nanos same_zone = 250 * base::kMicrosecond, cross_zone = base::kMillisecond;
  std::int64_t host_bandwidth = 1'250'000'000;
  // Images.
  bool images_present = false;
  std::int64_t image_bytes = std::int64_t{120} << 20, registry_bandwidth = 1'250'000'000;
  // Parameters of components, upstream's defaults.
  base::Nanos node_monitor_grace = 50 * base::kSecond;
  double controller_qps = 20, scheduler_qps = 50;
  int controller_burst = 30, scheduler_burst = 100;
  std::shared_ptr<const scheduler::Configuration> scheduler;   ///< null: the default profile
  std::uint64_t snapshot_count = 10'000;
  bool polled_probes = false;           ///< containers' probes are attempted one by one instead of computed
  bool client_go_limits = true;         ///< false: no client-side rate limits
};

}  // namespace orrery::scenarios
