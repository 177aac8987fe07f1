#include "tests/nodes/node_world.h"

using namespace orrery;
using namespace orrery::test;
using base::kSecond;

TEST_CASE("pressure evicts the pod that uses most above its request") {
  NodeWorld w;
  auto& stats = w.containers.stats;
  stats.memory_capacity_bytes = std::int64_t{8} << 30;
  stats.memory_available_bytes = std::int64_t{4} << 30;
  w.start();
  w.api.put(bound_pod("small", {container("a", "app:1")}));
  w.api.put(bound_pod("big", {container("b", "app:1")}));
  w.run(2 * kSecond);
  stats.memory_available_bytes = std::int64_t{50} << 20;
  stats.containers = {{w.containers.find("a"), {}, std::int64_t{1} << 30, 0, 0}, {w.containers.find("b"), {}, std::int64_t{6} << 30, 0, 0}};
  w.run(9 * kSecond);
  stats.memory_available_bytes = std::int64_t{6} << 30;
  w.run(15 * kSecond);
  CHECK(w.phase("big") == "Failed");
  CHECK(w.phase("small") == "Running");
  CHECK(w.pod("big")->status->reason == "Evicted");
  const std::string message =
      "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container b was using 6Gi, "
      "request is 0, has larger consumption of memory. ";
  CHECK(w.pod("big")->status->message == message);
  CHECK(w.condition("big", "DisruptionTarget") == "True TerminationByKubelet");
  CHECK(w.has_event("big", "Evicted: " + message));
  CHECK(w.containers.running() == 1);
  const auto pressure = [&] { return w.api.get<api::Node>("", "worker-1")->status->conditions[0].status.str(); };
  CHECK(pressure() == "True");
  w.run(6 * base::kMinute);
  CHECK(pressure() == "False");
}

TEST_CASE("while the shortage lasts the next pod goes as soon as the last one's containers are gone") {
  NodeWorld w;
  auto& stats = w.containers.stats;
  stats.memory_capacity_bytes = std::int64_t{8} << 30;
  stats.memory_available_bytes = std::int64_t{1} << 30;
  w.start();
  w.containers.behaviours["slow:1"].term_takes = -1;
  w.containers.present("slow:1");
  api::Container greedy = container("b", "slow:1");
  greedy.resources.requests.set("memory", *api::Quantity::parse("64M"));
  w.api.put(bound_pod("first", {greedy}));
  w.api.put(bound_pod("second", {container("c", "app:1")}));
  api::Pod critical = bound_pod("critical", {container("d", "app:1")});
  critical.spec.edit().priority = 2'000'000'000;
  w.api.put(critical);
  w.run(2 * kSecond);
  stats.memory_available_bytes = std::int64_t{99} << 20;
  stats.containers = {{w.containers.find("b"), {}, std::int64_t{3} << 30, 0, 0},
                      {w.containers.find("c"), {}, std::int64_t{1} << 30, 0, 0},
                      {w.containers.find("d"), {}, std::int64_t{4} << 30, 0, 0}};
  w.run(9 * kSecond);
  const std::string low = "Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. ";
  CHECK(w.has_event("first", low + "Container b was using 3Gi, request is 64M, has larger consumption of memory. "));
  CHECK(w.phase("second") == "Running");
  // SIGKILL after two seconds, the poll after that, the second eviction.
  w.run(4 * kSecond);
  CHECK(w.phase("first") == "Failed");
  CHECK(w.phase("second") == "Failed");
  w.run(40 * kSecond);
  CHECK(w.phase("critical") == "Running");
  CHECK(w.has_event("worker-1", "EvictionThresholdMet: Attempting to reclaim memory"));
  CHECK(w.has_event("worker-1", "NodeHasInsufficientMemory: Node worker-1 status is now: NodeHasInsufficientMemory"));
  w.api.put(bound_pod("late", {container("e", "app:1")}));
  w.run(2 * kSecond);
  CHECK(w.pod("late")->status->reason == "Evicted");
  CHECK(w.pod("late")->status->message == "Pod was rejected: The node had condition: [MemoryPressure]. ");
}
