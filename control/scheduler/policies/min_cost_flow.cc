#include "control/scheduler/policies/min_cost_flow.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace orrery::scheduler {
namespace {

constexpr std::int64_t kFar = INT64_MAX;

}  // namespace

MinCostFlow::Node MinCostFlow::add_node() {
  leaving_.emplace_back();
  supply_.push_back(0);
  potential_.push_back(0);
  return nodes() - 1;
}

MinCostFlow::Arc MinCostFlow::add_arc(Node from, Node to, std::int64_t capacity, std::int64_t cost) {
  const auto edge = static_cast<std::uint32_t>(edges_.size());
  edges_.push_back({to, capacity, cost});
  edges_.push_back({from, 0, -cost});
  leaving_[from].push_back(edge);
  leaving_[to].push_back(edge + 1);
  return edge / 2;
}

void MinCostFlow::set_cost(Arc arc, std::int64_t cost) {
  edges_[2 * arc].cost = cost;
  edges_[2 * arc + 1].cost = -cost;
}

void MinCostFlow::set_capacity(Arc arc, std::int64_t capacity) {
  const std::int64_t kept = std::min(flow(arc), capacity);
  edges_[2 * arc].residual = capacity - kept;
  edges_[2 * arc + 1].residual = kept;
}

std::int64_t MinCostFlow::cost() const {
  std::int64_t sum = 0;
  for (std::size_t e = 0; e < edges_.size(); e += 2) sum += edges_[e + 1].residual * edges_[e].cost;
  return sum;
}

void MinCostFlow::move(std::uint32_t edge, std::int64_t amount) {
  edges_[edge].residual -= amount;
  edges_[edge ^ 1].residual += amount;
  excess_[edges_[edge ^ 1].to] -= amount;
  excess_[edges_[edge].to] += amount;
}

/// Afterwards no edge with room has a negative reduced cost.
void MinCostFlow::saturate_cheap_edges() {
  for (std::uint32_t e = 0; e < edges_.size(); ++e) {
    if (edges_[e].residual > 0 && reduced_cost(e) < 0) move(e, edges_[e].residual);
  }
}

/// Shortest paths from all nodes with too much; then the edges on shortest paths to the nearest nodes with too little are
/// free (reduced cost 0). False when no such node can be reached.
bool MinCostFlow::search() {
  ++searches_;
  using Entry = std::pair<std::int64_t, Node>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  std::vector<std::int64_t> distance(nodes(), kFar);
  for (Node n = 0; n < nodes(); ++n) {
    if (excess_[n] <= 0) continue;
    distance[n] = 0;
    open.push({0, n});
  }
  std::int64_t nearest = kFar;
  while (!open.empty()) {
    const auto [far, n] = open.top();
    open.pop();
    if (far > distance[n]) continue;
    if (far > nearest) break;
    if (excess_[n] < 0) nearest = std::min(nearest, far);
    for (const std::uint32_t e : leaving_[n]) {
      if (edges_[e].residual == 0) continue;
      const std::int64_t further = far + reduced_cost(e);
      if (further >= distance[edges_[e].to]) continue;
      distance[edges_[e].to] = further;
      open.push({further, edges_[e].to});
    }
  }
  if (nearest == kFar) return false;
  for (Node n = 0; n < nodes(); ++n) potential_[n] += std::min(distance[n], nearest);
  return true;
}

/// Sends up to `amount` on from the node over free edges; returns how much arrived where there was too little.
std::int64_t MinCostFlow::send(Node start, std::int64_t amount) {
  // The path from `start`, as edges; an explicit stack, as paths may be long.
  std::vector<std::uint32_t> path;
  std::int64_t sent = 0;
  on_path_[start] = true;
  Node at = start;
  while (sent < amount) {
    if (excess_[at] < 0) {
      std::int64_t fits = std::min(amount - sent, -excess_[at]);
      for (const std::uint32_t e : path) fits = std::min(fits, edges_[e].residual);
      for (const std::uint32_t e : path) move(e, fits);
      sent += fits;
      for (const std::uint32_t e : path) on_path_[edges_[e].to] = false;
      path.clear();
      at = start;
      continue;
    }
    bool went_on = false;
    for (; next_[at] < leaving_[at].size(); ++next_[at]) {
      const std::uint32_t e = leaving_[at][next_[at]];
      if (edges_[e].residual == 0 || on_path_[edges_[e].to] || reduced_cost(e) != 0) continue;
      path.push_back(e);
      at = edges_[e].to;
      on_path_[at] = true;
      went_on = true;
      break;
    }
    if (went_on) continue;
    if (path.empty()) break;
    on_path_[at] = false;
    at = edges_[path.back() ^ 1].to;
    path.pop_back();
    ++next_[at];
  }
  on_path_[start] = false;
  return sent;
}

void MinCostFlow::send_along_free_edges() {
  next_.assign(nodes(), 0);
  on_path_.assign(nodes(), false);
  for (Node n = 0; n < nodes(); ++n) {
    if (excess_[n] > 0) send(n, excess_[n]);
  }
}

base::Result<std::int64_t> MinCostFlow::solve() {
  excess_ = supply_;
  std::int64_t sum = 0;
  for (const std::int64_t s : supply_) sum += s;
  if (sum != 0) return base::invalid("the supplies do not sum to 0");
  for (std::uint32_t e = 0; e < edges_.size(); e += 2) {
    excess_[edges_[e ^ 1].to] -= edges_[e + 1].residual;
    excess_[edges_[e].to] += edges_[e + 1].residual;
  }
  searches_ = 0;
  saturate_cheap_edges();
  while (std::any_of(excess_.begin(), excess_.end(), [](std::int64_t x) { return x > 0; })) {
    if (!search()) return base::invalid("the network cannot carry the supply");
    send_along_free_edges();
  }
  return cost();
}

}  // namespace orrery::scheduler
