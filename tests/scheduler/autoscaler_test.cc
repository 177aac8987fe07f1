// The autoscaler's parts: estimates and expanders by hand, bounds of first-fit decreasing over drawn pods, which nodes are unneeded.
#include <doctest/doctest.h>

#include "control/scheduler/autoscaler/scale_down.h"
#include "control/scheduler/autoscaler/scale_up.h"
#include "tests/scheduler/plugin_world.h"

namespace autoscaler_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::autoscaler;
using scheduler::testing::from_yaml;

namespace {

NodeHandle node(const Str& name, const char* cpu, const char* memory = "100Gi", const char* more = "") {
  auto n = from_yaml<api::Node>(base::cat("{metadata: {name: '", name, "'}, status: {allocatable: {cpu: ", cpu, ", memory: ", memory, ", pods: 110}}",
                                          more, "}"));
  return NodeHandle(api::make_object(std::move(n)));
}

PodInfoRef pod(const std::string& name, const std::string& cpu, const std::string& memory = "1Gi") {
  auto p = from_yaml<api::Pod>(base::cat("{metadata: {name: ", name, ", uid: ", name, ", namespace: ns}, spec: {containers: [{name: c, image: i, "
                                         "resources: {requests: {cpu: '", cpu, "', memory: ", memory, "}}}]}}"));
  return base::make_ref<PodInfo>(api::make_object(std::move(p)));
}

std::vector<PodInfoRef> pods(std::initializer_list<const char*> cpus) {
  std::vector<PodInfoRef> out;
  for (const char* c : cpus) out.push_back(pod(base::cat("p", std::to_string(out.size())), c));
  return out;
}

NodeTemplate of(const char* cpu, const char* memory = "100Gi") {
  return [=](const Str& name) { return node(name, cpu, memory); };
}

ScaleUpOption option(std::size_t group, const char* cpu, std::vector<PodInfoRef> pods, std::int64_t priority = 0) {
  ScaleUpOption out;
  out.group = group;
  out.priority = priority;
  out.node.add(node("n", cpu)->status->allocatable);
  out.estimate = estimate(pods, of(cpu), 100);
  return out;
}

}  // namespace

TEST_CASE("first-fit decreasing by hand") {
  // 6 4 | 5 5 | 3: decreasing 6 5 5 4 3 in bins of 10.
  Estimate e = estimate(pods({"3", "5", "6", "4", "5"}), of("10"), 100);
  CHECK(e.nodes == 3);
  CHECK(e.pods.size() == 5);
  // In the order given they would need four: 3 5 | 6 4 | 5 would be three as well; 7 first shows the order.
  CHECK(estimate(pods({"2", "3", "7", "8"}), of("10"), 100).nodes == 2);
  // No more than the group may have.
  e = estimate(pods({"6", "6", "6"}), of("10"), 2);
  CHECK(e.nodes == 2);
  CHECK(e.pods.size() == 2);
  // What no node takes makes none.
  e = estimate(pods({"11", "12", "4"}), of("10"), 100);
  CHECK(e.nodes == 1);
  CHECK(e.pods.size() == 1);
  CHECK(estimate(pods({"11"}), of("10"), 100).nodes == 0);
}

TEST_CASE("an estimate is never below the sum and within first-fit decreasing's bound") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    base::RandomStream random(seed);
    std::vector<PodInfoRef> all;
    std::int64_t sum = 0;
    for (int i = 0; i < 40; ++i) {
      const auto milli = static_cast<std::int64_t>(100 + random.below(6000));
      sum += milli;
      all.push_back(pod(base::cat("p", std::to_string(i)), base::cat(std::to_string(milli), "m")));
    }
    const Estimate e = estimate(all, of("8"), 1000);
    const auto least = static_cast<std::size_t>((sum + 7999) / 8000);
    CHECK(e.pods.size() == all.size());
    CHECK(e.nodes >= least);
    // FFD takes at most 11/9 OPT + 6/9 bins; a node is more than half full but for one, so OPT < 2 sum + 1.
    CHECK(e.nodes <= 2 * least + 1);
  }
}

TEST_CASE("expanders") {
  const std::vector<PodInfoRef> five = pods({"1", "1", "1", "1", "1"});
  std::vector<ScaleUpOption> options;
  options.push_back(option(0, "16", five, 1));                       // one node, 11 of 16 idle
  options.push_back(option(1, "4", five, 5));                        // two nodes, 3 of 8 idle
  options.push_back(option(2, "5", pods({"1", "1", "1"}), 3));       // one node, three pods, 2 of 5 idle
  base::RandomStream random(1);
  CHECK(choose(Expander::kPriority, options, random) == 1);
  CHECK(waste(options[0]) == doctest::Approx(2 - 5.0 / 16 - 5.0 / 100));
  CHECK(waste(options[1]) == doctest::Approx(2 - 5.0 / 8 - 5.0 / 200));
  CHECK(choose(Expander::kLeastWaste, options, random) == 1);
  options.erase(options.begin() + 1);
  CHECK(choose(Expander::kMostPods, options, random) == 0);
  CHECK(choose(Expander::kLeastWaste, options, random) == 1);
  int first = 0;
  for (int i = 0; i < 200; ++i) first += choose(Expander::kRandom, options, random) == 0;
  CHECK(first > 60);
  CHECK(first < 140);
}

TEST_CASE("unneeded nodes: below the threshold, pods fit elsewhere, receivers stay") {
  Snapshot s;
  for (const char* n : {"a", "b", "c"}) s.set_node(node(n, "10"));
  s.add_pod(pod("a1", "4"), "a");
  s.add_pod(pod("b1", "4"), "b");
  s.add_pod(pod("c1", "7"), "c");
  const auto all = [](const NodeInfo&) { return true; };
  CHECK(utilisation(*s.find("c")) == doctest::Approx(0.7));
  auto names = [](const std::vector<const NodeInfo*>& nodes) {
    std::string out;
    for (const NodeInfo* n : nodes) out += n->name();
    return out;
  };
  // a1 goes to b, which is then needed.
  CHECK(names(unneeded_nodes(s, 0.5, all)) == "a");
  CHECK(names(unneeded_nodes(s, 0.5, [](const NodeInfo& n) { return n.name() == "b"; })) == "b");
  CHECK(names(unneeded_nodes(s, 0.3, all)).empty());
  // With b full nobody can take a1: a stays needed.
  s.add_pod(pod("b2", "5"), "b");
  CHECK(names(unneeded_nodes(s, 0.5, all)).empty());
  // Empty ones go without a trial.
  s.set_node(node("d", "10"));
  CHECK(names(unneeded_nodes(s, 0.3, all)) == "d");
}

}  // namespace autoscaler_test
