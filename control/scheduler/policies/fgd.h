// Fgd: fragmentation gradient descent (Weng et al., USENIX ATC 2023): a pod goes where fragmentation grows least.
#pragma once
#include "control/scheduler/framework/plugin.h"
#include "control/scheduler/policies/fragmentation.h"

namespace orrery::scheduler {

struct FgdVerdict {
  std::int64_t score = 0;     ///< 100 x sigmoid of the whole GPUs that fragmentation shrinks by
  GpuIndices devices;         ///< that the score was reached with
};

/// For a pod that fits on the node.
FgdVerdict fgd_verdict(const FragmentationModel& model, const PodInfo& pod, const NodeInfo& node);

class Fgd final : public Plugin, public ScorePlugin {
 public:
  explicit Fgd(std::shared_ptr<const FragmentationModel> model) : model_(std::move(model)) {}
  std::string_view name() const override { return "FGD"; }
  Reach reach() const override { return Reach::kNode; }
  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    return fgd_verdict(*model_, pod, node).score;
  }

 private:
  std::shared_ptr<const FragmentationModel> model_;
};

}  // namespace orrery::scheduler
