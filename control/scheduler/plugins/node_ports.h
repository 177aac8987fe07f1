// NodePorts: host ports must be free on the node (plugins/nodeports).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class NodePorts final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  std::string_view name() const override { return "NodePorts"; }
  Reach reach() const override { return Reach::kNode; }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::string shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  const Status rejected_{Code::kUnschedulable, "NodePorts",
                         Str("node(s) didn't have free ports for the requested pod ports")};
};

}  // namespace orrery::scheduler
