// NetworkConfig: the network of a simulated cluster before any fault. All latencies are one way.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/str.h"
#include "model/base/time.h"
#include "model/env/network.h"

namespace orrery::sim {

struct NetworkConfig {
  base::Nanos loopback = 20 * base::kMicrosecond;
  base::Nanos same_zone = 250 * base::kMicrosecond;
  base::Nanos cross_zone = base::kMillisecond;
  base::Nanos cross_rack = 0;                     ///< added between racks of one zone
  int jitter_percent = 10;                        ///< uniform in [0, this] of the latency, added
  std::int64_t host_bandwidth = 1'250'000'000;    ///< bytes/s of a host's link (10 Gbit/s)
  std::int64_t zone_bandwidth = 12'500'000'000;   ///< bytes/s between zones
  base::Nanos dial_timeout = 30 * base::kSecond;
  base::Nanos keepalive_idle = 30 * base::kSecond;
  base::Nanos keepalive_timeout = 15 * base::kSecond;
  /// Messages between two hosts that are longer than this share the links of their path with all others of their kind and
  /// with image pulls; shorter ones have a latency and the bandwidth of their path to themselves.
  std::int64_t bulk_bytes = 64 << 10;
  /// Calls under way on one connection; more dial another one, as HTTP/2 clients do (kube-apiserver's
  /// MaxConcurrentStreams). A call that timed out counts until its peer can be reached or is given up.
  std::uint32_t calls_per_connection = 100;
  std::int64_t stream_window = 1 << 20;  ///< bytes in flight and not yet consumed, per stream and direction
  bool encode_every_hop = false;                  ///< encode and decode the body of every message
};

/// A virtual address in front of several servers, passing TCP through. It stands outside every zone and
/// never fails itself.
struct LoadBalancerConfig {
  base::Str host;
  std::uint16_t port = 0;
  std::vector<env::Address> backends;
  base::Nanos check_period = 5 * base::kSecond;
  int failures_to_down = 1;
  int successes_to_up = 1;
  base::Nanos connect_timeout = 5 * base::kSecond;  ///< to a backend that does not answer
  bool round_robin = true;                          ///< else a keyed random healthy backend
};

}  // namespace orrery::sim
