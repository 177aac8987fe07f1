#include "control/scheduler/policies/device_choice.h"

#include <algorithm>

#include "control/scheduler/policies/fgd.h"
#include "model/base/random.h"

namespace orrery::scheduler {

GpuIndices LeastFreeDevices::choose(const PodInfo& pod, const NodeInfo& node) const {
  return least_free_devices(pod.gpu, node.gpus().free());
}

GpuIndices RandomDevices::choose(const PodInfo& pod, const NodeInfo& node) const {
  GpuIndices fitting;
  const auto free = node.gpus().free();
  for (std::size_t i = 0; i < free.size(); ++i) {
    if (free[i] >= pod.gpu.milli) fitting.push_back(static_cast<std::uint8_t>(i));
  }
  const auto wanted = static_cast<std::size_t>(pod.gpu.count);
  if (fitting.size() < wanted) return {};
  base::RandomStream random(base::stream_key(seed_, "device", pod.meta().uid));
  for (std::size_t i = 0; i < wanted; ++i) std::swap(fitting[i], fitting[i + random.below(fitting.size() - i)]);
  fitting.resize(wanted);
  std::sort(fitting.begin(), fitting.end());
  return fitting;
}

GpuIndices FragmentationDevices::choose(const PodInfo& pod, const NodeInfo& node) const {
  return fgd_verdict(*model_, pod, node).devices;
}

std::unique_ptr<const DeviceChoice> device_choice(DeviceRule rule, const std::shared_ptr<const FragmentationModel>& model,
                                                  std::uint64_t seed) {
  if (rule == DeviceRule::kRandom) return std::make_unique<RandomDevices>(seed);
  if (rule == DeviceRule::kFragmentation) return std::make_unique<FragmentationDevices>(model);
  return std::make_unique<LeastFreeDevices>();
}

}  // namespace orrery::scheduler
