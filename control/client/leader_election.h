// LeaderElector: client-go's election by a Lease object. Not a fence by itself: a holder that is stalled may still
// write; LeaderElectionConfig::fence makes it one.
#pragma once
#include "control/client/client.h"

namespace orrery::client {

struct LeaderElectionConfig {
  Str lease_namespace = "kube-system", lease_name, identity;
  Str component;  ///< source of the LeaderElection events ("kube-scheduler"); empty: none are recorded
  bool release_on_stop = false;  ///< upstream's ReleaseOnCancel; off in its components
  /// Null: upstream's way. Else every change of holder also takes the fence, and the leader ends when it is taken from it.
  base::Ref<Fence> fence;
  base::Nanos lease_duration = 15 * base::kSecond, renew_deadline = 10 * base::kSecond, retry_period = 2 * base::kSecond;
};

/// Acquires, renews, and reports. The lease's times are never compared with the own clock: a record counts as valid for
/// its duration from the moment it was seen to change. `client` should have a timeout of renew_deadline / 2. When the lease
/// cannot be renewed within renew_deadline, on_stopped runs; the component then exits its process, as kube-scheduler and
/// kube-controller-manager do. Neither callback runs inside a task.
class LeaderElector {
 public:
  LeaderElector(env::Environment& env, Client& client, LeaderElectionConfig config,
                base::UniqueFunction<void()> on_started, base::UniqueFunction<void()> on_stopped);
  ~LeaderElector();
  void start();
  /// Gives up the lease when release_on_stop is set, runs on_stopped when it was leading. Not from one of its callbacks.
  void stop();
  bool leading() const;
  Str observed_holder() const;
  /// leaseTransitions of the present term, for fencing.
  std::int32_t epoch() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::client
