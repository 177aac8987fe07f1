#include "control/scheduler/policies/gpu_scores.h"

#include <algorithm>

namespace orrery::scheduler {
namespace {

constexpr std::int64_t kLargestNodeMilliGpu = 8000;

}  // namespace

std::int64_t GpuPacking::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  if (!pod.gpu.wants()) return 0;
  const GpuDevices& gpus = node.gpus();
  const auto wholly_free = static_cast<std::int64_t>(gpus.wholly_free());
  if (gpus.wholly_free() == gpus.count()) return std::max(kMaxNodeScore / 3 - wholly_free, wholly_free);
  std::int64_t fresh = 0, percent_left = 0;
  for (const std::uint8_t i : least_free_devices(pod.gpu, gpus.free())) {
    fresh += gpus.free()[i] == kWholeGpu;
    percent_left += gpus.free()[i] * 100 / kWholeGpu;
  }
  if (fresh > 0) return std::max(kMaxNodeScore / 2 - fresh, kMaxNodeScore / 3);
  return std::max(kMaxNodeScore - percent_left / 10, kMaxNodeScore / 2);
}

std::int64_t GpuClustering::score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  if (!pod.gpu.wants()) return 0;
  const GpuDevices& gpus = node.gpus();
  const std::int64_t used = std::max<std::int64_t>(kLargestNodeMilliGpu - gpus.total_free(), 0);
  const std::int64_t base = kMaxNodeScore / 4 * used / kLargestNodeMilliGpu;
  if (gpus.pods_of_class(pod.gpu.size_class()) > 0) {
    return base + (gpus.classes() == 1 ? kMaxNodeScore * 3 / 4 : kMaxNodeScore * 2 / 4);
  }
  return gpus.classes() == 0 ? base + kMaxNodeScore / 4 : base;
}

}  // namespace orrery::scheduler
