// GPUs as shared and exclusive devices with models, named as Alibaba's GPU sharing and the FGD simulator name them
// (hkust-adsl/kubernetes-scheduler-simulator, pkg/type/open-gpu-share/utils/const.go). A node offers devices by its
// allocatable kGpuCount and tells their model by the label kGpuModel. A pod asks by annotations: kGpuCount devices,
// kGpuMilli thousandths of each (1000 when absent), of the models kGpuModel ("A10|T4") when it says so. Which devices
// it got stands in kGpuIndex ("0-3"). They are annotations, not requests: a sum over devices would say nothing.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/api/node.h"
#include "model/api/pod.h"

namespace orrery::scheduler {

using base::Str;

inline constexpr std::string_view kGpuCount = "alibabacloud.com/gpu-count";
inline constexpr std::string_view kGpuMilli = "alibabacloud.com/gpu-milli";
inline constexpr std::string_view kGpuModel = "alibabacloud.com/gpu-card-model";
inline constexpr std::string_view kGpuIndex = "alibabacloud.com/gpu-index";

/// Thousandths of a whole device.
inline constexpr std::int32_t kWholeGpu = 1000;
inline constexpr std::int32_t kMaxGpus = 64;   ///< per node

/// Positions of devices on a node, ascending.
using GpuIndices = std::vector<std::uint8_t>;

/// What a pod asks for.
struct GpuDemand {
  std::int32_t count = 0;       ///< 0: no GPU
  std::int32_t milli = 0;       ///< of each device; at most kWholeGpu
  Str models;                   ///< as written; empty: any
  bool malformed = false;       ///< an annotation cannot be read; such a pod fits nowhere

  bool wants() const { return count > 0; }
  bool shares() const { return count == 1 && milli < kWholeGpu; }
  std::int64_t total() const { return std::int64_t{count} * milli; }
  /// 0 for a part of a device, else the number of devices: pods of one size class pack well together.
  std::size_t size_class() const { return milli < kWholeGpu ? 0 : static_cast<std::size_t>(count); }
  bool accepts(std::string_view model) const;
  friend bool operator==(const GpuDemand&, const GpuDemand&) = default;
};

GpuDemand gpu_demand_of(const api::ObjectMeta& pod);
/// From kGpuIndex; empty when it is absent or cannot be read.
GpuIndices gpu_indices_of(const api::ObjectMeta& pod);
std::string gpu_index_text(const GpuIndices& indices);

/// The devices of one node.
class GpuDevices {
 public:
  GpuDevices() = default;
  GpuDevices(std::size_t count, Str model);

  std::size_t count() const { return free_.size(); }
  const Str& model() const { return model_; }
  /// Thousandths free of each device. Negative where more was bound than fits.
  std::span<const std::int32_t> free() const { return free_; }
  std::int64_t total_free() const { return total_free_; }
  std::size_t wholly_free() const;
  bool fits(const GpuDemand& demand) const;
  /// Pods here of one GpuDemand::size_class().
  std::int32_t pods_of_class(std::size_t size_class) const;
  /// How many size classes are here.
  std::size_t classes() const { return classes_; }

  /// `sign` 1: the pod comes; -1: it goes. Indices beyond the devices count for nothing.
  void change(const GpuDemand& demand, const GpuIndices& indices, int sign);

 private:
  std::vector<std::int32_t> free_;
  std::vector<std::int32_t> pods_;       // by size class
  std::int64_t total_free_ = 0;
  std::size_t classes_ = 0;
  Str model_;
};

/// The `demand.count` fitting devices with the least left, the first of equals first. Empty when there are too few.
GpuIndices least_free_devices(const GpuDemand& demand, std::span<const std::int32_t> free);

/// What a node says it has, capped at kMaxGpus.
std::size_t gpu_count_of(const api::Node& node);
Str gpu_model_of(const api::Node& node);

}  // namespace orrery::scheduler
