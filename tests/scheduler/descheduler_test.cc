// Descheduler strategies: cases that are computed by hand after upstream's rules, and properties over drawn clusters.
#include <doctest/doctest.h>

#include <map>

#include "control/scheduler/descheduler/strategies.h"
#include "model/base/random.h"
#include "tests/scheduler/plugin_world.h"

namespace descheduler_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::descheduler;
using scheduler::testing::from_yaml;

namespace {

class World {
 public:
  void node(const char* name, const char* cpu, const char* more = "") {
    auto n = from_yaml<api::Node>(base::cat("{metadata: {name: ", name, ", labels: {zone: ", name, "}}, status: {allocatable: {cpu: ", cpu,
                                            ", memory: 100Gi, pods: 20}}", more, "}"));
    snapshot.set_node(NodeHandle(api::make_object(std::move(n))));
  }
  /// A pod of a ReplicaSet `app`; `more`: of its spec.
  void pod(const char* name, const char* node, const char* cpu, const char* app = "", const char* more = "") {
    const std::string owner = *app ? base::cat(", labels: {app: ", app, "}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: ", app,
                                               ", uid: u, controller: true}]") : "";
    auto p = from_yaml<api::Pod>(base::cat("{metadata: {name: ", name, ", uid: ", name, ", namespace: ns", owner, "}, spec: {", more,
                                           "containers: [{name: c, image: i, resources: {requests: {cpu: '", cpu, "'}}}]}}"));
    snapshot.add_pod(base::make_ref<PodInfo>(api::make_object(std::move(p))), Str(node));
  }
  Snapshot snapshot;
};

std::string names(const std::vector<PodInfoRef>& pods) {
  std::string out;
  for (const PodInfoRef& p : pods) out += base::cat(out.empty() ? "" : " ", p->meta().name);
  return out;
}

LowNodeUtilizationArgs low(double under, double target) {
  LowNodeUtilizationArgs out;
  out.thresholds.cpu = under;
  out.target.cpu = target;
  return out;
}

constexpr const char* kSpread = "topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, "
                                "labelSelector: {matchLabels: {app: web}}}], ";

}  // namespace

TEST_CASE("low node utilisation: from above the target to it, lowest priority first") {
  World w;
  w.node("full", "10");
  w.node("half", "10");
  w.node("idle", "10");
  w.pod("h", "half", "4");
  w.pod("a", "full", "2", "", "priority: 10, ");
  w.pod("b", "full", "2", "", "priority: 5, ");
  w.pod("c", "full", "2", "", "priority: 1, ");
  w.pod("d", "full", "2", "", "priority: 20, ");
  // 80 % of 10 cores, down to 50 %: c and b (2 cores each) bring it to 40 %; after c it is at 60 %.
  CHECK(names(low_node_utilization(w.snapshot, low(20, 50))) == "c b");
  // At 80 % exactly it is not above.
  CHECK(names(low_node_utilization(w.snapshot, low(20, 80))).empty());
  // Nobody below the threshold but more nodes are asked for.
  LowNodeUtilizationArgs more = low(20, 50);
  more.number_of_nodes = 1;
  CHECK(names(low_node_utilization(w.snapshot, more)).empty());
  // 40 % is not below 20 %, but below 45 %.
  more = low(45, 50);
  more.number_of_nodes = 1;
  CHECK(names(low_node_utilization(w.snapshot, more)) == "c b");
}

TEST_CASE("low node utilisation: stops when the idle nodes are full to target") {
  World w;
  w.node("full", "10");
  w.node("idle", "4");
  for (const char* p : {"a", "b", "c", "d", "e"}) w.pod(p, "full", "2");
  // Room up to 50 % of 4 cores: one pod of 2 fills it, although `full` is at 80 % then.
  CHECK(names(low_node_utilization(w.snapshot, low(20, 50))) == "a");
}

TEST_CASE("low node utilisation: who is never evicted, and cordoned nodes") {
  World w;
  w.node("full", "10");
  w.node("idle", "10");
  w.pod("critical", "full", "4", "", "priority: 2000000000, ");
  w.pod("a", "full", "4");
  CHECK(names(low_node_utilization(w.snapshot, low(20, 50))) == "a");
  World cordoned;
  cordoned.node("full", "10");
  cordoned.node("idle", "10", ", spec: {unschedulable: true}");
  cordoned.pod("a", "full", "8");
  CHECK(low_node_utilization(cordoned.snapshot, low(20, 50)).empty());
  World tainted;
  tainted.node("full", "10");
  tainted.node("idle", "10", ", spec: {taints: [{key: k, effect: NoSchedule}]}");
  tainted.pod("a", "full", "4");
  tainted.pod("b", "full", "4", "", "tolerations: [{operator: Exists}], ");
  CHECK(names(low_node_utilization(tainted.snapshot, low(20, 50))) == "b");
}

TEST_CASE("QoS breaks ties of priority: best effort goes first") {
  World w;
  w.node("full", "10");
  w.node("idle", "10");
  w.pod("burstable", "full", "4", "", "priority: 1, ");
  w.pod("burstable2", "full", "4", "", "priority: 1, ");
  auto best = from_yaml<api::Pod>("{metadata: {name: best, uid: best, namespace: ns}, spec: {priority: 1, containers: [{name: c, image: i}]}}");
  w.snapshot.add_pod(base::make_ref<PodInfo>(api::make_object(std::move(best))), Str("full"));
  CHECK(names(low_node_utilization(w.snapshot, low(20, 50))) == "best burstable");
}

TEST_CASE("high node utilisation empties the emptiest nodes as far as the others have room") {
  World w;
  w.node("a", "10");
  w.node("b", "10");
  w.node("c", "10");
  w.pod("a1", "a", "1");
  w.pod("b1", "b", "1");
  w.pod("b2", "b", "1");
  w.pod("c1", "c", "8");
  HighNodeUtilizationArgs args;
  args.thresholds.cpu = 20;
  // Sources by what they use: a (1), b (2). c has 2 cores: a1 and b1 fill it.
  CHECK(names(high_node_utilization(w.snapshot, args)) == "a1 b1");
  args.number_of_nodes = 2;
  CHECK(high_node_utilization(w.snapshot, args).empty());
  args = {};
  args.thresholds.cpu = 5;
  CHECK(high_node_utilization(w.snapshot, args).empty());       // nobody is that low
  args.thresholds.cpu = 90;
  CHECK(high_node_utilization(w.snapshot, args).empty());       // all are
}

TEST_CASE("duplicates beyond the fair share go") {
  World w;
  for (const char* n : {"a", "b", "c"}) w.node(n, "10");
  for (const char* p : {"p1", "p2", "p3", "p4"}) w.pod(p, "a", "1", "web");
  w.pod("p5", "b", "1", "web");
  w.pod("single", "a", "1", "db");
  // 5 replicas over 3 nodes: 2 each.
  CHECK(names(remove_duplicates(w.snapshot)) == "p3 p4");
  World one;
  one.node("a", "10");
  one.node("tainted", "10", ", spec: {taints: [{key: k, effect: NoSchedule}]}");
  for (const char* p : {"p1", "p2", "p3"}) one.pod(p, "a", "1", "web");
  CHECK(remove_duplicates(one.snapshot).empty());               // only one node would do
}

TEST_CASE("topology spread: from the largest domain to the smallest, no further than the average") {
  World w;
  for (const char* n : {"a", "b", "c"}) w.node(n, "10");
  for (const char* p : {"a1", "a2", "a3", "a4", "a5"}) w.pod(p, "a", "1", "web", kSpread);
  w.pod("b1", "b", "1", "web", kSpread);
  // [0, 1, 5], average 2: c takes min(ceil(5-2), ceil(2-0), ceil((5-0-1)/2)) = 2 from a, then [1, 2, 3]: skew of a and b is 2,
  // b takes min(1, 1, 1) = 1.
  CHECK(names(remove_pods_violating_topology_spread(w.snapshot, {})) == "a4 a5 a3");
}

TEST_CASE("topology spread: balanced, soft, and fitting nowhere") {
  World balanced;
  for (const char* n : {"a", "b"}) balanced.node(n, "10");
  balanced.pod("a1", "a", "1", "web", kSpread);
  CHECK(remove_pods_violating_topology_spread(balanced.snapshot, {}).empty());
  World soft;
  for (const char* n : {"a", "b"}) soft.node(n, "10");
  for (const char* p : {"a1", "a2"}) {
    soft.pod(p, "a", "1", "web", "topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, "
                                 "labelSelector: {matchLabels: {app: web}}}], ");
  }
  CHECK(remove_pods_violating_topology_spread(soft.snapshot, {}).empty());
  CHECK(names(remove_pods_violating_topology_spread(soft.snapshot, {true, true})) == "a2");
  World tight;
  tight.node("a", "10");
  tight.node("b", "1");
  for (const char* p : {"a1", "a2"}) tight.pod(p, "a", "2", "web", kSpread);
  CHECK(remove_pods_violating_topology_spread(tight.snapshot, {}).empty());
  CHECK(names(remove_pods_violating_topology_spread(tight.snapshot, {false, false})) == "a2");
}

TEST_CASE("over drawn clusters: nobody critical goes, no node goes below target, shares are kept") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    base::RandomStream random(seed);
    World w;
    std::map<Str, Str> node_of;
    const std::size_t nodes = 2 + random.below(6);
    for (std::size_t n = 0; n < nodes; ++n) w.node(base::cat("n", std::to_string(n)).c_str(), "10");
    for (std::size_t i = 0; i < 40; ++i) {
      const std::string node = base::cat("n", std::to_string(random.below(1 + random.below(nodes)))), name = base::cat("p", std::to_string(i));
      const std::string app = base::cat("app", std::to_string(random.below(3)));
      w.pod(name.c_str(), node.c_str(), "500m", app.c_str(), random.below(5) == 0 ? "priority: 2000000000, " : "");
      node_of[Str(name)] = Str(node);
    }
    std::map<Str, std::int64_t> left;
    for (const NodeInfo* n : w.snapshot.nodes()) left[n->name()] = n->requested().milli_cpu;
    for (const PodInfoRef& p : low_node_utilization(w.snapshot, low(30, 60))) {
      CHECK(p->priority() < kCriticalPriority);
      std::int64_t& mine = left[node_of[p->meta().name]];
      CHECK(mine > 6000);              // it was above its target when the pod went
      mine -= 500;
    }
    std::map<std::pair<Str, Str>, std::size_t> there;
    std::map<Str, std::size_t> all;
    for (const NodeInfo* n : w.snapshot.nodes()) {
      for (const PodInfoRef& p : n->pods()) {
        if (p->priority() >= kCriticalPriority) continue;
        const Str app = *p->meta().labels.find("app");
        ++there[{app, n->name()}];
        ++all[app];
      }
    }
    for (const PodInfoRef& p : remove_duplicates(w.snapshot)) --there[{*p->meta().labels.find("app"), node_of[p->meta().name]}];
    for (const auto& [key, count] : there) CHECK(count <= (all[key.first] + nodes - 1) / nodes);
  }
}

}  // namespace descheduler_test
