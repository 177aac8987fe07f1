// Adviser: somebody outside the framework who says which of the nodes that fit is best; and the plugin, named Adviser, that asks.
#pragma once
#include "control/scheduler/framework/plugin.h"

namespace orrery::scheduler {

class Adviser {
 public:
  virtual ~Adviser() = default;
  /// One number for each of `feasible`, at least two nodes; the greatest is best. Called once per decision. May throw.
  virtual std::vector<double> advise(const PodInfo& pod, std::span<const NodeInfo* const> feasible) = 0;
  /// Hash of all that it has said so far.
  virtual std::uint64_t digest() const = 0;
};

/// The best nodes score 100, all others 0: it is meant to be the only score. `adviser` outlives it.
class AdviserScore final : public Plugin, public PreScorePlugin, public NormalizeScorePlugin {
 public:
  explicit AdviserScore(Adviser& adviser) : adviser_(adviser) {}
  std::string_view name() const override { return "Adviser"; }
  Status pre_score(CycleState& state, const PodInfo& pod, std::span<const NodeInfo* const> feasible) const override;
  /// 1 for the best ones.
  std::int64_t score(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  void normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>, std::span<std::int64_t> scores) const override;

 private:
  Adviser& adviser_;
};

}  // namespace orrery::scheduler
