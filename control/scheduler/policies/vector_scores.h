// BestFit and DotProd: scores over the vector (CPU, GPU), each dimension in parts of the largest machine that the
// publication's cluster knows: 128 cores, 8 GPUs (hkust-adsl/kubernetes-scheduler-simulator).
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

/// What dimensions are told in parts of.
struct LargestNode {
  double milli_cpu = 128000, milli_gpu = 8000;
};

/// Least left over wins, the mean of both dimensions; the scores of a cycle are stretched over 0 to 100. As in Protean
/// (Hadary et al., OSDI 2020) and the packing literature before it.
class BestFit final : public Plugin, public NormalizeScorePlugin {
 public:
  explicit BestFit(LargestNode largest = {}) : largest_(largest) {}
  std::string_view name() const override { return "BestFit"; }
  Reach reach() const override { return Reach::kNode; }
  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>, std::span<std::int64_t> scores) const override;

 private:
  LargestNode largest_;
};

/// The smaller the dot product of what is free and what is asked for, the better: the alignment score that Tetris
/// (Grandl et al., SIGCOMM 2014) maximises, turned around as in the FGD paper's comparison.
class DotProd final : public Plugin, public ScorePlugin {
 public:
  explicit DotProd(LargestNode largest = {}) : largest_(largest) {}
  std::string_view name() const override { return "DotProd"; }
  Reach reach() const override { return Reach::kNode; }
  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override;

 private:
  LargestNode largest_;
};

/// Tetris' alignment itself: the largest dot product wins, over CPU, memory and GPU in parts of the node's own capacity.
class Tetris final : public Plugin, public ScorePlugin {
 public:
  std::string_view name() const override { return "Tetris"; }
  Reach reach() const override { return Reach::kNode; }
  std::int64_t score(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override;
};

/// Stretches scores over 0 to kMaxNodeScore with integer division; equal ones become 0.
void stretch(std::span<std::int64_t> scores);

}  // namespace orrery::scheduler
