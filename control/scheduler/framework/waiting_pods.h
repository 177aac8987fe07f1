// WaitingPods: the pods that Permit told to wait; each holds its node meanwhile (framework/runtime/waiting_pods_map.go).
#pragma once
#include <vector>

#include "control/scheduler/framework/pod_info.h"

namespace orrery::scheduler {

/// What plugins may do with them. Nothing happens before the cycle is over: waiting pods go on as tasks.
class WaitingPods {
 public:
  virtual ~WaitingPods() = default;
  /// In the order in which they began to wait.
  virtual std::vector<PodInfoRef> all() const = 0;
  /// No effect on a pod that does not wait.
  virtual void allow(const Str& uid) = 0;
  virtual void reject(const Str& uid, std::string_view plugin, std::string_view message) = 0;
  /// The pod, which is in the queue, is tried again without back-off (PodsToActivate).
  virtual void activate(const Str& uid) = 0;
};

}  // namespace orrery::scheduler
