// MaxMinSolver: weighted max-min by progressive filling. CPU: one pass over a node's work per level reached;
// flows: all that reach their bound below the next full link, or all links that are full at the same level, together.
#pragma once
#include "sim/sharing/rate_solver.h"

namespace orrery::sim {

class MaxMinSolver final : public RateSolver {
 public:
  const char* name() const override { return "host"; }
  void set_trunks(double capacity) override { trunk_capacity_ = capacity; }
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
  /// Of the flow's up and down link, the trunk between zones, and those of its racks.
  template <class F>
  void each_link(const ShareDemand& d, F visit) {
    const NodeCapacity& from = nodes_[static_cast<std::uint32_t>(d.node)];
    const NodeCapacity& to = nodes_[static_cast<std::uint32_t>(d.to)];
    visit(links_[static_cast<std::uint32_t>(d.node) * 2], from.up);
    visit(links_[static_cast<std::uint32_t>(d.to) * 2 + 1], to.down);
    if (from.zone != to.zone && from.zone < zones_ && to.zone < zones_)
      visit(trunks_[from.zone * zones_ + to.zone], trunk_capacity_);
    if (from.rack == to.rack) return;
    if (from.rack != NodeCapacity::kNoRack) visit(rack_trunks_[from.rack * 2], trunk_capacity_);
    if (to.rack != NodeCapacity::kNoRack) visit(rack_trunks_[to.rack * 2 + 1], trunk_capacity_);
  }

  std::vector<NodeCapacity> nodes_;
  std::vector<ShareDemand> demands_;  // by slot
  double trunk_capacity_ = std::numeric_limits<double>::infinity();
  std::uint32_t zones_ = 0;
  std::vector<Link> links_;           // up and down of every node; only those of `used_` are valid
  std::vector<Link> trunks_;          // from each zone to each; likewise
  std::vector<Link> rack_trunks_;     // out of and into every rack; likewise
  std::vector<Link*> used_;
  std::vector<bool> decided_;
  std::vector<std::size_t> filled_;  // members decided in this round
};

}  // namespace orrery::sim
