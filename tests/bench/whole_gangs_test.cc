// Gangs in a crowded whole cluster: those that find no room for all of them hold nobody up, are left alone for a while when the
// configuration says so, and can be explained; and what a decision costs there.
#include <doctest/doctest.h>

#include "control/scheduler/explain/attempt_recorder.h"
#include "model/base/str.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/whole_operations.h"
#include "tests/bench/whole_bench.h"

namespace orrery::scenarios::bench {
namespace {

TracePod gang_pod(const char* name, int arrival, int duration, std::int64_t cores, const char* gang = "") {
  TracePod p;
  p.name = name;
  p.milli_cpu = cores * 1000;
  p.memory = 1 << 20;
  p.gang = gang;
  p.arrival = arrival * base::kSecond;
  p.duration = duration * base::kSecond;
  return p;
}

/// A pod has half of the only node; a gang wants all of it, and half of the gang would fit beside it.
Trace half_full() {
  Trace t;
  t.timed = true;
  t.nodes.push_back({"n", 4000, std::int64_t{8} << 30, 0, "", {}});
  t.pods = {gang_pod("a", 0, 60, 2), gang_pod("g1", 5, 50, 2, "g"), gang_pod("g2", 5, 50, 2, "g"), gang_pod("w", 80, 5, 0), gang_pod("z", 200, 1, 1)};
  return t;
}

struct Counted final : scheduler::DecisionWatcher {
  void deciding(const scheduler::Decision& d) override { ++attempts[d.pod->meta().name]; }
  std::map<Str, std::size_t> attempts;
};

struct CrowdedRun {
  RunRecord record;
  base::Nanos started = -1;   // the gang's first pod
};

CrowdedRun run_half_full(base::Nanos backoff, scheduler::DecisionWatcher* watcher) {
  scheduler::PolicySpec policy = *scheduler::known_policy("BestFit");
  policy.coscheduling.group_backoff = backoff;
  CrowdedRun out;
  TimedOptions options;
  options.watcher = watcher;
  options.on_start = [&](std::uint32_t pod, base::Nanos at) {
    if (pod == 1) out.started = at;
  };
  const auto model = std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  run_whole_cluster(small_whole_bench(), half_full(), {}, policy, model, 1, out.record, options);
  return out;
}

}  // namespace

TEST_CASE("a gang that is tried again and again is bound when there is room: its failures do not fill the client's queue") {
  Counted counted;
  const CrowdedRun r = run_half_full(0, &counted);
  CHECK(r.started > 60 * base::kSecond);
  CHECK(r.started < 63 * base::kSecond);
  CHECK(counted.attempts[Str("g1")] > 100);           // upstream's default does not leave it alone
  CHECK(run_half_full(0, nullptr).record.digest == r.record.digest);
}

TEST_CASE("podGroupBackoffSeconds leaves a gang alone for a while") {
  Counted counted;
  const CrowdedRun r = run_half_full(10 * base::kSecond, &counted);
  CHECK(counted.attempts[Str("g1")] < 60);
  // What it was rejected by is Coscheduling, which the end of another pod does not concern, but the coming of one does (as upstream).
  CHECK(r.started > 80 * base::kSecond);
  CHECK(r.started < 95 * base::kSecond);
  CHECK(*r.record.metric("gangs_started") == 1);
}

TEST_CASE("a gang's attempts can be explained without a change to the run") {
  scheduler::AttemptRecorder recorder([](const api::ObjectMeta& m) { return m.name == "g1"; });
  const CrowdedRun watched = run_half_full(10 * base::kSecond, &recorder);
  CHECK(recorder.times().size() >= 2);
  CHECK(watched.record.digest == run_half_full(10 * base::kSecond, nullptr).record.digest);
}

TEST_CASE("what a decision costs node by node is spread over threads in a whole cluster") {
  const std::string file = ORRERY_SOURCE_DIR "/scenarios/bench/scheduler-perf.yaml";
  BenchSpec bench = load_bench(file, {{"mode", "whole-cluster"}, {"only", "SchedulingBasic"}});
  bench.cluster.masters.resize(1);
  OperationsSpec& spec = bench.traces[0].operations;
  for (Operation& op : spec.operations) op.count = op.kind == Operation::Kind::kNodes ? 200 : op.measured ? 400 : 1;
  RunRecord r;
  run_whole_operations(bench, spec, bench.policies[0].policy, 1, nullptr, r);
  // 1.3 ms, and 100 nodes filtered and scored: 0.8 ms in one thread, 0.05 ms in 16.
  CHECK(*r.metric("pods_per_virtual_s") > 1000 / 2.1);
  CHECK(*r.metric("pods_per_virtual_s") < 1000 / 1.35);
  CHECK(scheduler::Configuration().parallelism == 1);
  CHECK(policy_configuration(bench.policies[0].policy, nullptr, 1)->parallelism == 16);
}

}  // namespace orrery::scenarios::bench
