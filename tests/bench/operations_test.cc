// Operations in the manner of scheduler_perf: preemption, churn and queue by hand; the shipped workloads, made small, decided by
// classes and by the plain cycle.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scenarios/bench/bench.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/operations.h"
#include "scenarios/load/input_error.h"

using namespace orrery;
using namespace orrery::scenarios;
using namespace orrery::scenarios::bench;

namespace {

const std::string kShipped = ORRERY_SOURCE_DIR "/scenarios/bench/scheduler-perf.yaml";

BenchSpec shipped() { return load_bench(kShipped, {}); }

const TraceSpec& trace_named(const BenchSpec& spec, const std::string& name) {
  return *std::find_if(spec.traces.begin(), spec.traces.end(), [&](const TraceSpec& t) { return t.name == name; });
}

RunRecord operate(const OperationsSpec& spec, const scheduler::PolicySpec& policy, bool incremental = true, std::uint64_t seed = 1) {
  RunRecord out;
  run_operations(spec, policy, nullptr, seed, nullptr, out, incremental);
  return out;
}

void resize(OperationsSpec& spec, std::int64_t nodes, std::initializer_list<std::int64_t> pods) {
  auto next = pods.begin();
  for (Operation& op : spec.operations) {
    if (op.kind == Operation::Kind::kNodes) op.count = nodes;
    if (op.kind == Operation::Kind::kPods) op.count = *next++;
  }
}

}  // namespace

TEST_CASE("pods of higher priority take the room of others, three for one") {
  const BenchSpec bench = shipped();
  OperationsSpec spec = trace_named(bench, "PreemptionBasic").operations;
  resize(spec, 2, {8, 2});
  const RunRecord r = operate(spec, bench.policies[0].policy);
  CHECK(*r.metric("pods") == 2);
  CHECK(*r.metric("unscheduled") == 0);
  CHECK(*r.metric("preempted") == 6);       // 4 x 900m on each node of 4 cores; 3 cores are wanted
  CHECK(*r.metric("attempts") >= 4);        // each is tried once more when its victims are gone

  scheduler::PolicySpec without = bench.policies[0].policy;
  without.preemption = false;
  const RunRecord left = operate(spec, without);
  CHECK(*left.metric("unscheduled") == 2);
  CHECK(*left.metric("preempted") == 0);
}

TEST_CASE("a pod for each node, and one too many") {
  const BenchSpec bench = shipped();
  OperationsSpec spec = trace_named(bench, "SchedulingPodAntiAffinity").operations;
  resize(spec, 5, {1, 4});
  CHECK(*operate(spec, bench.policies[0].policy).metric("unscheduled") == 0);
  resize(spec, 5, {1, 5});
  CHECK(*operate(spec, bench.policies[0].policy).metric("unscheduled") == 1);
}

TEST_CASE("a churn goes on in the time that decisions take") {
  const BenchSpec bench = shipped();
  OperationsSpec spec = trace_named(bench, "Unschedulable").operations;
  resize(spec, 10, {1, 300});
  const RunRecord r = operate(spec, bench.policies[0].policy);
  CHECK(*r.metric("unscheduled") == 0);
  // 300 decisions of 1.3 ms and a sixteenth of 8 us for each of ten nodes take 0.39 s; pods that fit nowhere come every 0.2 s.
  CHECK(*r.metric("modelled_s") == doctest::Approx(0.394).epsilon(0.02));
  CHECK(*r.metric("churned") == 2);
  CHECK(*r.metric("attempts") == 302);
}

TEST_CASE("the shipped workloads, made small: classes decide as the plain cycle does") {
  const BenchSpec bench = shipped();
  CHECK(bench.traces.size() >= 20);
  for (const TraceSpec& t : bench.traces) {
    CAPTURE(t.name);
    OperationsSpec spec = t.operations;
    for (Operation& op : spec.operations) {
      if (op.kind == Operation::Kind::kNodes) op.count = std::max<std::int64_t>(op.count / 40, 12);
      if (op.kind == Operation::Kind::kPods) op.count = std::max<std::int64_t>(op.count / 50, 1);
      if (op.namespaces.size() > 20) op.namespaces.resize(20);
    }
    const RunRecord by_class = operate(spec, bench.policies[0].policy);
    const RunRecord plain = operate(spec, bench.policies[0].policy, false);
    CHECK(by_class.digest == plain.digest);
    CHECK(by_class.metrics == plain.metrics);
    CHECK(*by_class.metric("unscheduled") == 0);
    CHECK(by_class.digest != operate(spec, bench.policies[0].policy, true, 2).digest);
  }
}

TEST_CASE("thresholds are looked up by test case and workload, the highest of the releases counts") {
  const std::string file = (std::filesystem::temp_directory_path() / "orrery-thresholds.csv").string();
  std::ofstream(file) << "k8s,testcase,workload,labels,threshold_pods_per_s\n"
                         "v1,A,5,\"[performance, short]\",70\nv2,A,5,[performance],60\nv2,B,5,\"[a, b]\",\n";
  CHECK(read_threshold(file, "A", "5") == 70);
  CHECK(read_threshold(file, "B", "5") == 0);
  CHECK_THROWS_AS(read_threshold(file, "A", "6"), InputError);
  std::filesystem::remove(file);
}
