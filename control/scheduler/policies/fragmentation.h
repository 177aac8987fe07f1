// Fragmentation: how much of a node's idle GPU capacity the pods that typically come could not use (Weng et al.,
// "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023).
#pragma once
#include <span>
#include <vector>

#include "control/scheduler/framework/node_info.h"

namespace orrery::scheduler {

/// What of a pod counts: CPU and GPUs.
struct PodShape {
  std::int64_t milli_cpu = 0;
  GpuDemand gpu;
};

struct TypicalPod {
  PodShape shape;
  double share = 0;      ///< of all typical pods
};

/// The most frequent shapes of a workload, until they make up 95 % of it; their shares sum to 1. The most frequent first,
/// of equals the one that wants more.
std::vector<TypicalPod> typical_pods(std::span<const PodShape> workload);

/// What is left on a node.
struct NodeRoom {
  std::int64_t milli_cpu = 0;
  std::span<const std::int32_t> gpus;   ///< thousandths of each device
};
NodeRoom room_of(const NodeInfo& node);

/// F of the paper: the idle thousandths of GPU that a pod drawn from the typical ones cannot use, in expectation. Sums in the
/// order of the publication's code (pkg/utils/frag.go), so that integers cut from differences agree with it.
class FragmentationModel {
 public:
  /// Fewer than kMaxGpus devices per node; typical pods of any number.
  explicit FragmentationModel(std::vector<TypicalPod> typical);
  double amount(const NodeRoom& room, const Str& model) const;
  double amount(const NodeInfo& node) const { return amount(room_of(node), node.gpus().model()); }
  const std::vector<TypicalPod>& typical() const { return typical_; }

 private:
  /// A typical pod, ready to be compared.
  struct Row {
    std::int64_t milli_cpu;
    double share;
    std::int32_t count;
    std::uint32_t level;     // index of its thousandths among levels_
  };
  using Access = std::vector<std::uint8_t>;   // per row: may it use devices of the model
  const Access& access_to(const Str& model) const;

  std::vector<TypicalPod> typical_;
  std::vector<Row> rows_;
  std::vector<std::int32_t> levels_;          // the different thousandths that rows ask for
  struct Known {
    Str model;
    Access access;
  };
  mutable std::vector<Known> known_;          // of models met so far
};

}  // namespace orrery::scheduler
