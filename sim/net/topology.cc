#include "sim/net/topology.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>

#include "model/base/check.h"

namespace orrery::sim {

// Parallel edge lists in vectors keep the graph's iteration order that of construction.
struct Topology::Graph {
  using Type =
      boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property, LinkSpec>;
  using Vertex = boost::graph_traits<Type>::vertex_descriptor;
  using Edge = boost::graph_traits<Type>::edge_descriptor;

  void set(Vertex a, Vertex b, const LinkSpec& link) {
    const auto [edge, found] = boost::edge(a, b, type);
    if (found) type[edge] = link;
    else boost::add_edge(a, b, link, type);
  }
  Type type;
};

Topology::Topology(const NetworkConfig& config) : config_(config), graph_(std::make_unique<Graph>()) {
  ORRERY_CHECK(config.cross_zone >= config.same_zone && config.same_zone > 0,
               "zones nearer to each other than racks");
}

Topology::~Topology() = default;

const base::Str& Topology::zone_of(HostId h) const { return zones_[racks_[hosts_[index(h)].rack].zone].name; }

std::uint32_t Topology::zone_index(const base::Str& name) {
  for (std::uint32_t i = 0; i < zones_.size(); ++i) {
    if (zones_[i].name == name) return i;
  }
  const auto vertex = static_cast<std::uint32_t>(boost::add_vertex(graph_->type));
  for (const Zone& other : zones_) {
    graph_->set(vertex, other.vertex, {config_.cross_zone - config_.same_zone, config_.zone_bandwidth, 0});
  }
  zones_.push_back({name, vertex});
  return static_cast<std::uint32_t>(zones_.size() - 1);
}

std::uint32_t Topology::rack_index(const base::Str& name, std::uint32_t zone) {
  for (std::uint32_t i = 0; i < racks_.size(); ++i) {
    if (racks_[i].zone == zone && racks_[i].name == name) return i;
  }
  const auto vertex = static_cast<std::uint32_t>(boost::add_vertex(graph_->type));
  const base::Nanos up = name.empty() ? 0 : config_.cross_rack / 2;
  graph_->set(vertex, zones_[zone].vertex, {up, config_.zone_bandwidth, 0});
  racks_.push_back({name, zone, vertex});
  return static_cast<std::uint32_t>(racks_.size() - 1);
}

HostId Topology::add_host(base::Str name, base::Str zone, base::Str rack) {
  const std::uint32_t z = zone_index(zone);
  const std::uint32_t r = rack_index(rack, z);
  const auto vertex = static_cast<std::uint32_t>(boost::add_vertex(graph_->type));
  const LinkSpec link{config_.same_zone / 2, config_.host_bandwidth, 0};
  graph_->set(vertex, racks_[r].vertex, link);
  hosts_.push_back({std::move(name), r, vertex, link});
  return static_cast<HostId>(hosts_.size() - 1);
}

void Topology::set_zone_link(std::string_view a, std::string_view b, LinkSpec link) {
  const Zone* ends[2] = {nullptr, nullptr};
  for (const Zone& z : zones_) {
    if (z.name == a) ends[0] = &z;
    if (z.name == b) ends[1] = &z;
  }
  ORRERY_CHECK(ends[0] && ends[1] && ends[0] != ends[1], "link between unknown zones");
  ORRERY_CHECK(link.bandwidth > 0, "a link without bandwidth");
  lossy_ |= link.loss_ppm > 0;
  graph_->set(ends[0]->vertex, ends[1]->vertex, link);
  forget_paths();
}

void Topology::set_host_link(HostId h, LinkSpec link) {
  ORRERY_CHECK(link.bandwidth > 0, "a link without bandwidth");
  Host& host = hosts_[index(h)];
  host.link = link;
  lossy_ |= link.loss_ppm > 0;
  graph_->set(host.vertex, racks_[host.rack].vertex, link);
}

void Topology::forget_paths() {
  matrix_racks_ = racks_.size();
  matrix_.assign(matrix_racks_ * matrix_racks_, PathInfo{});
}

void Topology::compute_row(std::uint32_t rack) {
  const auto& g = graph_->type;
  const std::size_t n = boost::num_vertices(g);
  std::vector<Graph::Vertex> before(n);
  std::vector<base::Nanos> distance(n);
  boost::dijkstra_shortest_paths(g, racks_[rack].vertex,
                                 boost::weight_map(boost::get(&LinkSpec::latency, g))
                                     .distance_map(distance.data())
                                     .predecessor_map(before.data()));
  for (std::uint32_t to = 0; to < racks_.size(); ++to) {
    PathInfo p{distance[racks_[to].vertex], INT64_MAX, 0};
    for (Graph::Vertex v = racks_[to].vertex; before[v] != v; v = before[v]) {
      const LinkSpec& link = g[boost::edge(before[v], v, g).first];
      p.bandwidth = std::min(p.bandwidth, link.bandwidth);
      p.loss_ppm += link.loss_ppm;
    }
    matrix_[rack * matrix_racks_ + to] = p;
  }
}

}  // namespace orrery::sim
