#include "sim/sharing/max_min_solver.h"

#include <algorithm>

namespace orrery::sim {

void MaxMinSolver::add_node(const NodeCapacity& capacity) {
  nodes_.push_back(capacity);
  links_.resize(nodes_.size() * 2);
  if (capacity.rack != NodeCapacity::kNoRack)
    rack_trunks_.resize(std::max(rack_trunks_.size(), (std::size_t{capacity.rack} + 1) * 2));
  if (capacity.zone == NodeCapacity::kNoZone || capacity.zone < zones_) return;
  zones_ = capacity.zone + 1;
  trunks_.resize(std::size_t{zones_} * zones_);
}

void MaxMinSolver::start(std::uint32_t slot, const ShareDemand& demand) {
  if (slot >= demands_.size()) demands_.resize(slot + 1);
  demands_[slot] = demand;
}

void MaxMinSolver::rates(const std::vector<std::uint32_t>& members, std::vector<double>& out) {
  out.assign(members.size(), 0);
  if (members.empty()) return;
  decided_.assign(members.size(), false);
  if (demands_[members[0]].is_flow()) flow_rates(members, out);
  else cpu_rates(members, out);
}

void MaxMinSolver::cpu_rates(const std::vector<std::uint32_t>& members, std::vector<double>& out) {
  double left = nodes_[static_cast<std::uint32_t>(demands_[members[0]].node)].cpu;
  double weight = 0;
  for (const std::uint32_t m : members) weight += demands_[m].weight;
  // Whoever is bounded below the common level leaves room that raises the level of the others.
  for (bool again = true; again;) {
    again = false;
    const double level = left / weight;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const ShareDemand& d = demands_[members[i]];
      if (decided_[i] || d.bound > level * d.weight) continue;
      decided_[i] = again = true;
      out[i] = d.bound;
    }
    if (!again) break;
    left = nodes_[static_cast<std::uint32_t>(demands_[members[0]].node)].cpu;
    weight = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (decided_[i]) left -= out[i];
      else weight += demands_[members[i]].weight;
    }
    if (weight <= 0) return;
  }
  for (std::size_t i = 0; i < members.size(); ++i)
    if (!decided_[i]) out[i] = left / weight * demands_[members[i]].weight;
}

void MaxMinSolver::flow_rates(const std::vector<std::uint32_t>& members, std::vector<double>& out) {
  used_.clear();
  for (const std::uint32_t m : members)
    each_link(demands_[m], [](Link& l, double capacity) { l = {capacity, 0}; });
  for (const std::uint32_t m : members)
    each_link(demands_[m], [this](Link& l, double) {
      if (l.flows++ == 0) used_.push_back(&l);
    });
  for (std::size_t left = members.size(); left > 0;) {
    double level = std::numeric_limits<double>::infinity();
    for (const Link* l : used_)
      if (l->flows > 0) level = std::min(level, l->level());
    // Chosen before any is decided: deciding one moves the levels of its links by a rounding error.
    filled_.clear();
    for (std::size_t i = 0; i < members.size(); ++i)
      if (!decided_[i] && demands_[members[i]].bound <= level) filled_.push_back(i);
    // Flows below their bounds go on rising: what the bounded ones leave is theirs.
    const bool bounded = !filled_.empty();
    for (std::size_t i = 0; !bounded && i < members.size(); ++i) {
      if (decided_[i]) continue;
      bool full = false;
      each_link(demands_[members[i]], [&](const Link& l, double) { full = full || l.level() <= level; });
      if (full) filled_.push_back(i);
    }
    for (const std::size_t i : filled_) {
      const ShareDemand& d = demands_[members[i]];
      decided_[i] = true;
      out[i] = std::min(level, d.bound);
      each_link(d, [&](Link& l, double) {
        l.left = std::max(0.0, l.left - out[i]);
        --l.flows;
      });
    }
    left -= filled_.size();
  }
}

std::unique_ptr<RateSolver> make_max_min_solver() { return std::make_unique<MaxMinSolver>(); }

}  // namespace orrery::sim
