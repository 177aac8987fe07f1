// GpuShare: nodes must have enough devices with enough left, of a model the pod accepts; the pod gets its devices when it is
// placed (framework/gpu.h tells how they are asked for; after open-gpu-share of hkust-adsl/kubernetes-scheduler-simulator).
#pragma once
#include "control/scheduler/framework/plugin.h"
#include "control/scheduler/policies/device_choice.h"

namespace orrery::scheduler {

class GpuShare final : public Plugin, public PreFilterPlugin, public FilterPlugin, public AssignPlugin {
 public:
  explicit GpuShare(std::unique_ptr<const DeviceChoice> choice) : choice_(std::move(choice)) {}
  std::string_view name() const override { return "GpuShare"; }
  Reach reach() const override { return Reach::kNode; }
  bool concerns(const PodInfo& pod) const override { return pod.gpu.wants() || pod.gpu.malformed; }
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  /// The pod with kGpuIndex; DefaultBinder writes it with the binding.
  PodInfoRef assign(const PodInfoRef& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override;

 private:
  std::unique_ptr<const DeviceChoice> choice_;
};

}  // namespace orrery::scheduler
