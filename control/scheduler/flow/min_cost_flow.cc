#include "control/scheduler/flow/min_cost_flow.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "model/base/check.h"

namespace orrery::scheduler {

MinCostFlow::Node MinCostFlow::add_node(std::int64_t supply) {
  NodeState n;
  n.supply = n.excess = supply;
  nodes_.push_back(n);
  return static_cast<Node>(nodes_.size() - 1);
}

void MinCostFlow::link(Node from, std::uint32_t residual) {
  arcs_[residual].next = std::exchange(nodes_[from].first, residual);
}

MinCostFlow::Arc MinCostFlow::add_arc(Node from, Node to, std::int64_t capacity, std::int64_t cost) {
  ORRERY_CHECK(from < nodes_.size() && to < nodes_.size() && capacity >= 0, "an arc joins nodes that exist");
  const Arc arc = static_cast<Arc>(arcs_.size() / 2);
  arcs_.push_back({to, kNone, capacity, cost});
  arcs_.push_back({from, kNone, 0, -cost});
  link(from, 2 * arc);
  link(to, 2 * arc + 1);
  touch(arc);
  return arc;
}

void MinCostFlow::touch(Arc arc) { changed_.push_back(arc); }

void MinCostFlow::set_supply(Node node, std::int64_t supply) {
  nodes_[node].excess += supply - nodes_[node].supply;
  nodes_[node].supply = supply;
}

void MinCostFlow::set_capacity(Arc arc, std::int64_t capacity) {
  const std::int64_t over = flow(arc) - capacity;
  if (over > 0) push(2 * arc + 1, over);
  arcs_[2 * arc].residual = capacity - flow(arc);
  touch(arc);
}

void MinCostFlow::set_cost(Arc arc, std::int64_t cost) {
  arcs_[2 * arc].cost = cost;
  arcs_[2 * arc + 1].cost = -cost;
  touch(arc);
}

void MinCostFlow::push(std::uint32_t residual, std::int64_t amount) {
  arcs_[residual].residual -= amount;
  arcs_[residual ^ 1].residual += amount;
  nodes_[arcs_[residual ^ 1].to].excess -= amount;
  nodes_[arcs_[residual].to].excess += amount;
}

// An arc with room and a negative reduced cost is filled, so that the flow is a cheapest one of its imbalances again.
void MinCostFlow::saturate_cheap_arcs() {
  for (const Arc arc : changed_) {
    for (const std::uint32_t r : {2 * arc, 2 * arc + 1}) {
      const Residual& a = arcs_[r];
      if (a.residual > 0 && reduced(arcs_[r ^ 1].to, a) < 0) push(r, a.residual);
    }
  }
  changed_.clear();
}

// Dijkstra from all nodes with an excess at once, over reduced costs; ends at the distance of the nearest demand.
bool MinCostFlow::search() {
  for (const Node n : reached_) nodes_[n].distance = kFar;
  reached_.clear();
  using Entry = std::pair<std::int64_t, Node>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  for (Node n = 0; n < nodes_.size(); ++n) {
    if (nodes_[n].excess <= 0) continue;
    nodes_[n].distance = 0;
    reached_.push_back(n);
    queue.emplace(0, n);
  }
  while (!queue.empty()) {
    const auto [distance, n] = queue.top();
    queue.pop();
    if (distance > nodes_[n].distance) continue;
    if (nodes_[n].excess < 0) {
      shift_potentials(distance);
      return true;
    }
    for (std::uint32_t r = nodes_[n].first; r != kNone; r = arcs_[r].next) {
      ++scanned_;
      const Residual& a = arcs_[r];
      if (a.residual == 0) continue;
      const std::int64_t next = distance + reduced(n, a);
      if (next >= nodes_[a.to].distance) continue;
      if (nodes_[a.to].distance == kFar) reached_.push_back(a.to);
      nodes_[a.to].distance = next;
      queue.emplace(next, a.to);
    }
  }
  return false;
}

// Nodes that were not reached are at least as far as the nearest demand. Adding min(distance, nearest) to all potentials and
// taking `nearest` from all is the same as taking what is left from the reached ones.
void MinCostFlow::shift_potentials(std::int64_t nearest) {
  for (const Node n : reached_) nodes_[n].potential -= std::max<std::int64_t>(0, nearest - nodes_[n].distance);
}

// Sends from one source along arcs of reduced cost 0, depth first without recursion.
bool MinCostFlow::augment(Node source) {
  std::vector<std::uint32_t> path;
  Node at = source;
  nodes_[at].visited = true;
  while (nodes_[at].excess >= 0) {
    std::uint32_t& r = nodes_[at].current;
    while (r != kNone) {
      ++scanned_;
      const Residual& a = arcs_[r];
      if (a.residual > 0 && !nodes_[a.to].visited && reduced(at, a) == 0) break;
      r = a.next;
    }
    if (r != kNone) {
      path.push_back(r);
      at = arcs_[r].to;
      nodes_[at].visited = true;
    } else {
      if (path.empty()) return false;
      at = arcs_[path.back() ^ 1].to;
      path.pop_back();
      nodes_[at].current = arcs_[nodes_[at].current].next;
    }
  }
  std::int64_t amount = std::min(nodes_[source].excess, -nodes_[at].excess);
  for (const std::uint32_t r : path) amount = std::min(amount, arcs_[r].residual);
  for (const std::uint32_t r : path) {
    push(r, amount);
    nodes_[arcs_[r].to].visited = false;
  }
  nodes_[source].visited = false;
  return true;
}

// Nodes given up stay visited until the next search: nothing leads on from them at these potentials.
void MinCostFlow::block() {
  for (const Node n : reached_) {
    nodes_[n].current = nodes_[n].first;
    nodes_[n].visited = false;
  }
  for (const Node n : reached_) {
    while (nodes_[n].excess > 0 && !nodes_[n].visited && augment(n)) {
    }
  }
}

bool MinCostFlow::solve() {
  saturate_cheap_arcs();
  while (search()) block();
  return std::all_of(nodes_.begin(), nodes_.end(), [](const NodeState& n) { return n.excess == 0; });
}

std::int64_t MinCostFlow::total_cost() const {
  std::int64_t sum = 0;
  for (Arc a = 0; a < arcs(); ++a) sum += flow(a) * cost(a);
  return sum;
}

bool MinCostFlow::optimal() const {
  for (std::uint32_t r = 0; r < arcs_.size(); ++r) {
    if (arcs_[r].residual > 0 && reduced(arcs_[r ^ 1].to, arcs_[r]) < 0) return false;
  }
  return true;
}

}  // namespace orrery::scheduler
