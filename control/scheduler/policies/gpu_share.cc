#include "control/scheduler/policies/gpu_share.h"

namespace orrery::scheduler {

Status GpuShare::pre_filter(CycleState&, const PodInfo& pod, NodeNames&) const {
  if (pod.gpu.malformed) {
    return Status(Code::kUnschedulableAndUnresolvable, name(),
                  Str(base::cat("annotation ", kGpuCount, " or ", kGpuMilli, " is not a whole number in range")));
  }
  return pod.gpu.wants() ? Status() : Status::skip();
}

Status GpuShare::filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const GpuDevices& gpus = node.gpus();
  if (gpus.count() < static_cast<std::size_t>(pod.gpu.count)) {
    return Status(Code::kUnschedulableAndUnresolvable, name(), Str("node(s) had too few GPUs"));
  }
  if (!pod.gpu.accepts(gpus.model())) {
    return Status(Code::kUnschedulableAndUnresolvable, name(), Str("node(s) had GPUs of another model"));
  }
  if (!gpus.fits(pod.gpu)) return Status(Code::kUnschedulable, name(), Str("Insufficient GPU"));
  return {};
}

PodInfoRef GpuShare::assign(const PodInfoRef& pod, const NodeInfo& node) const {
  if (!pod->gpu.wants()) return pod;
  const GpuIndices devices = choice_->choose(*pod, node);
  if (devices.empty()) return {};
  api::Pod copy = pod->pod();
  copy.metadata.annotations.set(kGpuIndex, gpu_index_text(devices));
  return base::make_ref<PodInfo>(api::make_object(std::move(copy)));
}

std::vector<ClusterEvent> GpuShare::events() const {
  return {{EventResource::kAssignedPod, kActionDelete}, {EventResource::kNode, kActionAdd | kActionUpdateNodeAllocatable | kActionUpdateNodeLabel}};
}

}  // namespace orrery::scheduler
