// MaxMinSolver: weighted max-min by progressive filling. CPU: one pass over a node's work per level reached;
// flows: all that reach their bound below the next full link, or all links that are full at the same level, together.
#pragma once
#include "sim/sharing/rate_solver.h"

namespace orrery::sim {

class MaxMinSolver final : public RateSolver {
 public:
  const char* name() const override { return "host"; }
  void add_node(const NodeCapacity& capacity) override;
  void start(std::uint32_t slot, const ShareDemand& demand) override;
  void stop(std::uint32_t) override {}
  void settle() override {}
  void rates(const std::vector<std::uint32_t>& members, std::vector<double>& out) override;

 private:
  struct Link {
    double left = 0;          // capacity not yet given away
    std::uint32_t flows = 0;  // not yet decided
    double level() const { return left / flows; }
  };
  void cpu_rates(const std::vector<std::uint32_t>& members, std::vector<double>& out);
  void flow_rates(const std::vector<std::uint32_t>& members, std::vector<double>& out);
  std::uint32_t up(const ShareDemand& d) const { return static_cast<std::uint32_t>(d.node) * 2; }
  std::uint32_t down(const ShareDemand& d) const { return static_cast<std::uint32_t>(d.to) * 2 + 1; }

  std::vector<NodeCapacity> nodes_;
  std::vector<ShareDemand> demands_;  // by slot
  std::vector<Link> links_;           // up and down of every node; only those of `used_` are valid
  std::vector<std::uint32_t> used_;
  std::vector<bool> decided_;
  std::vector<std::size_t> filled_;  // members decided in this round
};

}  // namespace orrery::sim
