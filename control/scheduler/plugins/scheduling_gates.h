// SchedulingGates: keeps pods with gates out of the queue (plugins/schedulinggates).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class SchedulingGates final : public Plugin, public PreEnqueuePlugin {
 public:
  std::string_view name() const override { return "SchedulingGates"; }
  Status pre_enqueue(const PodInfo& pod) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;
};

}  // namespace orrery::scheduler
