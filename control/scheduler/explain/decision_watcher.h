// DecisionWatcher: sees each decision of a scheduler before it is made, with everything that it looks at.
#pragma once
#include "control/scheduler/cycle.h"
#include "model/base/time.h"

namespace orrery::scheduler {

/// All references stand for the state right before the decision.
struct Decision {
  const Framework& framework;
  const Snapshot& snapshot;
  const Nominated& nominated;
  const PodInfoRef& pod;
  const CycleMemory& memory;
  Str scheduler_name;
  base::Nanos at = 0;              ///< since the run began
  const NodeInfo* given = nullptr; ///< the node that was settled beforehand, by a round over all pods; null: this decides
};

class DecisionWatcher {
 public:
  virtual ~DecisionWatcher() = default;
  /// Must leave everything as it is: runs are the same with and without a watcher.
  virtual void deciding(const Decision& decision) = 0;
};

}  // namespace orrery::scheduler
