// NodeName: spec.nodeName of a pending pod names the only node (plugins/nodename).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class NodeName final : public Plugin, public FilterPlugin {
 public:
  std::string_view name() const override { return "NodeName"; }
  Reach reach() const override { return Reach::kNode; }
  bool concerns(const PodInfo& pod) const override { return !pod.spec().node_name.empty(); }
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override { return {{EventResource::kNode, kActionAdd}}; }

 private:
  const Status rejected_{Code::kUnschedulableAndUnresolvable, "NodeName", Str("node(s) didn't match the requested node name")};
};

}  // namespace orrery::scheduler
