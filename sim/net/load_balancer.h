// LoadBalancer: which backend the next connection goes to, and what the health checks have found.
#pragma once
#include <cstdint>
#include <vector>

#include "sim/net/network_config.h"
#include "sim/net/topology.h"

namespace orrery::sim {

/// State only; the fabric makes the checks and closes the connections.
class LoadBalancer {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;
  LoadBalancer(LoadBalancerConfig config, HostId host, std::uint64_t key)
      : config_(std::move(config)), host_(host), key_(key), states_(config_.backends.size()) {}
  const LoadBalancerConfig& config() const { return config_; }
  HostId host() const { return host_; }
  std::size_t backend_count() const { return states_.size(); }
  bool healthy(std::size_t backend) const { return states_[backend].up; }
  /// The backend of the next connection; kNone when all are down.
  std::size_t pick();
  /// Takes in one check. True when this one made the backend go down.
  bool checked(std::size_t backend, bool answered);

 private:
  struct State {
    bool up = true;
    int in_a_row = 0;  // checks contradicting `up`
  };
  LoadBalancerConfig config_;
  HostId host_;
  std::uint64_t key_;
  std::uint64_t picks_ = 0;
  std::vector<State> states_;
};

}  // namespace orrery::sim
