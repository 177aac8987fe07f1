// Operations through the API of a simulated cluster: the shipped workloads, made small; their nodes kept alive; kubelets instead.
#include <doctest/doctest.h>

#include <algorithm>

#include "control/scheduler/explain/attempt_recorder.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/whole_operations.h"

namespace whole_operations_test {

using namespace orrery;
using namespace orrery::scenarios;
using namespace orrery::scenarios::bench;

namespace {

const std::string kFile = ORRERY_SOURCE_DIR "/scenarios/bench/scheduler-perf.yaml";

struct Small {
  explicit Small(const std::string& workload, const char* nodes = "objects")
      : bench(load_bench(kFile, {{"mode", "whole-cluster"}, {"only", workload}, {"nodes", nodes}})), spec(bench.traces[0].operations) {
    bench.cluster.masters.resize(1);
  }
  Small& counts(std::int64_t nodes, std::initializer_list<std::int64_t> pods) {
    auto next = pods.begin();
    for (Operation& op : spec.operations) {
      if (op.kind == Operation::Kind::kNodes) op.count = nodes;
      if (op.kind == Operation::Kind::kPods) op.count = *next++;
      if (op.namespaces.size() > 3) op.namespaces.resize(3);
      if (op.kind == Operation::Kind::kNamespaces) op.count = std::min<std::int64_t>(op.count, 3);
    }
    return *this;
  }
  RunRecord run(std::uint64_t seed = 1, scheduler::DecisionWatcher* watcher = nullptr) const {
    RunRecord out;
    run_whole_operations(bench, spec, bench.policies[0].policy, seed, nullptr, out, watcher);
    CHECK(*out.metric("user_requests_undone") == 0);
    return out;
  }
  BenchSpec bench;
  OperationsSpec spec;
};

}  // namespace

TEST_CASE("a step's pods are created through the API and bound, in virtual time") {
  const Small s = std::move(Small("SchedulingBasic").counts(20, {10, 100}));
  const RunRecord r = s.run();
  CHECK(*r.metric("pods") == 100);
  CHECK(*r.metric("unscheduled") == 0);
  // A decision takes over a millisecond of a core: a hundred take a tenth of a second at least.
  CHECK(*r.metric("modelled_s") > 0.1);
  CHECK(*r.metric("modelled_s") < 5);
  CHECK(*r.metric("pods_per_virtual_s") == doctest::Approx(100 / *r.metric("modelled_s")));
  CHECK(r.digest == s.run().digest);
  CHECK(r.digest != s.run(2).digest);
}

TEST_CASE("workloads of each sort end with everything scheduled") {
  const struct { const char* name; std::int64_t nodes; std::initializer_list<std::int64_t> pods; } kRows[] = {
      {"SchedulingPodAntiAffinity", 30, {5, 20}},     {"SchedulingRequiredPodAffinityWithNSSelector", 20, {4, 30}},
      {"TopologySpreading", 12, {10, 30}},            {"SchedulingWithNodeInclusionPolicy", 10, {8}},
      {"SchedulingSecrets", 10, {5, 20}},             {"SchedulingInTreePVs", 10, {5, 20}},
      {"SchedulingCSIPVs", 10, {5, 20}},              {"SchedulingWithMixedChurn", 20, {100}}};
  for (const auto& row : kRows) {
    CAPTURE(std::string(row.name));
    const RunRecord r = std::move(Small(row.name).counts(row.nodes, row.pods)).run();
    CHECK(*r.metric("unscheduled") == 0);
    CHECK(*r.metric("unscheduled_before") == 0);
  }
}

TEST_CASE("what does not fit is given up after a while, and told") {
  const RunRecord r = std::move(Small("SchedulingPodAntiAffinity").counts(5, {1, 5})).run();
  CHECK(*r.metric("unscheduled") == 1);
  // Twenty minutes later the nodes are still there: nobody took them for dead.
  CHECK(*r.metric("preempted") == 0);
}

TEST_CASE("priorities come as classes, victims go") {
  const RunRecord r = std::move(Small("PreemptionBasic").counts(2, {8, 2})).run();
  CHECK(*r.metric("unscheduled") == 0);
  CHECK(*r.metric("preempted") == 6);
}

TEST_CASE("a churn beside the pods has its rate in virtual time") {
  const RunRecord r = std::move(Small("Unschedulable").counts(20, {5, 400})).run();
  CHECK(*r.metric("unscheduled") == 0);
  CHECK(*r.metric("churned") >= *r.metric("modelled_s") / 0.2 - 1);
  CHECK(*r.metric("churned") <= *r.metric("modelled_s") / 0.2 + 2);
}

TEST_CASE("with kubelets the pods run on machines") {
  const RunRecord r = std::move(Small("SchedulingBasic", "kubelets").counts(10, {5, 40})).run();
  CHECK(*r.metric("unscheduled") == 0);
  CHECK(std::any_of(r.notes.begin(), r.notes.end(), [](const std::string& n) { return n.starts_with("nodes are machines"); }));
  const RunRecord tainted = std::move(Small("SchedulingWithNodeInclusionPolicy", "kubelets").counts(5, {5})).run();
  CHECK(*tainted.metric("unscheduled") == 0);
}

TEST_CASE("limits of volumes hold, whoever tells of them") {
  for (const char* nodes : {"objects", "kubelets"}) {
    CAPTURE(std::string(nodes));
    // Forty pods find cores on each of two nodes, 39 a place for their volume.
    CHECK(*std::move(Small("SchedulingCSIPVs", nodes).counts(2, {70, 10})).run().metric("unscheduled") == 2);
  }
}

TEST_CASE("faults of a timeline happen, at times since the first step") {
  Small s = std::move(Small("SchedulingBasic").counts(60, {10, 1600}));
  const RunRecord calm = s.run();
  s.bench.timeline = YamlCursor(
      YAML::Load("[{at: 1s, fault: {kind: machine, action: power-off, target: master/1}}, {at: 41s, fault: {kind: machine, action: power-on, target: master/1}}]"),
      "test");
  const RunRecord r = s.run();
  CHECK(std::any_of(r.notes.begin(), r.notes.end(), [](const std::string& n) { return n == "2 faults were done"; }));
  CHECK(*r.metric("unscheduled") == 0);
  CHECK(*r.metric("modelled_s") > *calm.metric("modelled_s") + 39);
  CHECK(r.digest == s.run().digest);
}

TEST_CASE("its decisions can be watched, and stay the same") {
  const Small s = std::move(Small("SchedulingBasic").counts(5, {1, 3}));
  scheduler::AttemptRecorder recorder([](const api::ObjectMeta& m) { return m.name.view().starts_with("pod-default-"); });
  CHECK(s.run(1, &recorder).digest == s.run().digest);
  CHECK(recorder.explained().size() == 4);
}

}  // namespace whole_operations_test
