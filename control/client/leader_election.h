// LeaderElector: client-go's election by a Lease object. Not a fence by itself; see Fence.
#pragma once
#include "control/client/client.h"

namespace orrery::client {

struct LeaderElectionConfig {
  Str lease_namespace = "kube-system", lease_name, identity;
  base::Nanos lease_duration = 15 * base::kSecond, renew_deadline = 10 * base::kSecond, retry_period = 2 * base::kSecond;
};

/// Acquires, renews, and reports. When the lease cannot be renewed within renew_deadline, on_stopped runs; the component
/// then exits its process, as kube-scheduler and kube-controller-manager do.
class LeaderElector {
 public:
  LeaderElector(env::Environment& env, Client& client, LeaderElectionConfig config,
                base::UniqueFunction<void()> on_started, base::UniqueFunction<void()> on_stopped);
  ~LeaderElector();
  void start();
  bool leading() const;
  Str observed_holder() const;
  /// leaseTransitions of the present term, for fencing.
  std::int32_t epoch() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::client
