// NodeResourcesFit's filter against upstream's own tables (plugins/noderesources/fit_test.go: TestEnoughRequests,
// TestNotEnoughRequests, TestStorageRequests, TestRestartableInitContainers).
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct FitRow {
  const char* upstream;
  const char* pod;         // containers "cpu=1m,memory=2 + cpu=3m"
  const char* init;        // init containers; "sidecar:..." is one that goes on running
  const char* placed;      // one pod on the node; null: none
  const char* expected;    // the resources that are lacking, "" when it fits
  const char* overhead = "";
  const char* ignored = "";
};

constexpr const char* kOneOfEach = "cpu=1m,memory=1";

const FitRow kEnough[] = {
    {"no resources requested always fits", "", "", "cpu=10m,memory=20", ""},
    {"too many resources fails", kOneOfEach, "", "cpu=10m,memory=20", "cpu memory"},
    {"too many resources fails due to init container cpu", kOneOfEach, "cpu=3m,memory=1", "cpu=8m,memory=19", "cpu"},
    {"too many resources fails due to highest init container cpu", kOneOfEach, "cpu=3m,memory=1 + cpu=2m,memory=1", "cpu=8m,memory=19", "cpu"},
    {"too many resources fails due to init container memory", kOneOfEach, "cpu=1m,memory=3", "cpu=9m,memory=19", "memory"},
    {"too many resources fails due to highest init container memory", kOneOfEach, "cpu=1m,memory=3 + cpu=1m,memory=2", "cpu=9m,memory=19", "memory"},
    {"init container fits because it's the max, not sum, of containers and init containers", kOneOfEach, kOneOfEach, "cpu=9m,memory=19", ""},
    {"multiple init containers fit because it's the max, not sum, of containers and init containers", kOneOfEach,
     "cpu=1m,memory=1 + cpu=1m,memory=1", "cpu=9m,memory=19", ""},
    {"both resources fit", kOneOfEach, "", "cpu=5m,memory=5", ""},
    {"one resource memory fits", "cpu=2m,memory=1", "", "cpu=9m,memory=5", "cpu"},
    {"one resource cpu fits", "cpu=1m,memory=2", "", "cpu=5m,memory=19", "memory"},
    {"equal edge case", "cpu=5m,memory=1", "", "cpu=5m,memory=19", ""},
    {"equal edge case for init container", "cpu=4m,memory=1", "cpu=5m,memory=1", "cpu=5m,memory=19", ""},
    {"extended resource fits", "example.com/aaa=1", "", "", ""},
    {"extended resource fits for init container", "-", "example.com/aaa=1", "", ""},
    {"extended resource capacity enforced", "cpu=1m,memory=1,example.com/aaa=10", "", "example.com/aaa=0", "example.com/aaa"},
    {"extended resource capacity enforced for init container", "-", "cpu=1m,memory=1,example.com/aaa=10", "example.com/aaa=0", "example.com/aaa"},
    {"extended resource allocatable enforced", "cpu=1m,memory=1,example.com/aaa=1", "", "example.com/aaa=5", "example.com/aaa"},
    {"extended resource allocatable enforced for init container", "-", "cpu=1m,memory=1,example.com/aaa=1", "example.com/aaa=5", "example.com/aaa"},
    {"extended resource allocatable enforced for multiple containers", "cpu=1m,memory=1,example.com/aaa=3 + cpu=1m,memory=1,example.com/aaa=3",
     "", "example.com/aaa=2", "example.com/aaa"},
    {"extended resource allocatable admits multiple init containers", "-",
     "cpu=1m,memory=1,example.com/aaa=3 + cpu=1m,memory=1,example.com/aaa=3", "example.com/aaa=2", ""},
    {"extended resource allocatable enforced for multiple init containers", "-",
     "cpu=1m,memory=1,example.com/aaa=6 + cpu=1m,memory=1,example.com/aaa=3", "example.com/aaa=2", "example.com/aaa"},
    {"extended resource allocatable enforced for unknown resource", "cpu=1m,memory=1,example.com/bbb=1", "", "cpu=0", "example.com/bbb"},
    {"extended resource allocatable enforced for unknown resource for init container", "-", "cpu=1m,memory=1,example.com/bbb=1", "cpu=0",
     "example.com/bbb"},
    {"kubernetes.io resource capacity enforced", "cpu=1m,memory=1,kubernetes.io/something=10", "", "cpu=0", "kubernetes.io/something"},
    {"kubernetes.io resource capacity enforced for init container", "-", "cpu=1m,memory=1,subdomain.kubernetes.io/something=10", "cpu=0",
     "subdomain.kubernetes.io/something"},
    {"hugepages resource capacity enforced", "cpu=1m,memory=1,hugepages-2Mi=10", "", "hugepages-2Mi=0", "hugepages-2Mi"},
    {"hugepages resource capacity enforced for init container", "-", "cpu=1m,memory=1,hugepages-2Mi=10", "hugepages-2Mi=0", "hugepages-2Mi"},
    {"hugepages resource allocatable enforced for multiple containers", "cpu=1m,memory=1,hugepages-2Mi=3 + cpu=1m,memory=1,hugepages-2Mi=3", "",
     "hugepages-2Mi=2", "hugepages-2Mi"},
    {"skip checking ignored extended resource", "cpu=1m,memory=1,example.com/bbb=1", "", "cpu=0", "", "", "example.com/bbb"},
    {"skip checking ignored extended resource via resource groups", "cpu=1m,memory=1,example.com/bbb=1,kubernetes.io/something=1", "",
     "cpu=0", "kubernetes.io/something", "", "example.com"},
    {"skip checking extended resource request with quantity zero via resource groups", "cpu=1m,memory=1,example.com/aaa=0", "",
     "example.com/aaa=6", ""},
    {"skip checking resource request with quantity zero", "example.com/aaa=1", "", "cpu=20m,memory=30,example.com/aaa=1", ""},
    {"resources + pod overhead fits", kOneOfEach, "", "cpu=5m,memory=5", "", "cpu=3m,memory=13"},
    {"requests + overhead does not fit for memory", kOneOfEach, "", "cpu=5m,memory=5", "memory", "cpu=1m,memory=15"},
    {"due to container scratch disk", kOneOfEach, "", "cpu=10m,memory=10", "cpu"},
    {"empty storage requested, and pod fits", kOneOfEach, "", "cpu=2m,memory=10", ""},
    {"storage ephemeral local storage request exceeds allocatable", "ephemeral-storage=25", "", "cpu=2m,memory=2", "ephemeral-storage"},
    {"ephemeral local storage is sufficient", "ephemeral-storage=5", "", "cpu=2m,memory=2,ephemeral-storage=10", ""},
    {"pod fits", "ephemeral-storage=10", "", "cpu=2m,memory=2", ""},
};

const FitRow kNotEnough[] = {   // the node takes one pod
    {"even without specified resources, predicate fails when there's no space for additional pod", "", "", "cpu=10m,memory=20", "pods"},
    {"even if both resources fit, predicate fails when there's no space for additional pod", kOneOfEach, "", "cpu=5m,memory=5", "pods"},
    {"even for equal edge case, predicate fails when there's no space for additional pod", "cpu=5m,memory=1", "", "cpu=5m,memory=19", "pods"},
    {"even for equal edge case, predicate fails when there's no space for additional pod due to init container", "cpu=5m,memory=1",
     "cpu=5m,memory=1", "cpu=5m,memory=19", "pods"},
};

const FitRow kSidecars[] = {   // the node has cpu=2m and takes one pod
    {"allow pod without restartable init containers if sidecar containers is enabled", "-", "", nullptr, ""},
    {"allow pod with restartable init containers if sidecar containers is enabled", "-", "sidecar:", nullptr, ""},
    {"allow pod if the total requested resources do not exceed the node's allocatable resources", "cpu=1m", "sidecar:cpu=1m", nullptr, ""},
    {"not allow pod if the total requested resources do exceed the node's allocatable resources", "cpu=1m", "sidecar:cpu=2m", nullptr, "cpu"},
};

api::List<api::Container> containers(std::string_view text) {
  api::List<api::Container> out;
  for (std::string c : parts(text, '+')) {
    api::Container container;
    if (c.starts_with("sidecar:")) {
      container.restart_policy = Str("Always");
      c = c.substr(c.find(':') + 1);
    }
    if (c != "-") container.resources.requests = amounts(c);
    out.push_back(std::move(container));
  }
  return out;
}

std::string lacking(const FitRow& row, const char* allocatable) {
  ProfileConfig config;
  const Str ignored(row.ignored);
  const bool group = ignored.view().find('/') == std::string_view::npos;
  if (!ignored.empty()) (group ? config.fit.ignored_resource_groups : config.fit.ignored_resources).push_back(ignored);
  PluginWorld world(config);
  api::Node node;
  node.status.edit().allocatable = amounts(allocatable);
  world.node(std::move(node));
  if (row.placed) {
    api::Pod placed;
    placed.spec.edit().containers = containers(*row.placed ? row.placed : "-");
    world.place(std::move(placed), "node1");
  }
  api::Pod pod;
  pod.spec.edit().containers = containers(row.pod);
  pod.spec.edit().init_containers = containers(row.init);
  pod.spec.edit().overhead = amounts(row.overhead);
  return world.verdicts("NodeResourcesFit", world.pod(std::move(pod)));
}

std::string expected(const FitRow& row) {
  std::string out;
  for (const std::string& name : parts(row.expected, ' ')) {
    out += base::cat(out.empty() ? "Unschedulable: " : ", ", name == "pods" ? "Too many pods" : base::cat("Insufficient ", name));
  }
  return out.empty() ? "ok" : out;
}

}  // namespace

TEST_CASE("NodeResourcesFit: TestEnoughRequests, TestStorageRequests") {
  for (const FitRow& row : kEnough) {
    CAPTURE(std::string(row.upstream));
    CHECK(lacking(row, "cpu=10m,memory=20,pods=32,example.com/aaa=5,ephemeral-storage=20,hugepages-2Mi=5") == expected(row));
  }
}

TEST_CASE("NodeResourcesFit: TestNotEnoughRequests") {
  for (const FitRow& row : kNotEnough) {
    CAPTURE(std::string(row.upstream));
    CHECK(lacking(row, "cpu=10m,memory=20,pods=1") == expected(row));
  }
}

TEST_CASE("NodeResourcesFit: TestRestartableInitContainers") {
  for (const FitRow& row : kSidecars) {
    CAPTURE(std::string(row.upstream));
    CHECK(lacking(row, "cpu=2m,memory=0,pods=1") == expected(row));
  }
}
