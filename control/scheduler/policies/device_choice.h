// DeviceChoice: which devices of the chosen node a pod gets.
#pragma once
#include <memory>

#include "control/scheduler/policies/fragmentation.h"

namespace orrery::scheduler {

enum class DeviceRule : std::uint8_t { kLeastFree, kRandom, kFragmentation };

class DeviceChoice {
 public:
  virtual ~DeviceChoice() = default;
  /// As many as the pod asks for; empty when there are too few.
  virtual GpuIndices choose(const PodInfo& pod, const NodeInfo& node) const = 0;
};

/// Those with the least left that suffice, the first of equals.
class LeastFreeDevices final : public DeviceChoice {
 public:
  GpuIndices choose(const PodInfo& pod, const NodeInfo& node) const override;
};

/// Any that suffice, drawn by seed and the pod's uid.
class RandomDevices final : public DeviceChoice {
 public:
  explicit RandomDevices(std::uint64_t seed) : seed_(seed) {}
  GpuIndices choose(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  std::uint64_t seed_;
};

/// A part of a device: the device that FGD's score is best with. Whole devices: as LeastFreeDevices.
class FragmentationDevices final : public DeviceChoice {
 public:
  explicit FragmentationDevices(std::shared_ptr<const FragmentationModel> model) : model_(std::move(model)) {}
  GpuIndices choose(const PodInfo& pod, const NodeInfo& node) const override;

 private:
  std::shared_ptr<const FragmentationModel> model_;
};

/// `model` for kFragmentation.
std::unique_ptr<const DeviceChoice> device_choice(DeviceRule rule, const std::shared_ptr<const FragmentationModel>& model,
                                                  std::uint64_t seed);

}  // namespace orrery::scheduler
