// NodeResourcesFit's strategies and NodeResourcesBalancedAllocation against upstream's own tables
// (plugins/noderesources/{least_allocated,most_allocated,requested_to_capacity_ratio,balanced_allocation}_test.go, and TestFitScore of
// fit_test.go).
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct ResourceRow {
  const char* upstream;
  const char* resources;   // "cpu=1" is a weight; "" those of the table
  const char* pod;         // containers "cpu=1,memory=2 + cpu=3"; "-": one without requests; "sidecar:cpu=1"; "": no container
  const char* nodes;       // allocatable, "|" between
  const char* placed;      // "1: cpu=3; 2: cpu=1 + cpu=2"
  const char* expected;
};

api::Pod pod_of(std::string_view containers) {
  api::Pod pod;
  for (std::string c : parts(containers, '+')) {
    api::Container container;
    const bool sidecar = c.starts_with("sidecar:");
    if (sidecar) {
      container.restart_policy = Str("Always");
      c = c.substr(c.find(':') + 1);
    }
    if (c != "-") container.resources.requests = amounts(c);
    (sidecar ? pod.spec.edit().init_containers : pod.spec.edit().containers).push_back(std::move(container));
  }
  return pod;
}

std::vector<ResourceWeight> weights(std::string_view text) {
  std::vector<ResourceWeight> out;
  for (const std::string& item : parts(text, ',')) {
    const std::size_t equals = item.find('=');
    out.push_back({Str(item.substr(0, equals)), std::stoll(item.substr(equals + 1))});
  }
  return out;
}

/// Where PreScore has not been asked.
std::string fit_scores_alone(PluginWorld& world, std::string_view plugin, const PodInfoRef& pod) {
  const auto* p = dynamic_cast<const ScorePlugin*>(world.framework().find(plugin));
  const CycleState state;
  std::string out;
  for (std::size_t i = 1; i <= world.snapshot().nodes().size(); ++i) {
    const NodeInfo* node = world.snapshot().find(base::cat("node", std::to_string(i)));
    out += base::cat(i == 1 ? "" : " ", std::to_string(p->score(state, *pod, *node)));
  }
  return out;
}

std::string scores_of(const ResourceRow& row, std::string_view plugin, const ProfileConfig& config, bool pre_score = true) {
  PluginWorld world(config);
  for (const std::string& n : parts(row.nodes, '|')) {
    api::Node node;
    node.status.edit().allocatable = amounts(n == "-" ? "" : n);
    world.node(std::move(node));
  }
  for (const std::string& placed : parts(row.placed, ';')) {
    const std::size_t colon = placed.find(':');
    world.place(pod_of(placed.substr(colon + 1)), base::cat("node", placed.substr(0, colon)));
  }
  const PodInfoRef pod = world.pod(pod_of(row.pod));
  return pre_score ? world.scores(plugin, pod) : fit_scores_alone(world, plugin, pod);
}

void check_fit(const ResourceRow& row, ScoringStrategy strategy, std::string_view resources, std::vector<ShapePoint> shape = {},
               bool pre_score = true) {
  CAPTURE(std::string(row.upstream));
  ProfileConfig config;
  config.fit.strategy = strategy;
  config.fit.resources = weights(*row.resources ? row.resources : resources);
  config.fit.shape = std::move(shape);
  CHECK(scores_of(row, "NodeResourcesFit", config, pre_score) == row.expected);
}

constexpr const char* kCpuAndMemory = "cpu=1,memory=1";
constexpr const char* kExtended = "abc.com/foo=1,cpu=1,memory=1";
constexpr const char* kTwoContainers = "cpu=1000,memory=2000 + cpu=2000,memory=3000";

const ResourceRow kLeastAllocated[] = {
    {"nothing scheduled, nothing requested", "", "", "cpu=4000,memory=10000 | cpu=4000,memory=10000", "", "100 100"},
    {"nothing scheduled, resources requested, differently sized nodes", "", kTwoContainers,
     "cpu=4000,memory=10000 | cpu=6000,memory=10000", "", "37 50"},
    {"no resources requested, pods scheduled", "", "", "cpu=4000,memory=10000 | cpu=4000,memory=10000", "1:;1:;2:;2:", "100 100"},
    {"no resources requested, pods scheduled with resources", "", "", "cpu=10000,memory=20000 | cpu=10000,memory=20000",
     "1: cpu=3000,memory=0; 1: cpu=3000,memory=0; 2: cpu=3000,memory=0; 2: cpu=3000,memory=5000", "70 57"},
    {"resources requested, pods scheduled with resources", "", kTwoContainers, "cpu=10000,memory=20000 | cpu=10000,memory=20000",
     "1: cpu=3000,memory=0; 2: cpu=3000,memory=5000", "57 45"},
    {"resources requested, pods scheduled with resources, differently sized nodes", "", kTwoContainers,
     "cpu=10000,memory=20000 | cpu=10000,memory=50000", "1: cpu=3000,memory=0; 2: cpu=3000,memory=5000", "57 60"},
    {"requested resources exceed node capacity", "", "cpu=3000,memory=0", "cpu=4000,memory=10000 | cpu=4000,memory=10000",
     "1: cpu=3000,memory=0; 2: cpu=3000,memory=5000", "50 25"},
    {"zero node resources, pods scheduled with resources", "", "", "- | -", "1: cpu=3000,memory=0; 2: cpu=3000,memory=5000", "0 0"},
    {"nothing scheduled, resources requested with different weight on CPU and memory, differently sized nodes", "memory=2,cpu=1",
     kTwoContainers, "cpu=4000,memory=10000 | cpu=6000,memory=10000", "", "41 50"},
    {"bypass extended resource if the pod does not request", kExtended, kTwoContainers,
     "cpu=6000,memory=10000 | cpu=6000,memory=10000,abc.com/foo=4", "", "50 50"},
    {"honor extended resource if the pod requests", kExtended, "cpu=3000,memory=5000,abc.com/foo=2",
     "cpu=6000,memory=10000,abc.com/foo=4 | cpu=6000,memory=10000,abc.com/foo=10", "", "50 60"},
    {"if the node doesn't have a resource", "abc.com/foo=2,cpu=1,memory=1", "cpu=3000,memory=4000",
     "cpu=6000,memory=10000 | cpu=6000,memory=10000,abc.com/foo=4", "", "55 55"},
};

const ResourceRow kMostAllocated[] = {
    {"nothing scheduled, nothing requested", "", "", "cpu=4000,memory=10000 | cpu=4000,memory=10000", "", "0 0"},
    {"nothing scheduled, resources requested, differently sized nodes", "", kTwoContainers,
     "cpu=4000,memory=10000 | cpu=6000,memory=10000", "", "62 50"},
    {"no resources requested, pods scheduled with resources", "", "", "cpu=10000,memory=20000 | cpu=10000,memory=20000",
     "1: cpu=3000,memory=0; 1: cpu=3000,memory=0; 2: cpu=3000,memory=0; 2: cpu=3000,memory=5000", "30 42"},
    {"resources requested, pods scheduled with resources", "", kTwoContainers, "cpu=10000,memory=20000 | cpu=10000,memory=20000",
     "1: cpu=3000,memory=0; 2: cpu=3000,memory=5000", "42 55"},
    {"resources requested equal node capacity", "", "cpu=2000,memory=4000 + cpu=3000,memory=5000",
     "cpu=5000,memory=10000 | cpu=10000,memory=9000", "", "95 75"},
    {"nothing scheduled, resources requested, differently sized nodes (weights)", "memory=2,cpu=1", kTwoContainers,
     "cpu=4000,memory=10000 | cpu=6000,memory=10000", "", "58 50"},
    {"no resources requested, pods scheduled, nonzero request for resource", "", "-", "cpu=250m,memory=1000Mi | cpu=250m,memory=1000Mi",
     "1: -; 1: -", "80 30"},
    {"bypass extended resource if the pod does not request", kExtended, kTwoContainers,
     "cpu=6000,memory=10000 | cpu=6000,memory=10000,abc.com/foo=4", "", "50 50"},
    {"honor extended resource if the pod request", kExtended, "cpu=3000,memory=5000,abc.com/foo=2",
     "cpu=6000,memory=10000,abc.com/foo=4 | cpu=6000,memory=10000,abc.com/foo=10", "", "50 40"},
    {"if the node doesn't have a resource", "abc.com/foo=2,cpu=1,memory=1", "cpu=3000,memory=4000",
     "cpu=6000,memory=10000 | cpu=6000,memory=10000,abc.com/foo=4", "", "45 45"},
};

const ResourceRow kRatioLeast[] = {   // shape 0 -> 10, 100 -> 0
    {"nothing scheduled, nothing requested (default - least requested nodes have priority)", "", "",
     "cpu=4000,memory=10000 | cpu=4000,memory=10000", "1:;1:", "100 100"},
    {"nothing scheduled, resources requested, differently sized nodes (default - least requested nodes have priority)", "",
     kTwoContainers, "cpu=4000,memory=10000 | cpu=6000,memory=10000", "1:;1:", "38 50"},
    {"no resources requested, pods scheduled with resources (default - least requested nodes have priority)", "", "",
     "cpu=4000,memory=10000 | cpu=6000,memory=10000", "1: cpu=3000,memory=5000; 2: cpu=3000,memory=5000", "38 50"},
};

constexpr const char* kFooNodes = "cpu=4,memory=10000Mi,intel.com/foo=8 | cpu=4,memory=10000Mi,intel.com/foo=4";
const ResourceRow kRatioSingle[] = {  // shape 0 -> 0, 100 -> 1
    {"single extended: nothing scheduled, nothing requested", "", "", kFooNodes, "", "0 0"},
    {"single extended: resources requested, pods scheduled with less resources", "", "intel.com/foo=2", kFooNodes, "", "2 5"},
    {"single extended: resources requested, pods scheduled with resources, on node with existing pod running", "", "intel.com/foo=2",
     kFooNodes, "2: intel.com/foo=2", "2 10"},
    {"single extended: resources requested, pods scheduled with more resources", "", "intel.com/foo=4", kFooNodes, "", "5 10"},
};

constexpr const char* kFooBarNodes = "cpu=4,intel.com/foo=8,intel.com/bar=4 | cpu=4,intel.com/foo=4,intel.com/bar=8";
const ResourceRow kRatioMultiple[] = {
    {"multiple extended: nothing scheduled, nothing requested", "", "", kFooBarNodes, "", "0 0"},
    {"multiple extended: resources requested, pods scheduled with less resources", "", "intel.com/foo=2,intel.com/bar=2", kFooBarNodes, "",
     "4 3"},
    {"multiple extended: resources requested, pods scheduled with resources, on node with existing pod running", "",
     "intel.com/foo=2,intel.com/bar=2", kFooBarNodes, "2: intel.com/foo=4,intel.com/bar=2", "4 7"},
    {"multiple extended: resources requested, pods scheduled with more resources", "", "intel.com/foo=4,intel.com/bar=2", kFooBarNodes, "",
     "5 5"},
};

struct FitScoreRow {
  ResourceRow row;
  ScoringStrategy strategy;
  std::vector<ShapePoint> shape;
  bool pre_score = true;
};

constexpr const char* kPlacedTwo = "1: cpu=2000,memory=4000; 2: cpu=1000,memory=2000";
constexpr const char* kDifferentNodes = "cpu=4000,memory=10000 | cpu=6000,memory=10000";
constexpr const char* kSameNodes = "cpu=4000,memory=10000 | cpu=4000,memory=10000";
constexpr const char* kPlacedSidecar = "1: cpu=1000,memory=2000 + sidecar:cpu=1000,memory=2000; 2: cpu=1000,memory=2000";
constexpr const char* kSmallPod = "cpu=1000,memory=2000";
constexpr const char* kLargePod = "cpu=3000,memory=5000";
constexpr auto kByRatio = ScoringStrategy::kRequestedToCapacityRatio;
constexpr auto kByMost = ScoringStrategy::kMostAllocated;
constexpr auto kByLeast = ScoringStrategy::kLeastAllocated;
const FitScoreRow kFitScores[] = {
    {{"test case for ScoringStrategy RequestedToCapacityRatio case1", "", kLargePod, kDifferentNodes, kPlacedTwo, "10 32"},
     kByRatio, {{0, 10}, {100, 0}}},
    {{"test case for ScoringStrategy RequestedToCapacityRatio case2", "", kLargePod, kDifferentNodes, kPlacedTwo, "95 68"},
     kByRatio, {{0, 0}, {100, 10}}},
    {{"test case for ScoringStrategy MostAllocated", "", kSmallPod, kDifferentNodes, kPlacedTwo, "67 36"}, kByMost, {}},
    {{"test case for ScoringStrategy LeastAllocated", "", kSmallPod, kDifferentNodes, kPlacedTwo, "32 63"}, kByLeast, {}},
    {{"test case for ScoringStrategy RequestedToCapacityRatio case1 if PreScore is not called", "", kLargePod, kDifferentNodes, kPlacedTwo, "10 32"},
     kByRatio, {{0, 10}, {100, 0}}, false},
    {{"test case for ScoringStrategy MostAllocated if PreScore is not called", "", kSmallPod, kDifferentNodes, kPlacedTwo, "67 36"},
     kByMost, {}, false},
    {{"test case for ScoringStrategy LeastAllocated if PreScore is not called", "", kSmallPod, kDifferentNodes, kPlacedTwo, "32 63"},
     kByLeast, {}, false},
    {{"test case for ScoringStrategy MostAllocated with sidecar container", "", kSmallPod, kSameNodes, kPlacedSidecar, "67 45"}, kByMost, {}},
    {{"test case for ScoringStrategy LeastAllocated with sidecar container", "", kSmallPod, kSameNodes, kPlacedSidecar, "32 55"}, kByLeast, {}},
};

/// Utilisations and what upstream's function of them says; ours is ten times as fine. Of a score plugin they are 0 at least.
struct LinearRow {
  const char* upstream;
  std::vector<ShapePoint> shape;
  std::vector<std::pair<int, int>> points;
};
const LinearRow kBrokenLinear[] = {
    {"case_0", {{10, 1}, {90, 9}},
     {{0, 1}, {9, 1}, {10, 1}, {15, 1}, {19, 1}, {20, 2}, {89, 8}, {90, 9}, {99, 9}, {100, 9}, {110, 9}}},
    {"case_1", {{0, 2}, {40, 10}, {100, 0}}, {{0, 2}, {20, 6}, {30, 8}, {40, 10}, {70, 5}, {100, 0}, {110, 0}}},
    {"case_2", {{0, 2}, {40, 2}, {100, 2}}, {{0, 2}, {20, 2}, {30, 2}, {40, 2}, {70, 2}, {100, 2}, {110, 2}}},
};

constexpr const char* kCpuOnly = "cpu=1000m,memory=0 + cpu=2000m,memory=0";
constexpr const char* kMilliContainers = "cpu=1000m,memory=2000 + cpu=2000m,memory=3000";
constexpr const char* kGpu = "cpu=1,memory=1,nvidia.com/gpu=1";
const ResourceRow kBalanced[] = {
    {"nothing scheduled, nothing requested, skip in PreScore", "", "", "cpu=4,memory=10000 | cpu=4,memory=10000", "", "skip"},
    {"nothing scheduled, resources requested, differently sized nodes", "", kMilliContainers, "cpu=4,memory=10000 | cpu=6,memory=10000", "",
     "87 100"},
    {"resources requested, pods scheduled with resources", "", kMilliContainers, "cpu=10,memory=20000 | cpu=10,memory=20000",
     "1: cpu=1,memory=0 + cpu=2,memory=0; 2: cpu=1,memory=2000 + cpu=2,memory=3000", "82 95"},
    {"resources requested, pods scheduled with resources, differently sized nodes", "", kMilliContainers,
     "cpu=10,memory=20000 | cpu=10,memory=50000", "1: cpu=1,memory=0 + cpu=2,memory=0; 2: cpu=1,memory=2000 + cpu=2,memory=3000", "82 80"},
    {"requested resources at node capacity", "", kCpuOnly, "cpu=6,memory=10000 | cpu=6,memory=10000",
     "1: cpu=1,memory=0 + cpu=2,memory=0; 2: cpu=1,memory=2000 + cpu=2,memory=3000", "50 75"},
    {"include scalar resource on a node for balanced resource allocation", kGpu, "memory=0,nvidia.com/gpu=1",
     "cpu=3500m,memory=40000,nvidia.com/gpu=8 | cpu=3500m,memory=40000,nvidia.com/gpu=8",
     "2: cpu=1,memory=2000 + cpu=2,memory=3000; 1: cpu=1,memory=2000 + cpu=2,memory=3000,nvidia.com/gpu=3", "70 65"},
    {"node without the scalar resource should skip the scalar resource", kGpu, kMilliContainers,
     "cpu=3500m,memory=40000,nvidia.com/gpu=8 | cpu=3500m,memory=40000", "", "63 63"},
};
const ResourceRow kBalancedWithoutPreScore[] = {
    {"resources requested, pods scheduled with resources if PreScore not called", "", kMilliContainers,
     "cpu=10,memory=20000 | cpu=10,memory=20000", "1: cpu=1,memory=0 + cpu=2,memory=0; 2: cpu=1,memory=2000 + cpu=2,memory=3000", "82 95"},
};

}  // namespace

TEST_CASE("NodeResourcesFit: TestLeastAllocatedScoringStrategy") {
  for (const ResourceRow& row : kLeastAllocated) check_fit(row, ScoringStrategy::kLeastAllocated, kCpuAndMemory);
}

TEST_CASE("NodeResourcesFit: TestMostAllocatedScoringStrategy") {
  for (const ResourceRow& row : kMostAllocated) check_fit(row, ScoringStrategy::kMostAllocated, kCpuAndMemory);
}

TEST_CASE("NodeResourcesFit: RequestedToCapacityRatio") {
  const auto ratio = ScoringStrategy::kRequestedToCapacityRatio;
  for (const ResourceRow& row : kRatioLeast) check_fit(row, ratio, kCpuAndMemory, {{0, 10}, {100, 0}});
  for (const ResourceRow& row : kRatioSingle) check_fit(row, ratio, "intel.com/foo=1", {{0, 0}, {100, 1}});
  for (const ResourceRow& row : kRatioMultiple) check_fit(row, ratio, "intel.com/foo=3,intel.com/bar=5", {{0, 0}, {100, 1}});
}

TEST_CASE("NodeResourcesFit: TestFitScore") {
  for (const FitScoreRow& row : kFitScores) check_fit(row.row, row.strategy, kCpuAndMemory, row.shape, row.pre_score);
}

TEST_CASE("NodeResourcesFit: TestBrokenLinearFunction") {
  for (const LinearRow& row : kBrokenLinear) {
    CAPTURE(std::string(row.upstream));
    ProfileConfig config;
    config.fit = {kByRatio, {{"cpu", 1}}, row.shape, {}, {}};
    for (const auto& [utilization, expected] : row.points) {
      CAPTURE(utilization);
      const std::string pod = base::cat("cpu=", std::to_string(utilization), "m");
      CHECK(std::stoi(scores_of({"", "", pod.c_str(), "cpu=100m", "", ""}, "NodeResourcesFit", config)) / 10 == expected);
    }
  }
}

TEST_CASE("NodeResourcesBalancedAllocation: TestNodeResourcesBalancedAllocation") {
  const auto check = [](const ResourceRow& row, bool pre_score) {
    CAPTURE(std::string(row.upstream));
    ProfileConfig config;
    config.balanced_resources = weights(*row.resources ? row.resources : kCpuAndMemory);
    CHECK(scores_of(row, "NodeResourcesBalancedAllocation", config, pre_score) == row.expected);
  };
  for (const ResourceRow& row : kBalanced) check(row, true);
  for (const ResourceRow& row : kBalancedWithoutPreScore) check(row, false);
}
