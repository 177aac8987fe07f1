// MinCostFlow: the cheapest way to send the supplies of a network to its demands, and the next one after a change.
// The primal-dual method with node potentials (Edmonds and Karp 1972; Ahuja, Magnanti, Orlin, "Network Flows", section 9.8).
// Flow and potentials stay after a solution: what changed since makes imbalances, and only those are sent again, as Firmament
// does (Gog et al., OSDI 2016).
#pragma once
#include <cstdint>
#include <limits>
#include <vector>

namespace orrery::scheduler {

class MinCostFlow {
 public:
  using Node = std::uint32_t;
  using Arc = std::uint32_t;

  /// `supply` < 0: a demand.
  Node add_node(std::int64_t supply = 0);
  /// 0 <= `capacity`; `cost` per unit may be negative. Parallel arcs and arcs in both directions are fine.
  Arc add_arc(Node from, Node to, std::int64_t capacity, std::int64_t cost);
  void set_supply(Node node, std::int64_t supply);
  void set_capacity(Arc arc, std::int64_t capacity);
  void set_cost(Arc arc, std::int64_t cost);

  /// Sends everything. False when the demands cannot be met: supplies do not add up to 0, or a cut is too small; flow() is
  /// then a cheapest one of the most that can be sent along the way taken, and a later solve() goes on from it.
  bool solve();

  std::int64_t flow(Arc arc) const { return arcs_[2 * arc + 1].residual; }
  std::int64_t capacity(Arc arc) const { return arcs_[2 * arc].residual + arcs_[2 * arc + 1].residual; }
  std::int64_t cost(Arc arc) const { return arcs_[2 * arc].cost; }
  Node from(Arc arc) const { return arcs_[2 * arc + 1].to; }
  Node to(Arc arc) const { return arcs_[2 * arc].to; }
  std::size_t nodes() const { return nodes_.size(); }
  std::size_t arcs() const { return arcs_.size() / 2; }
  /// Of all flow.
  std::int64_t total_cost() const;
  /// Arcs looked at by all calls of solve(): what the work is proportional to.
  std::uint64_t scanned() const { return scanned_; }
  /// Whether the flow is a cheapest one by its potentials: no arc with room has a negative reduced cost.
  bool optimal() const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();

  struct NodeState {
    std::int64_t supply = 0, excess = 0, potential = 0;
    std::int64_t distance = kFar;
    std::uint32_t first = kNone;    ///< of its residual arcs
    std::uint32_t current = kNone;  ///< where the blocking flow stands
    bool visited = false;
  };
  /// 2k goes forward, 2k + 1 back.
  struct Residual {
    Node to = 0;
    std::uint32_t next = kNone;
    std::int64_t residual = 0, cost = 0;
  };

  std::int64_t reduced(Node from, const Residual& a) const {
    return a.cost + nodes_[from].potential - nodes_[a.to].potential;
  }
  void link(Node from, std::uint32_t residual);
  void push(std::uint32_t residual, std::int64_t amount);
  void touch(Arc arc);
  void saturate_cheap_arcs();
  bool search();
  void shift_potentials(std::int64_t nearest);
  void block();
  bool augment(Node source);

  std::vector<NodeState> nodes_;
  std::vector<Residual> arcs_;
  std::vector<Arc> changed_;
  std::vector<Node> reached_;  ///< by the last search
  std::uint64_t scanned_ = 0;
};

}  // namespace orrery::scheduler
