// QueuedPod: a pod in the scheduling queue.
#pragma once
#include "control/scheduler/framework/framework.h"

namespace orrery::scheduler {

struct QueuedPod : base::RefCounted {
  PodInfoRef pod;
  base::Instant timestamp;                  ///< when it last entered the queue
  base::Instant initial_attempt{-1};
  base::Instant backoff_expiry{-1};         ///< negative: not computed
  int attempts = 0;
  PluginSet unschedulable = 0, pending = 0; ///< who rejected it in its last attempt
  bool gated = false;                       ///< held back by a PreEnqueue plugin
  std::uint64_t sequence = 0;               ///< order of entry, the last word between equals
};

using QueuedPodRef = base::Ref<QueuedPod>;

}  // namespace orrery::scheduler
