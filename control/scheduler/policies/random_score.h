// RandomScore, named Random: every node is as likely as any other, whatever else is there; the baseline of placement papers. A
// pure function of (seed, uid of the pod, node), so that asking twice gives the same answer.
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class RandomScore final : public Plugin, public ScorePlugin {
 public:
  explicit RandomScore(std::uint64_t seed) : seed_(seed) {}
  std::string_view name() const override { return "Random"; }
  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override;

 private:
  std::uint64_t seed_;
};

}  // namespace orrery::scheduler
