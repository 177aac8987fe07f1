// Rounds of min-cost flow over a small cluster: where choosing one by one leaves a pod without a node, and random clusters.
#include "control/scheduler/flow/flow_rounds.h"

#include <doctest/doctest.h>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/queue/nominator.h"
#include "model/base/random.h"
#include "tests/scheduler/plugin_world.h"

namespace orrery::scheduler {
namespace {

using testing::from_yaml;

struct FlowWorld {
  FlowWorld() : framework(default_profile({snapshot, lister, nominator, running})), classes(*framework, snapshot), rounds(snapshot, classes) {}

  void node(const std::string& name, int cpu, const std::string& label = "") {
    snapshot.set_node(NodeHandle(api::make_object(from_yaml<api::Node>(
        base::cat("{metadata: {name: ", name, ", labels: {disk: \"", label, "\"}}, status: {allocatable: {cpu: \"", std::to_string(cpu),
                  "\", memory: 64Gi, pods: \"110\"}}}")))));
  }
  FlowPod pod(int cpu, const std::string& label = "", int waited = 0) {
    const std::string name = base::cat("p", std::to_string(++made));
    const std::string selector = label.empty() ? "" : base::cat(", nodeSelector: {disk: ", label, "}");
    api::Pod p = from_yaml<api::Pod>(base::cat("{metadata: {name: ", name, ", namespace: default, uid: ", name, "}, spec: {containers: [{name: c, ",
                                               "image: i, resources: {requests: {cpu: \"", std::to_string(cpu), "\"}}}]", selector, "}}"));
    return {base::make_ref<PodInfo>(api::make_object(std::move(p))), waited * base::kSecond};
  }
  /// Where each pod goes, "-" for none, after rounds until nobody is turned away; they are then there.
  std::string place(const std::vector<FlowPod>& pods) {
    std::vector<std::string> where(pods.size(), "-");
    bool any = true, refused = true;
    while (any && refused) {
      any = refused = false;
      std::vector<FlowPod> left;
      std::vector<std::size_t> index;
      for (std::size_t i = 0; i < pods.size(); ++i) {
        if (where[i] != "-") continue;
        left.push_back(pods[i]);
        index.push_back(i);
      }
      for (const FlowChoice& c : rounds.solve(left)) {
        const NodeInfo& node = *snapshot.nodes()[c.node];
        const bool fits = copies_that_fit(*left[c.pod].pod, node) > 0;
        (fits ? any : refused) = true;
        if (!fits) continue;
        where[index[c.pod]] = node.name().str();
        snapshot.add_pod(left[c.pod].pod, node.name());
      }
    }
    std::string out;
    for (const std::string& w : where) out += (out.empty() ? "" : " ") + w;
    return out;
  }

  Snapshot snapshot;
  FixedLister lister;
  Nominator nominator;
  RunningPreemptions running;
  std::unique_ptr<Framework> framework;
  PodClasses classes;
  FlowRounds rounds;
  int made = 0;
};

TEST_CASE("flow rounds: a pod that may go anywhere leaves the only node of another to it") {
  FlowWorld w;
  w.node("big", 8, "ssd");
  w.node("small", 4);
  // One by one, the least allocated node takes the first pod, and nothing is left for the second.
  CHECK(w.place({w.pod(4), w.pod(8, "ssd")}) == "small big");
}

TEST_CASE("flow rounds: equal pods fill what fits, the others wait") {
  FlowWorld w;
  w.node("a", 4);
  w.node("b", 2);
  CHECK(w.place({w.pod(2), w.pod(2), w.pod(2), w.pod(2)}) == "a a b -");
  CHECK(w.place({w.pod(1)}) == "-");
  w.node("c", 1);
  CHECK(w.place({w.pod(1)}) == "c");
}

TEST_CASE("flow rounds: who waited longer comes first") {
  FlowWorld w;
  w.node("a", 4, "ssd");
  CHECK(w.place({w.pod(4), w.pod(3, "ssd", 60)}) == "- a");
}

TEST_CASE("flow rounds: the best scores when there is room for all") {
  FlowWorld w;
  w.node("busy", 8);
  w.node("idle", 8);
  w.snapshot.add_pod(w.pod(4).pod, "busy");
  CHECK(w.place({w.pod(1)}) == "idle");
}

TEST_CASE("flow rounds: as many pods placed as choosing one by one, and often more") {
  int more = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    base::RandomStream random(seed * 0x9e3779b97f4a7c15u);
    FlowWorld flow, greedy;
    for (int i = 0; i < 6; ++i) {
      const int cpu = 2 + static_cast<int>(random.below(4));
      const std::string label = random.below(2) ? "ssd" : "hdd";
      for (FlowWorld* w : {&flow, &greedy}) w->node(base::cat("n", std::to_string(i)), cpu, label);
    }
    std::vector<FlowPod> a, b;
    for (int i = 0; i < 8; ++i) {
      const std::string label = random.below(3) == 0 ? "" : random.below(2) ? "ssd" : "hdd";
      a.push_back(flow.pod(2, label));
      b.push_back(greedy.pod(2, label));
    }
    const std::string placed = flow.place(a);
    int by_flow = 0, by_one = 0;
    for (const std::string& where : testing::parts(placed, ' ')) by_flow += where != "-";
    for (const FlowPod& p : b) by_one += greedy.place({p}) != "-";
    CHECK(by_flow >= by_one);
    more += by_flow > by_one;
  }
  MESSAGE("more in " << more << " of 30 clusters");
  CHECK(more > 0);
}

}  // namespace
}  // namespace orrery::scheduler
