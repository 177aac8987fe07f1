#include "sim/sharing/max_min_solver.h"

#include <algorithm>

namespace orrery::sim {

void MaxMinSolver::add_node(const NodeCapacity& capacity) {
  nodes_.push_back(capacity);
  links_.resize(nodes_.size() * 2);
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
  for (const std::uint32_t m : members) {
    const ShareDemand& d = demands_[m];
    links_[up(d)] = {nodes_[static_cast<std::uint32_t>(d.node)].up, 0};
    links_[down(d)] = {nodes_[static_cast<std::uint32_t>(d.to)].down, 0};
  }
  for (const std::uint32_t m : members)
    for (const std::uint32_t l : {up(demands_[m]), down(demands_[m])})
      if (links_[l].flows++ == 0) used_.push_back(l);
  for (std::size_t left = members.size(); left > 0;) {
    double level = std::numeric_limits<double>::infinity();
    for (const std::uint32_t l : used_)
      if (links_[l].flows > 0) level = std::min(level, links_[l].level());
    // Chosen before any is decided: deciding one moves the levels of its links by a rounding error.
    filled_.clear();
    for (std::size_t i = 0; i < members.size(); ++i)
      if (!decided_[i] && demands_[members[i]].bound <= level) filled_.push_back(i);
    // Flows below their bounds go on rising: what the bounded ones leave is theirs.
    const bool bounded = !filled_.empty();
    for (std::size_t i = 0; !bounded && i < members.size(); ++i) {
      const ShareDemand& d = demands_[members[i]];
      if (!decided_[i] && (links_[up(d)].level() <= level || links_[down(d)].level() <= level)) filled_.push_back(i);
    }
    for (const std::size_t i : filled_) {
      const ShareDemand& d = demands_[members[i]];
      decided_[i] = true;
      out[i] = std::min(level, d.bound);
      for (const std::uint32_t l : {up(d), down(d)}) {
        links_[l].left = std::max(0.0, links_[l].left - out[i]);
        --links_[l].flows;
      }
    }
    left -= filled_.size();
  }
}

std::unique_ptr<RateSolver> make_max_min_solver() { return std::make_unique<MaxMinSolver>(); }

}  // namespace orrery::sim
