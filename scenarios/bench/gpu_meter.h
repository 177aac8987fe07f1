// GpuMeter: how much of the cluster's GPUs is allocated and how fragmented the rest is, followed node by node.
#pragma once
#include <vector>

#include "control/scheduler/framework/snapshot.h"
#include "control/scheduler/policies/fragmentation.h"

namespace orrery::scenarios::bench {

class GpuMeter {
 public:
  /// Both outlive the meter. The snapshot keeps its nodes.
  GpuMeter(const scheduler::Snapshot& snapshot, const scheduler::FragmentationModel& model);
  /// The pods on `node` have changed.
  void follow(const scheduler::NodeInfo& node);

  std::int64_t gpus() const { return gpus_; }
  std::int64_t total_milli() const { return gpus_ * scheduler::kWholeGpu; }
  std::int64_t idle_milli() const { return idle_; }
  std::int64_t used_milli() const { return total_milli() - idle_; }
  /// Thousandths of GPU; summed over the nodes in order, so that it does not depend on the past.
  double fragmented_milli() const;

 private:
  const scheduler::FragmentationModel& model_;
  std::vector<std::int64_t> idle_of_;     // by position of the node
  std::vector<double> fragmented_of_;
  std::int64_t gpus_ = 0, idle_ = 0;
};

}  // namespace orrery::scenarios::bench
