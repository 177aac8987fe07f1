// ApiserverConfig: the settings of one kube-apiserver, with upstream's defaults (flag names in
// brackets).
#pragma once
#include <cstdint>
#include <initializer_list>

#include "control/apiserver/cost.h"
#include "model/base/str.h"
#include "model/base/time.h"

namespace orrery::apiserver {

using base::Str;

/// Admission plugins. The order of work is fixed, as upstream's.
enum class Plugin : std::uint8_t {
  kNamespaceLifecycle,
  kServiceAccount,
  kTaintNodesByCondition,
  kPriority,
  kDefaultTolerationSeconds,
  kStorageObjectInUseProtection,
  kDefaultStorageClass,
  kResourceQuota,
  kCount,
};

class PluginSet {
 public:
  bool has(Plugin p) const { return (bits_ >> static_cast<unsigned>(p)) & 1; }
  void disable(Plugin p) { bits_ &= ~(1u << static_cast<unsigned>(p)); }
  void enable(Plugin p) { bits_ |= 1u << static_cast<unsigned>(p); }
  static PluginSet none() {
    PluginSet s;
    s.bits_ = 0;
    return s;
  }

 private:
  std::uint32_t bits_ = ~0u;
};

struct ApiserverConfig {
  Str advertise_address;  ///< IP in the `kubernetes` Endpoints [--advertise-address]
  std::int32_t max_requests_inflight = 400;           ///< reads [--max-requests-inflight]
  std::int32_t max_mutating_requests_inflight = 200;  ///< [--max-mutating-requests-inflight]
  base::Nanos request_timeout = 60 * base::kSecond;   ///< [--request-timeout]
  std::int32_t min_watch_timeout_seconds =
      1800;  ///< [--min-request-timeout]; drawn from [1, 2) times this
  std::int64_t max_body_bytes = 3 * 1024 * 1024;
  std::int64_t max_object_bytes = 1536 * 1024;          ///< etcd's request limit
  base::Nanos event_ttl = base::kHour;                  ///< [--event-ttl]; 0: for ever
  base::Nanos compaction_interval = 5 * base::kMinute;  ///< [--etcd-compaction-interval]; 0: none
  base::Nanos master_lease_ttl = 15 * base::kSecond;
  base::Nanos master_lease_interval = 10 * base::kSecond;
  Str service_cidr_base = "10.96.0.0";  ///< [--service-cluster-ip-range]
  std::int32_t service_cidr_bits = 12;
  std::int32_t node_port_first = 30000, node_port_last = 32767;
  bool bootstrap = true;  ///< create the system namespaces and objects
  PluginSet admission;
  CostTable cost;
};

}  // namespace orrery::apiserver
