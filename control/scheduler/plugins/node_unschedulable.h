// NodeUnschedulable: cordoned nodes take only pods that tolerate it (plugins/nodeunschedulable).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class NodeUnschedulable final : public Plugin, public FilterPlugin {
 public:
  std::string_view name() const override { return "NodeUnschedulable"; }
  Reach reach() const override { return Reach::kNode; }
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::string shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  const Status rejected_{Code::kUnschedulableAndUnresolvable, "NodeUnschedulable", Str("node(s) were unschedulable")};
};

}  // namespace orrery::scheduler
