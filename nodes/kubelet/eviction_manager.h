// EvictionManager: watches the machine's memory and disks and evicts pods before the kernel has to kill.
// After pkg/kubelet/eviction/eviction_manager.go.
#pragma once
#include "model/env/environment.h"
#include "model/env/liveness.h"
#include "nodes/kubelet/eviction.h"

namespace orrery::kubelet {

class PodWorker;

class EvictionHost {
 public:
  virtual ~EvictionHost() = default;
  /// The pods that run, in a fixed order.
  virtual void each_worker(base::UniqueFunction<void(PodWorker&)> visit) = 0;
  virtual void set_pressure(bool memory, bool disk) = 0;
  /// A threshold is met: something has to give back this resource.
  virtual void threshold_met(const char* resource) = 0;
  /// The pod is about to be evicted.
  virtual void evicted(PodWorker& worker, const Str& message) = 0;
  /// Unused images are to be removed.
  virtual void free_images(std::int64_t bytes) = 0;
};

/// Looks only while there are pods, or pressure that has to pass. At most one pod is evicted per look; the next look follows as
/// soon as its containers are gone (asked for every second, for 30 s at most).
class EvictionManager {
 public:
  EvictionManager(env::Environment& env, const KubeletConfig& config, EvictionHost& host)
      : env_(env), config_(config), host_(host) {}
  /// A pod was added.
  void wake();

 private:
  void schedule(base::Nanos delay);
  void look();
  void judge(const env::UsageStats& stats);
  void reclaim(const Observation& o, const env::UsageStats& stats);
  void await_cleanup();

  env::Environment& env_;
  const KubeletConfig& config_;
  EvictionHost& host_;
  Pressure memory_, disk_;
  base::Ref<PodWorker> victim_;   // evicted, not yet cleaned up
  int waited_ = 0;
  bool scheduled_ = false, images_freed_ = false;
  env::Liveness liveness_;
};

}  // namespace orrery::kubelet
