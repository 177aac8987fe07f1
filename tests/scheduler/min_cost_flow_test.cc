// The solver against published optima, against Boost.Graph, and against itself after changes.
#include "control/scheduler/flow/min_cost_flow.h"

#include <doctest/doctest.h>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/successive_shortest_path_nonnegative_weights.hpp>
// After what it needs.
#include <boost/graph/find_flow_cost.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/base/random.h"

namespace orrery::scheduler {
namespace {

const std::filesystem::path kGraphs = std::filesystem::path(ORRERY_SOURCE_DIR) / "../shared/data/minflow";

struct DimacsArc {
  std::uint32_t from, to;
  std::int64_t lower, upper, cost;
};

struct Dimacs {
  std::vector<std::int64_t> supply;
  std::vector<DimacsArc> arcs;
};

/// The DIMACS minimum cost flow format: "p min NODES ARCS", "n NODE SUPPLY", "a FROM TO LOWER UPPER COST", nodes from 1.
Dimacs read_dimacs(const std::filesystem::path& file) {
  Dimacs d;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    char kind = 0;
    words >> kind;
    if (kind == 'p') {
      std::string min;
      std::size_t nodes = 0;
      words >> min >> nodes;
      d.supply.resize(nodes);
    } else if (kind == 'n') {
      std::size_t node = 0;
      std::int64_t supply = 0;
      words >> node >> supply;
      d.supply.at(node - 1) = supply;
    } else if (kind == 'a') {
      DimacsArc a{};
      words >> a.from >> a.to >> a.lower >> a.upper >> a.cost;
      --a.from, --a.to;
      d.arcs.push_back(a);
    }
  }
  return d;
}

/// What must flow flows: it leaves the arc's room and the supplies of its ends.
std::int64_t build(const Dimacs& d, MinCostFlow& flow) {
  for (const std::int64_t s : d.supply) flow.add_node(s);
  std::vector<std::int64_t> supply = d.supply;
  std::int64_t fixed = 0;
  for (const DimacsArc& a : d.arcs) {
    flow.add_arc(a.from, a.to, a.upper - a.lower, a.cost);
    supply[a.from] -= a.lower;
    supply[a.to] += a.lower;
    fixed += a.lower * a.cost;
  }
  for (std::uint32_t n = 0; n < supply.size(); ++n) flow.set_supply(n, supply[n]);
  return fixed;
}

/// Flow within capacity that meets every supply.
void check_feasible(const MinCostFlow& flow, std::vector<std::int64_t> supply) {
  for (MinCostFlow::Arc a = 0; a < flow.arcs(); ++a) {
    REQUIRE(flow.flow(a) >= 0);
    REQUIRE(flow.flow(a) <= flow.capacity(a));
    supply[flow.from(a)] -= flow.flow(a);
    supply[flow.to(a)] += flow.flow(a);
  }
  for (const std::int64_t s : supply) REQUIRE(s == 0);
}

TEST_CASE("min-cost flow: the optima of published scheduling graphs") {
  std::ifstream table(kGraphs / "optimal_costs.csv");
  if (!table) {
    MESSAGE("no graphs at hand");
    return;
  }
  std::string line;
  std::getline(table, line);
  REQUIRE(line.starts_with("graph,status,flow,supply,optimal_cost,nodes,arcs"));
  int graphs = 0;
  while (std::getline(table, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    REQUIRE(cells.size() == 7);
    CAPTURE(cells[0]);
    const Dimacs d = read_dimacs(kGraphs / cells[0]);
    REQUIRE(d.arcs.size() == std::stoul(cells[6]));
    MinCostFlow flow;
    const std::int64_t fixed = build(d, flow);
    CHECK(flow.solve());
    CHECK(flow.optimal());
    CHECK(flow.total_cost() + fixed == std::stoll(cells[4]));
    ++graphs;
  }
  CHECK(graphs >= 8);
}

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using BoostGraph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS, boost::no_property,
    boost::property<boost::edge_capacity_t, long,
                    boost::property<boost::edge_residual_capacity_t, long,
                                    boost::property<boost::edge_reverse_t, Traits::edge_descriptor,
                                                    boost::property<boost::edge_weight_t, long>>>>>;

/// The optimal cost as Boost.Graph finds it; all supplies can be sent.
long boost_cost(const MinCostFlow& flow, const std::vector<std::int64_t>& supply) {
  const std::size_t n = supply.size();
  BoostGraph g(n + 2);
  const auto add = [&g](std::size_t from, std::size_t to, long capacity, long cost) {
    const auto forth = boost::add_edge(from, to, g).first, back = boost::add_edge(to, from, g).first;
    boost::put(boost::edge_capacity, g, forth, capacity);
    boost::put(boost::edge_capacity, g, back, 0L);
    boost::put(boost::edge_weight, g, forth, cost);
    boost::put(boost::edge_weight, g, back, -cost);
    boost::put(boost::edge_reverse, g, forth, back);
    boost::put(boost::edge_reverse, g, back, forth);
  };
  for (MinCostFlow::Arc a = 0; a < flow.arcs(); ++a) add(flow.from(a), flow.to(a), flow.capacity(a), flow.cost(a));
  for (std::size_t i = 0; i < n; ++i) {
    if (supply[i] > 0) add(n, i, supply[i], 0);
    if (supply[i] < 0) add(i, n + 1, -supply[i], 0);
  }
  boost::successive_shortest_path_nonnegative_weights(g, n, n + 1);
  return boost::find_flow_cost(g);
}

/// A random network in which everything can be sent: an expensive chain joins all nodes.
struct RandomNetwork {
  explicit RandomNetwork(std::uint64_t seed) : random(seed * 0x9e3779b97f4a7c15u) {
    const auto n = static_cast<std::uint32_t>(5 + random.below(30));
    supply.assign(n, 0);
    for (std::uint32_t i = 0; i < n; ++i) flow.add_node();
    for (std::uint32_t i = 0; i < n; ++i) flow.add_arc(i, (i + 1) % n, 1000, 400);
    for (std::uint32_t i = 0; i < 6 * n; ++i) flow.add_arc(node(), node(), amount(12), amount(100));
    for (std::uint32_t i = 0; i < n; ++i) move_supply();
  }
  std::uint32_t node() { return static_cast<std::uint32_t>(random.below(supply.size())); }
  std::int64_t amount(std::uint64_t below) { return static_cast<std::int64_t>(random.below(below)); }
  void move_supply() {
    const std::uint32_t from = node(), to = node();
    const std::int64_t moved = amount(8);
    supply[from] += moved;
    supply[to] -= moved;
    flow.set_supply(from, supply[from]);
    flow.set_supply(to, supply[to]);
  }
  /// Of any kind.
  void change() {
    const auto arc = static_cast<MinCostFlow::Arc>(random.below(flow.arcs()));
    const bool chain = arc < supply.size();
    switch (random.below(4)) {
      case 0: move_supply(); break;
      case 1: flow.set_cost(arc, amount(chain ? 900 : 100)); break;
      case 2: if (!chain) flow.set_capacity(arc, amount(12)); break;
      default: flow.add_arc(node(), node(), amount(12), amount(100));
    }
  }
  base::RandomStream random;
  MinCostFlow flow;
  std::vector<std::int64_t> supply;
};

TEST_CASE("min-cost flow: as cheap as Boost.Graph's, also after changes") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    RandomNetwork net(seed);
    for (int round = 0; round < 6; ++round) {
      REQUIRE(net.flow.solve());
      CHECK(net.flow.optimal());
      check_feasible(net.flow, net.supply);
      CHECK(net.flow.total_cost() == boost_cost(net.flow, net.supply));
      for (int i = 0; i < 5; ++i) net.change();
    }
  }
}

TEST_CASE("min-cost flow: a small change costs little work") {
  RandomNetwork net(7);
  for (int i = 0; i < 200; ++i) net.move_supply();
  REQUIRE(net.flow.solve());
  const std::uint64_t first = net.flow.scanned();
  net.flow.set_cost(static_cast<MinCostFlow::Arc>(net.supply.size()) + 1, 0);
  REQUIRE(net.flow.solve());
  CHECK((net.flow.scanned() - first) * 5 < first);
}

TEST_CASE("min-cost flow: negative costs, loops, and what cannot be sent") {
  MinCostFlow flow;
  const auto a = flow.add_node(3), b = flow.add_node(-3);
  const auto direct = flow.add_arc(a, b, 2, 5), cheap = flow.add_arc(a, b, 2, -4);
  CHECK(flow.solve());
  CHECK(flow.flow(cheap) == 2);
  CHECK(flow.flow(direct) == 1);
  CHECK(flow.total_cost() == -3);
  const auto loop = flow.add_arc(a, a, 3, -1);
  CHECK(flow.solve());
  CHECK(flow.flow(loop) == 3);
  flow.set_supply(a, 6);
  CHECK_FALSE(flow.solve());
  flow.set_supply(a, 3);
  CHECK(flow.solve());
  flow.set_capacity(cheap, 0);
  CHECK_FALSE(flow.solve());
  flow.set_capacity(cheap, 1);
  CHECK(flow.solve());
  CHECK(flow.optimal());
}

}  // namespace
}  // namespace orrery::scheduler
