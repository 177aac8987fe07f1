// What scoring takes a pod to ask for, and which weights of resources are refused, against upstream's own tables
// (plugins/noderesources/resource_allocation_test.go: TestResourceAllocationScorerCalculateRequests; the rows of
// {least_allocated,most_allocated}_test.go that end in an error).
#include <doctest/doctest.h>

#include "control/scheduler/config/configuration.h"
#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

constexpr std::int64_t kOneMi = 1024 * 1024;
constexpr std::int64_t kNoCpu = kDefaultMilliCpuRequest, kNoMemory = kDefaultMemoryRequest;
constexpr const char* kOneAndMi = "cpu=1,memory=1Mi";

struct RequestRow {
  const char* upstream;
  const char* init;         // "cpu=1,memory=2 + cpu=3"; "-": one without requests
  const char* containers;
  const char* overhead;
  std::int64_t milli_cpu, memory;
};

const RequestRow kCalculated[] = {
    {"overhead only", "", "", kOneAndMi, 1000, kOneMi},
    {"1x requestless container", "", "-", "", kNoCpu, kNoMemory},
    {"2x requestless container", "", "- + -", "", 2 * kNoCpu, 2 * kNoMemory},
    {"request container + requestless container", "", "cpu=1,memory=1Mi + -", "", 1000 + kNoCpu, kOneMi + kNoMemory},
    {"container + requestless container + overhead", "", "cpu=1,memory=1Mi + -", kOneAndMi, 2000 + kNoCpu, 2 * kOneMi + kNoMemory},
    {"init container + container + requestless container + overhead", "cpu=3", "cpu=1,memory=1Mi + -", kOneAndMi, 4000, 2 * kOneMi + kNoMemory},
    {"requestless init container + small init container + small container", "- + cpu=1m,memory=1", "cpu=3m,memory=3", "", kNoCpu, kNoMemory},
    {"requestless init container + small init container + small container + requestless container", "- + cpu=1m,memory=1",
     "cpu=3m,memory=3 + -", "", 3 + kNoCpu, 3 + kNoMemory},
};

api::List<api::Container> asking(std::string_view text) {
  api::List<api::Container> out;
  for (const std::string& c : parts(text, '+')) {
    api::Container container;
    if (c != "-") container.resources.requests = amounts(c);
    out.push_back(std::move(container));
  }
  return out;
}

struct WeightRow {
  const char* upstream;
  const char* strategy;
  const char* resources;    // YAML
  const char* field;        // that is refused
};

const WeightRow kRefusedWeights[] = {
    {"resource with negative weight", "LeastAllocated", "[{name: memory, weight: -1}, {name: cpu, weight: 1}]", "resources[0].weight"},
    {"resource weight larger than MaxNodeScore", "LeastAllocated", "[{name: memory, weight: 1}, {name: cpu, weight: 101}]",
     "resources[1].weight"},
    {"resource with negative weight", "MostAllocated", "[{name: memory, weight: -1}, {name: cpu, weight: 1}]", "resources[0].weight"},
    {"resource weight larger than MaxNodeScore", "MostAllocated", "[{name: memory, weight: 101}]", "resources[0].weight"},
};

}  // namespace

TEST_CASE("NodeResourcesFit: TestResourceAllocationScorerCalculateRequests") {
  for (const RequestRow& row : kCalculated) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    api::Pod pod;
    pod.spec.edit().init_containers = asking(row.init);
    pod.spec.edit().containers = asking(row.containers);
    pod.spec.edit().overhead = amounts(row.overhead);
    const PodInfoRef info = world.pod(std::move(pod));
    CHECK(amount_of(info->scoring_requests, "cpu") == row.milli_cpu);
    CHECK(amount_of(info->scoring_requests, "memory") == row.memory);
  }
}

TEST_CASE("NodeResourcesFit: weights that TestLeastAllocatedScoringStrategy and TestMostAllocatedScoringStrategy refuse") {
  for (const WeightRow& row : kRefusedWeights) {
    CAPTURE(std::string(row.upstream));
    const auto read = read_configuration(base::cat(
        "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n"
        "    args: {scoringStrategy: {type: ", row.strategy, ", resources: ", row.resources, "}}\n"));
    REQUIRE(!read.ok());
    CHECK(read.error().path == base::cat("profiles[0].pluginConfig[0].args.scoringStrategy.", row.field));
    CHECK(read.error().what.starts_with("Invalid value"));
  }
}
