// The cycle's own rules: how many nodes are enough, where the next search starts, zone order, ties, and failure texts.
#include <doctest/doctest.h>

#include "control/scheduler/cycle.h"
#include "control/scheduler/default_profile.h"
#include "control/scheduler/queue/nominator.h"

using namespace orrery;
using namespace orrery::scheduler;

namespace {

struct World {
  World() : framework(default_profile({snapshot, lister, nominator, running, nullptr, nullptr})) {}
  void node(const std::string& name, const std::string& zone, const char* cpu = "4") {
    api::Node n;
    n.metadata.name = name;
    n.metadata.labels.set("kubernetes.io/hostname", name);
    if (!zone.empty()) n.metadata.labels.set("topology.kubernetes.io/zone", zone);
    for (const auto& [k, v] : {std::pair{"cpu", cpu}, std::pair{"memory", "8Gi"}, std::pair{"pods", "110"}}) {
      n.status.edit().allocatable.set(k, api::Quantity::must_parse(v));
    }
    snapshot.set_node(NodeHandle(api::make_object(std::move(n))));
  }
  PodInfoRef pod(const std::string& name, const char* cpu = "100m", std::int32_t priority = 0) {
    api::Pod p;
    p.metadata.name = name;
    p.metadata.namespace_ = "ns";
    p.metadata.uid = name;
    api::Container c;
    c.image = "app:v1";
    c.resources.requests.set("cpu", api::Quantity::must_parse(cpu));
    p.spec.edit().containers.push_back(c);
    p.spec.edit().priority = priority;
    return base::make_ref<PodInfo>(api::make_object(std::move(p)));
  }
  CycleResult run(const PodInfoRef& p, CycleDetail* detail = nullptr) {
    CycleState state;
    return schedule_pod(*framework, snapshot, nominator, *p, memory, state, detail);
  }
  Snapshot snapshot;
  FixedLister lister;
  Nominator nominator;
  RunningPreemptions running;
  std::unique_ptr<Framework> framework;
  CycleMemory memory;
};

}  // namespace

TEST_CASE("numFeasibleNodesToFind") {
  const struct { std::size_t nodes; int percentage; std::size_t want; } kRows[] = {
      {10, 0, 10},     {99, 0, 99},     {100, 0, 100},   {1000, 0, 420}, {1000, 40, 400}, {5000, 0, 500},
      {6000, 0, 300},  {6000, 40, 2400}, {15000, 0, 750}, {1000, 5, 100}, {1000, 100, 1000}};
  for (const auto& row : kRows) CHECK(feasible_nodes_wanted(row.nodes, row.percentage) == row.want);
}

TEST_CASE("nodes stand zone by zone in turn") {
  World w;
  for (const auto& [name, zone] : {std::pair{"a1", "a"}, {"a2", "a"}, {"b1", "b"}, {"a3", "a"}, {"c1", "c"}, {"b2", "b"}}) {
    w.node(name, zone);
  }
  std::string order;
  for (const NodeInfo* n : w.snapshot.nodes()) order += base::cat(n->name(), " ");
  CHECK(order == "a1 b1 c1 a2 b2 a3 ");
  w.snapshot.remove_node("b1");
  order.clear();
  for (const NodeInfo* n : w.snapshot.nodes()) order += base::cat(n->name(), " ");
  CHECK(order == "a1 b2 c1 a2 a3 ");
}

TEST_CASE("the search goes on where the last one ended") {
  World w;
  for (int i = 0; i < 1000; ++i) w.node(base::cat("n", std::to_string(i)), "");
  CycleDetail detail;
  CHECK(w.run(w.pod("p"), &detail).feasible == 420);
  CHECK(detail.feasible.front()->index() == 0);
  CHECK(w.memory.next_start == 420);
  detail = {};
  w.run(w.pod("q"), &detail);
  CHECK(detail.feasible.front()->index() == 420);
  CHECK(w.memory.next_start == 840);
}

TEST_CASE("equal nodes are drawn among, unequal ones are not") {
  World w;
  for (const char* name : {"a", "b", "c"}) w.node(name, "");
  base::BTreeSet<std::string> seen;
  for (int i = 0; i < 50; ++i) seen.insert(w.run(w.pod("p")).node->name().str());
  CHECK(seen.size() == 3);
  w.node("roomy", "", "64");
  for (int i = 0; i < 10; ++i) CHECK(w.run(w.pod("p", "2")).node->name() == "roomy");
}

TEST_CASE("nobody fits") {
  World w;
  CHECK(w.run(w.pod("p")).message == "no nodes available to schedule pods");
  w.node("a", "");
  w.node("b", "", "8");
  w.snapshot.add_pod(w.pod("old", "6", 5), "b");
  const CycleResult r = w.run(w.pod("big", "7"));
  CHECK(!r.node);
  CHECK(r.message == "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: "
                     "2 No preemption victims found for incoming pod.");
  const CycleResult strong = w.run(w.pod("strong", "7", 10));
  REQUIRE(strong.post_filter.nominated_node);
  CHECK(*strong.post_filter.nominated_node == "b");
  CHECK(strong.post_filter.victims.size() == 1);
  CHECK(strong.message == "0/2 nodes are available: 2 Insufficient cpu.");
}

TEST_CASE("room kept for a nominated pod is not given to a lesser one") {
  World w;
  w.node("a", "", "2");
  const PodInfoRef first = w.pod("first", "2", 10);
  w.nominator.add(first, "a");
  CHECK(!w.run(w.pod("lesser", "1", 0)).node);
  CHECK(w.run(w.pod("greater", "1", 20)).node);
  w.nominator.remove("first");
  CHECK(w.run(w.pod("lesser", "1", 0)).node);
}
