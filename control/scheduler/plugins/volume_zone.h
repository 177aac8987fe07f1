// VolumeZone: bound volumes labelled with a zone or region need a node there (plugins/volumezone).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class VolumeZone final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  explicit VolumeZone(PluginContext context) : context_(context) {}
  std::string_view name() const override { return "VolumeZone"; }
  bool concerns(const PodInfo& pod) const override { return !pod.claims.empty(); }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  PluginContext context_;
  const Status elsewhere_{Code::kUnschedulableAndUnresolvable, "VolumeZone", Str("node(s) had no available volume zone")};
};

}  // namespace orrery::scheduler
