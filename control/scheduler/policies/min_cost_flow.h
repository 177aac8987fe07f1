// MinCostFlow: the cheapest flow through a network, for schedulers that place all tasks at once (Isard et al., "Quincy",
// SOSP 2009; Gog et al., "Firmament", OSDI 2016). Primal-dual: shortest paths from wherever there is too much to wherever
// there is too little, over reduced costs that are never negative (Ahuja, Magnanti, Orlin, Network Flows, 1993, section 9.8).
// A change of costs or capacities leaves the flow as it is; the next solve() mends what the change has made wrong.
#pragma once
#include <cstdint>
#include <vector>

#include "model/base/result.h"

namespace orrery::scheduler {

/// Costs and capacities are of any sign and size whose sums fit into 62 bits; capacities are finite, not negative.
class MinCostFlow {
 public:
  using Node = std::uint32_t;
  using Arc = std::uint32_t;

  Node add_node();
  Node nodes() const { return static_cast<Node>(leaving_.size()); }
  Arc add_arc(Node from, Node to, std::int64_t capacity, std::int64_t cost);
  /// What comes in from outside at a node (negative: goes out there).
  void set_supply(Node node, std::int64_t supply) { supply_[node] = supply; }
  std::int64_t supply(Node node) const { return supply_[node]; }
  void set_cost(Arc arc, std::int64_t cost);
  void set_capacity(Arc arc, std::int64_t capacity);

  /// Routes all supply as cheaply as possible and returns the cost. Fails when the supplies do not sum to 0 or the network
  /// cannot carry them.
  base::Result<std::int64_t> solve();

  std::int64_t flow(Arc arc) const { return edges_[2 * arc + 1].residual; }
  std::int64_t cost() const;
  /// Searches for shortest paths in the last solve(): how much there was to mend.
  std::size_t searches() const { return searches_; }

 private:
  /// Edges 2a and 2a + 1 are arc a and its way back.
  struct Edge {
    Node to;
    std::int64_t residual, cost;
  };
  std::int64_t reduced_cost(std::uint32_t edge) const {
    return edges_[edge].cost + potential_[edges_[edge ^ 1].to] - potential_[edges_[edge].to];
  }
  void move(std::uint32_t edge, std::int64_t amount);
  void saturate_cheap_edges();
  bool search();
  void send_along_free_edges();
  std::int64_t send(Node node, std::int64_t amount);

  std::vector<Edge> edges_;
  std::vector<std::vector<std::uint32_t>> leaving_;   // edges of each node
  std::vector<std::int64_t> supply_, potential_;
  std::vector<std::int64_t> excess_;                  // what has come in and not gone on; during solve()
  std::vector<std::size_t> next_;                     // of each node: which edge to try next
  std::vector<bool> on_path_;
  std::size_t searches_ = 0;
};

}  // namespace orrery::scheduler
