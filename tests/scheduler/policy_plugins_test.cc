// The policies of the literature as plugins of a configuration: named, with arguments, refused where something is missing; and the
// scores are those of the bench's policies.
#include <doctest/doctest.h>

#include "control/scheduler/config/configuration.h"
#include "control/scheduler/cycle.h"
#include "control/scheduler/policies/policy.h"
#include "control/scheduler/queue/nominator.h"
#include "tests/scheduler/plugin_world.h"

namespace policy_plugins_test {

using namespace orrery;
using namespace orrery::scheduler;
using scheduler::testing::from_yaml;

namespace {

constexpr std::string_view kHead = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n";

std::string problem(std::string_view profile) {
  const auto read = read_configuration(base::cat(kHead, profile));
  return read.ok() ? std::string() : base::cat(read.error().path, ": ", read.error().what);
}

/// A profile of GpuShare and one score alone.
std::string profile_of(std::string_view score, std::string_view config) {
  return base::cat("- plugins:\n    multiPoint: {enabled: [{name: GpuShare}]}\n    score: {disabled: [{name: '*'}], enabled: [{name: ", score,
                   ", weight: 1}]}\n    preScore: {disabled: [{name: '*'}]}\n  pluginConfig: [", config, "]\n");
}

constexpr std::string_view kTypical = "{name: FGD, args: {typicalPods: [{weight: 3, milliCPU: 4000, gpuCount: 1, gpuMilli: 500}, "
                                      "{weight: 1, milliCPU: 8000, gpuCount: 2}]}}";

struct Cluster {
  Cluster() {
    for (const char* line : {"{metadata: {name: a, labels: {alibabacloud.com/gpu-card-model: T4}}, status: {allocatable: {cpu: 32, memory: 64Gi, pods: 99, alibabacloud.com/gpu-count: 4}}}",
                             "{metadata: {name: b, labels: {alibabacloud.com/gpu-card-model: T4}}, status: {allocatable: {cpu: 64, memory: 64Gi, pods: 99, alibabacloud.com/gpu-count: 8}}}",
                             "{metadata: {name: c}, status: {allocatable: {cpu: 96, memory: 64Gi, pods: 99}}}"}) {
      snapshot.set_node(NodeHandle(api::make_object(from_yaml<api::Node>(line))));
    }
  }
  PodInfoRef pod(std::size_t i) {
    const std::string n = std::to_string(i);
    const std::string gpu = i % 3 == 0 ? "" : base::cat(", annotations: {alibabacloud.com/gpu-count: '1', alibabacloud.com/gpu-milli: '", i % 3 == 1 ? "500" : "1000", "'}");
    return base::make_ref<PodInfo>(api::make_object(from_yaml<api::Pod>(
        base::cat("{metadata: {name: p", n, ", uid: p", n, gpu, "}, spec: {containers: [{name: c, image: i, resources: {requests: {cpu: ",
                  std::to_string(1 + i % 4), "}}}]}}"))));
  }
  /// Where 20 pods go, one after another.
  std::string places(const Framework& framework, bool first_of_best) {
    CycleMemory memory;
    memory.first_of_best = first_of_best;
    std::string out;
    for (std::size_t i = 0; i < 20; ++i) {
      CycleState state;
      const PodInfoRef p = pod(i);
      const CycleResult r = schedule_pod(framework, snapshot, nominator, *p, memory, state);
      out += r.node ? r.node->name().str() : "-";
      if (!r.node) continue;
      PodInfoRef assigned = framework.run_assign(p, *r.node);
      out += gpu_index_text(assigned->gpu_indices);
      snapshot.add_pod(std::move(assigned), r.node->name());
    }
    return out;
  }
  Snapshot snapshot;
  FixedLister lister;
  Nominator nominator;
  RunningPreemptions running;
  ProfileContext context{snapshot, lister, nominator, running};
};

}  // namespace

TEST_CASE("a configuration's research plugins place as the bench's policies do") {
  auto model = std::make_shared<FragmentationModel>(
      std::vector<TypicalPod>{{{4000, {1, 500, "", false}}, 0.75}, {{8000, {2, 1000, "", false}}, 0.25}});
  for (const char* name : {"FGD", "BestFit", "DotProd", "GpuPacking", "GpuClustering", "Tetris"}) {
    CAPTURE(std::string(name));
    const bool fgd = std::string_view(name) == "FGD";
    auto read = read_configuration(base::cat(kHead, profile_of(name, fgd ? base::cat(kTypical, ", {name: GpuShare, args: {devices: Fragmentation}}") : "")));
    if (!read.ok()) FAIL(read.error().path << ": " << read.error().what);
    Cluster configured, known;
    read->profiles[0].config.percentage_of_nodes_to_score = 100;
    const auto a = default_profile(configured.context, read->profiles[0].config);
    const auto b = policy_profile(known.context, *known_policy(name), model, 1);
    const std::string places = configured.places(*a, true);
    CHECK(places == known.places(*b, true));
    CHECK(places.find('-') == std::string::npos);
  }
}

TEST_CASE("Random is a draw by seed, pod and node") {
  const auto places = [](const char* seed) {
    auto read = read_configuration(base::cat(kHead, profile_of("Random", base::cat("{name: Random, args: {seed: ", seed, "}}"))));
    REQUIRE(read.ok());
    Cluster c;
    return c.places(*default_profile(c.context, read->profiles[0].config), false);
  };
  CHECK(places("1") == places("1"));
  CHECK(places("1") != places("2"));
}

TEST_CASE("research plugins: what is wrong") {
  CHECK(problem(profile_of("FGD", kTypical)).empty());
  CHECK(problem(profile_of("FGD", "")).find("typicalPods") != std::string::npos);
  CHECK(problem(profile_of("BestFit", "{name: BestFit, args: {largestMilliCPU: 64000, largestMilliGPU: 4000}}")).empty());
  CHECK(problem(profile_of("BestFit", "{name: BestFit, args: {largestMilliCPU: 0}}")).find("must be greater than zero") != std::string::npos);
  CHECK(problem(profile_of("Tetris", "{name: Tetris, args: {x: 1}}")).find("takes no arguments") != std::string::npos);
  CHECK(problem(profile_of("DotProd", "{name: GpuShare, args: {devices: Most}}")).find("Unsupported value: \"Most\"") != std::string::npos);
  CHECK(problem(profile_of("DotProd", "{name: GpuShare, args: {devices: Fragmentation}}")).find("typicalPods") != std::string::npos);
  CHECK(problem("- plugins: {multiPoint: {enabled: [{name: GpuPacking}]}}\n").find("without the plugin GpuShare") != std::string::npos);
  CHECK(problem("- plugins: {filter: {enabled: [{name: FGD}]}}\n").find("does not extend FilterPlugin") != std::string::npos);
  CHECK(problem(profile_of("FGD", "{name: FGD, args: {typicalPods: [{weight: 0}]}}")).find("weight") != std::string::npos);
  CHECK(problem(profile_of("FGD", "{name: FGD, args: {typicalPods: [{gpuCount: 99}]}}")).find("gpuCount: Invalid value: 99") != std::string::npos);
}

}  // namespace policy_plugins_test
