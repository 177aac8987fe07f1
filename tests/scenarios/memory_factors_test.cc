// The memory of the control plane's processes against a real one: peaks of Kubernetes 1.33.13 with etcd 3.5 at 5,000 nodes and
// 10,000 pods bound (nodes without kubelets). Clusters of a tenth and of two fifths give what a process declares for each node with
// two pods, and so what it would at full size.
//
// Whence the factors (MemoryAccount): (peak - idle) / (5,000 * held per node). Held are 5.82 KiB by a store member (all
// versions, of events too), 2.82 KiB by an apiserver (objects and events), 1.85 KiB by controller-manager and scheduler (node and pods):
//   etcd (338 - 50) MiB / 28.4 MiB = 10, apiserver (1340 - 250) / 13.8 = 79, controller-manager (423 - 60) / 9.0 = 40,
//   scheduler (382 - 50) / 9.0 = 37. What is idle is estimated: one measured peak does not tell it from the growth.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "model/api/pod.h"
#include "scenarios/load/loader.h"
#include "scenarios/run/cluster.h"
#include "scenarios/run/timeline.h"
#include "sim/world/incarnation.h"
#include "sim/world/machine.h"
#include "sim/world/trace_sink.h"
#include "tests/scenarios/fixture.h"

using namespace orrery;
using namespace orrery::scenarios;

namespace {

constexpr int kNodes = 5000;
constexpr double kMebibyte = 1 << 20;

/// Node objects that nobody runs, two pods for each.
std::string cluster_of(int nodes) {
  std::string text = R"(apiVersion: orrery/v1
kind: Scenario
about: Objects and no kubelets.
until: 3m
cluster:
  masters: {count: 1, cpu: 8, memory: 64Gi}
  components: {nodeMonitorGracePeriod: 1h, clientLimits: false}
workloads:
- namespace: default
  manifests:
)";
  for (int i = 0; i < nodes; ++i) {
    const std::string name = "node-" + std::to_string(i);
    text += "  - {apiVersion: v1, kind: Node, metadata: {name: " + name + ", labels: {kubernetes.io/hostname: " + name +
            "}}, status: {capacity: {cpu: 4, memory: 32Gi, pods: 110}, allocatable: {cpu: 4, memory: 32Gi, pods: 110}, "
            "conditions: [{type: Ready, status: \"True\", reason: KubeletReady, message: kubelet is posting ready status}]}}\n";
  }
  for (int i = 0; i < 2 * nodes; ++i)
    text += "  - {apiVersion: v1, kind: Pod, metadata: {name: pod-" + std::to_string(i) +
            ", labels: {app: load}}, spec: {containers: [{name: main, image: \"registry.k8s.io/pause:3.9\", "
            "resources: {requests: {cpu: 100m, memory: 500Mi}}}]}}\n";
  return text;
}

/// Declared bytes by process when all pods are bound.
std::map<std::string, double> memory_at(int nodes) {
  const scenarios_test::TemporaryFile file;
  file.write(cluster_of(nodes));
  const Scenario s = load_scenario(file.path(), {})[0];
  WorldState state;
  Leaders leaders;
  struct Sink final : sim::TraceSink {
    Sink(WorldState& s, Leaders& l) : state(s), leaders(l) {}
    bool recording(history::RecordKind) const override { return true; }
    void record(base::Instant now, const env::Process& p, const history::Record& r) override {
      r.origin = {now, p.machine(), p.name(), p.incarnation()};
      leaders.on_record(r);
      state.on_record(r);
    }
    bool logs(env::LogLevel) const override { return false; }
    void log(base::Instant, const env::Process&, env::LogLevel, std::string_view) override {}
    WorldState& state;
    Leaders& leaders;
  } sink(state, leaders);
  Cluster cluster(s, state, &sink);
  Timeline timeline(s, cluster, state, leaders);
  timeline.start();
  cluster.world().run_until(base::Instant{s.until});
  int bound = 0;
  for (const auto& [name, o] : state.objects().all(api::KindId::kPod)) bound += !o->as<api::Pod>().spec->node_name.empty();
  REQUIRE(bound == 2 * nodes);
  std::map<std::string, double> out;
  sim::MachineId master{};
  REQUIRE(cluster.world().find_machine("master-1", master));
  for (sim::ProcessSlot* p : cluster.world().machine(master).processes())
    out[p->config().name.str()] = static_cast<double>(p->current()->memory());
  return out;
}

}  // namespace

TEST_CASE("the control plane holds what a real one does") {
  const int small = 500, large = 2000;
  std::map<std::string, double> a = memory_at(small), b = memory_at(large);
  const std::map<std::string, double> real = {
      {"kube-apiserver", 1340}, {"kube-scheduler", 382}, {"kube-controller-manager", 423}, {"etcd", 338}};
  for (const auto& [process, mebibytes] : real) {
    CAPTURE(process);
    const double growth = (b[process] - a[process]) / (large - small);
    const double here = (a[process] + growth * (kNodes - small)) / kMebibyte;
    MESSAGE(process << ": " << here << " MiB of " << mebibytes << ", " << growth / 1024 << " KiB a node with two pods");
    CHECK(growth > 0);
    CHECK(here == doctest::Approx(mebibytes).epsilon(0.05));
  }
}
