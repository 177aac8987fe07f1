// VolumeRestrictions: claims for one pod only, and disks that no two pods of a node may mount (plugins/volumerestrictions).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class VolumeRestrictions final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  explicit VolumeRestrictions(PluginContext context) : context_(context) {}
  std::string_view name() const override { return "VolumeRestrictions"; }
  bool concerns(const PodInfo& pod) const override;
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  void add_pod(CycleState& state, const PodInfo& pod, const PodInfo& added, const NodeInfo& node) const override;
  void remove_pod(CycleState& state, const PodInfo& pod, const PodInfo& removed, const NodeInfo& node) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  PluginContext context_;
  const Status in_use_{Code::kUnschedulable, "VolumeRestrictions",
                       Str("node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode")};
  const Status disk_{Code::kUnschedulable, "VolumeRestrictions", Str("node(s) had no available disk")};
};

}  // namespace orrery::scheduler
