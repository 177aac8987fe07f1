// A trace in a complete simulated cluster; windows of a trace.
#include <doctest/doctest.h>

#include "control/scheduler/explain/attempt_recorder.h"
#include "scenarios/bench/placement.h"
#include "scenarios/bench/whole_cluster.h"
#include "scenarios/bench/window.h"
#include "scenarios/load/load_cluster.h"
#include "tests/bench/timed_trace.h"

using namespace orrery;
using namespace orrery::scenarios;
using namespace orrery::scenarios::bench;

namespace {

TracePod cluster_pod(const char* name, int arrival, int duration, std::int32_t gpus, std::int32_t milli) {
  TracePod p;
  p.name = name;
  p.milli_cpu = 1000;
  p.memory = 1 << 20;
  if (gpus > 0) p.gpu = {gpus, milli, "", false};
  p.arrival = arrival * base::kSecond;
  p.duration = duration * base::kSecond;
  return p;
}

/// Two machines with two GPUs each; the third pair of whole ones waits for the first, shares are put together.
Trace crowded_cluster() {
  Trace t;
  t.timed = true;
  for (const char* name : {"gpu-a", "gpu-b"}) t.nodes.push_back({name, 8000, std::int64_t{8} << 30, 2, "T4"});
  t.pods = {cluster_pod("whole-1", 0, 60, 2, 1000), cluster_pod("half-1", 1, 100, 1, 500), cluster_pod("half-2", 2, 100, 1, 500), cluster_pod("whole-2", 3, 40, 1, 1000),
            cluster_pod("whole-3", 4, 30, 2, 1000), cluster_pod("cpu", 5, 20, 0, 0), cluster_pod("last", 150, 10, 0, 0)};
  return t;
}

BenchSpec bench_with(const std::string& timeline = "") {
  BenchSpec out;
  out.mode = BenchMode::kWholeCluster;
  out.cluster = load_cluster(YamlCursor(YAML::Load("{masters: {count: 1, cpu: 8, memory: 16Gi}, images: present}"), "test"), out.cluster_hash);
  if (!timeline.empty()) out.timeline = YamlCursor(YAML::Load(timeline), "test");
  return out;
}

RunRecord in_cluster(const BenchSpec& bench, const Trace& trace, const char* policy, std::uint64_t seed = 1, const Measuring& measuring = {}) {
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& p : trace.pods) shapes.push_back(shape_of(p));
  RunRecord out;
  TimedOptions options;
  options.measuring = measuring;
  run_whole_cluster(bench, trace, {}, *scheduler::known_policy(policy),
                    std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes)), seed, out, options);
  return out;
}

}  // namespace

TEST_CASE("pods of a trace run in a cluster under every policy, GPUs and all") {
  const Trace trace = crowded_cluster();
  for (const char* policy : {"FGD", "BestFit", "Default"}) {
    CAPTURE(policy);
    const RunRecord r = in_cluster(bench_with(), trace, policy);
    CHECK(*r.metric("placed") >= 6);                 // the last one comes when the measurement ends
    CHECK(*r.metric("pods_failed") == 0);
    CHECK(*r.metric("user_requests_undone") == 0);
    CHECK(*r.metric("gpu_allocation_pct") > 20);
    CHECK(*r.metric("wait_p50_s") > 0);              // a decision and a binding take time
    CHECK(*r.metric("wait_p50_s") < 1);
    CHECK(*r.metric("to_running_p50_s") > *r.metric("wait_p50_s"));
  }
}

TEST_CASE("who does not fit waits for the end of who is there") {
  const RunRecord r = in_cluster(bench_with(), crowded_cluster(), "FGD");
  // whole-1 has a machine from about 0 to 61 s, whole-3 came at 4 s and gets it then.
  CHECK(*r.metric("wait_p99_s") > 50);
  CHECK(*r.metric("wait_p99_s") < 75);
}

TEST_CASE("equal seeds give equal runs, others not") {
  const Trace trace = crowded_cluster();
  const RunRecord first = in_cluster(bench_with(), trace, "FGD"), again = in_cluster(bench_with(), trace, "FGD");
  CHECK(first.digest == again.digest);
  CHECK(first.metrics == again.metrics);
  CHECK(first.digest != in_cluster(bench_with(), trace, "FGD", 2).digest);
}

TEST_CASE("faults of a timeline happen, at times since pods may come") {
  const Trace trace = crowded_cluster();
  const RunRecord r = in_cluster(bench_with("[{at: 10s, fault: {kind: machine, action: power-off, target: node/gpu-a}}]"), trace, "FGD");
  CHECK(r.digest != in_cluster(bench_with(), trace, "FGD").digest);
  CHECK(std::any_of(r.notes.begin(), r.notes.end(), [](const std::string& n) { return n == "1 fault was done"; }));
}

TEST_CASE("simulated machines draw what placement only says, but for the moments in which pods start") {
  BenchSpec bench = bench_with();
  bench.energy = EnergySpec{{100, 120, 200}, 10, {}, {}};
  TimedOptions options;
  options.measuring.energy = bench.energy;
  const double idle = 2 * 150 * 100;   // both machines, from the first arrival to the last
  const auto joules = [](const RunRecord& r) { return *r.metric("energy_kwh") * 3.6e6; };
  const double placed = joules(run_with(crowded_cluster(), options, "FGD")) - idle;
  CHECK(placed > 5000);
  const RunRecord whole = in_cluster(bench, crowded_cluster(), "FGD", 1, options.measuring);
  CHECK(joules(whole) - idle == doctest::Approx(placed).epsilon(0.1));
  CHECK(*whole.metric("energy_masters_kwh") * 3.6e6 > 150 * 100);
  TimedOptions gpus = options;
  gpus.measuring.energy->gpu = {20, 120};
  const double drawn_by_gpus = joules(run_with(crowded_cluster(), gpus, "FGD")) - idle - placed;
  CHECK(drawn_by_gpus > 150 * 4 * 20);
  CHECK(joules(in_cluster(bench, crowded_cluster(), "FGD", 1, gpus.measuring)) - joules(whole) == doctest::Approx(drawn_by_gpus).epsilon(0.05));
  Measuring late = options.measuring;
  late.warmup = {WarmupRule::Kind::kSpan, 125 * base::kSecond};
  const RunRecord end = in_cluster(bench, crowded_cluster(), "FGD", 1, late);
  CHECK(joules(end) == doctest::Approx(2 * 25 * 100).epsilon(0.01));   // everybody has gone
  CHECK(*end.metric("warmup_pods") == 6);
  CHECK(*end.metric("pods") == 1);
}

TEST_CASE("gangs start whole: PodGroups come before their pods and go after them") {
  Trace t = crowded_cluster();
  // Room for eight cores twice. The first gang takes ten of them, the second wants twelve and waits for its end; a single one fits.
  t.pods.clear();
  for (const char* gang : {"first", "second"}) {
    for (int i = 0; i < 3; ++i) {
      TracePod p = cluster_pod("", gang == std::string("first") ? 0 : 20, 60, 0, 0);
      p.name = base::cat(gang, ".", std::to_string(i));
      p.gang = gang;
      p.milli_cpu = gang == std::string("first") ? 3300 : 4000;
      t.pods.push_back(p);
    }
  }
  t.pods.push_back(cluster_pod("single", 30, 10, 0, 0));
  t.pods.push_back(cluster_pod("last", 300, 10, 0, 0));
  for (const char* policy : {"BestFit", "Default"}) {
    CAPTURE(policy);
    const RunRecord r = in_cluster(bench_with(), t, policy);
    CHECK(*r.metric("placed") >= 7);
    CHECK(*r.metric("user_requests_undone") == 0);
    CHECK(*r.metric("gangs") == 2);
    CHECK(*r.metric("gangs_started") == 2);
    CHECK(*r.metric("gangs_in_part") == 0);
    CHECK(*r.metric("gang_binding_max_s") < 1);
    CHECK(*r.metric("gang_wait_max_s") > 35);      // the second, until the first has ended at 60 s
    CHECK(*r.metric("gang_wait_max_s") < 60);
    CHECK(r.digest == in_cluster(bench_with(), t, policy).digest);
  }
}

TEST_CASE("priorities are classes, and the lower ones make room") {
  Trace t = crowded_cluster();
  t.pods = {cluster_pod("low-1", 0, 100, 0, 0), cluster_pod("low-2", 0, 100, 0, 0), cluster_pod("high", 20, 30, 0, 0), cluster_pod("last", 60, 10, 0, 0)};
  for (TracePod& p : t.pods) p.milli_cpu = 7000;
  t.pods[0].priority = t.pods[1].priority = -5;
  t.pods[2].priority = 10;
  t.pods[3].milli_cpu = 10;
  RunRecord r;
  scheduler::PolicySpec policy = *scheduler::known_policy("Default");
  policy.preemption = true;
  const auto model = std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  run_whole_cluster(bench_with(), t, {}, policy, model, 1, r);
  CHECK(*r.metric("user_requests_undone") == 0);
  CHECK(*r.metric("placed") >= 3);
  CHECK(*r.metric("wait_max_s") < 40);             // the victim's grace period of half a minute, not its end
  policy.preemption = false;
  RunRecord without;
  run_whole_cluster(bench_with(), t, {}, policy, model, 1, without);
  CHECK(*without.metric("wait_max_s") >= 40);      // it still waits when the last one comes
}

TEST_CASE("replicas of an app are nobody's orphans") {
  Trace t = crowded_cluster();
  for (TracePod& p : t.pods) p.app = "web";
  const RunRecord r = in_cluster(bench_with(), t, "Default");
  CHECK(*r.metric("gave_up") == 0);
  CHECK(*r.metric("cpu_allocation_pct") == doctest::Approx(*in_cluster(bench_with(), crowded_cluster(), "Default").metric("cpu_allocation_pct")).epsilon(0.05));
}

TEST_CASE("decisions about pods of the trace can be watched under their names") {
  const Trace t = crowded_cluster();
  scheduler::AttemptRecorder recorder([](const api::ObjectMeta& m) { return m.name == "whole-3"; });
  RunRecord r;
  const auto model = std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  TimedOptions watched;
  watched.watcher = &recorder;
  run_whole_cluster(bench_with(), t, {}, *scheduler::known_policy("BestFit"), model, 1, r, watched);
  REQUIRE(recorder.times().size() >= 2);           // it did not fit at first
  CHECK(recorder.times()[0] >= kBootTime + 4 * base::kSecond);
  CHECK(recorder.explained()[0].explanation.chosen.empty());
  CHECK(!recorder.explained().back().explanation.chosen.empty());
  RunRecord again;
  run_whole_cluster(bench_with(), t, {}, *scheduler::known_policy("BestFit"), model, 1, again);
  CHECK(again.digest == r.digest);
}

TEST_CASE("who is evicted comes again and begins anew") {
  Trace t = crowded_cluster();
  t.pods = {cluster_pod("low-1", 0, 100, 0, 0), cluster_pod("low-2", 0, 100, 0, 0), cluster_pod("high", 20, 30, 0, 0), cluster_pod("last", 400, 10, 0, 0)};
  for (TracePod& p : t.pods) p.milli_cpu = 7000;
  t.pods[2].priority = 10;
  scheduler::PolicySpec policy = *scheduler::known_policy("Default");
  policy.preemption = true;
  const auto model = std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  RunRecord r;
  run_whole_cluster(bench_with(), t, {}, policy, model, 1, r);
  CHECK(*r.metric("preempted_pods") == 1);
  CHECK(*r.metric("pods_failed") == 0);
  CHECK(*r.metric("gave_up") == 0);
  CHECK(*r.metric("lost_pod_hours") * 3600 > 18);
  CHECK(*r.metric("lost_pod_hours") * 3600 < 60);
  // 7 of 16 cores for 100 s twice, the lost part, and 30 s of the high one, in 400 s.
  const double lost = *r.metric("lost_pod_hours") * 3600;
  CHECK(*r.metric("cpu_allocation_pct") == doctest::Approx(7 * (200 + lost + 30) / (16.0 * 400) * 100).epsilon(0.05));
}

TEST_CASE("a descheduler evens out what the scheduler has packed") {
  Trace t = crowded_cluster();
  t.pods.clear();
  for (int i = 0; i < 4; ++i) t.pods.push_back(cluster_pod(base::cat("p-", std::to_string(i)).c_str(), 0, 2000, 0, 0));
  for (TracePod& p : t.pods) p.milli_cpu = 1600;
  t.pods.push_back(cluster_pod("last", 900, 10, 0, 0));
  TimedOptions beside;
  beside.descheduler = DeschedulingSpec{};
  beside.descheduler->low_node_utilization.emplace();
  beside.descheduler->low_node_utilization->thresholds.cpu = 20;
  beside.descheduler->low_node_utilization->target.cpu = 50;
  const auto model = std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  RunRecord packed, spread;
  run_whole_cluster(bench_with(), t, {}, *scheduler::known_policy("BestFit"), model, 1, packed, beside);
  CHECK(*packed.metric("descheduled_pods") >= 2);
  CHECK(*packed.metric("lost_pod_hours") > 2 * 290 / 3600.0);
  CHECK(*packed.metric("user_requests_undone") == 0);
  run_whole_cluster(bench_with(), t, {}, *scheduler::known_policy("Default"), model, 1, spread, beside);
  CHECK(*spread.metric("descheduled_pods") == 0);
}

TEST_CASE("an autoscaler's machines join, take pods, and are switched off again") {
  Trace t;
  t.timed = true;
  t.pods = {cluster_pod("a", 0, 600, 0, 0), cluster_pod("b", 0, 600, 0, 0), cluster_pod("c", 30, 1500, 0, 0), cluster_pod("last", 5400, 10, 0, 0)};
  for (TracePod& p : t.pods) p.milli_cpu = 3000;
  t.pods[2].milli_cpu = 500;
  TimedOptions beside;
  beside.autoscaler = AutoscalingSpec{};
  beside.autoscaler->keep_nodes = false;
  beside.autoscaler->groups.push_back({0, 10, 0, {"grown", 4000, std::int64_t{8} << 30, 0, "", {}}});
  const auto model = std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  RunRecord r, again;
  run_whole_cluster(bench_with(), t, {}, *scheduler::known_policy("BestFit"), model, 1, r, beside);
  CHECK(*r.metric("nodes_added") >= 2);
  CHECK(*r.metric("nodes_max") == 2);
  CHECK(*r.metric("scale_ups") >= 1);
  CHECK(*r.metric("nodes_removed") == *r.metric("nodes_added"));
  // Two minutes for the machine, some seconds for the node.
  CHECK(*r.metric("wait_p50_s") > 120);
  CHECK(*r.metric("wait_p50_s") < 160);
  CHECK(*r.metric("pods_failed") == 0);
  CHECK(*r.metric("user_requests_undone") == 0);
  CHECK(*r.metric("node_hours") * 3600 > 2 * 600 + 900);
  CHECK(*r.metric("node_hours") * 3600 < 4800);
  run_whole_cluster(bench_with(), t, {}, *scheduler::known_policy("BestFit"), model, 1, again, beside);
  CHECK(again.digest == r.digest);
}

TEST_CASE("the busiest window, and who stands at its beginning") {
  Trace t = crowded_cluster();
  t.pods = {cluster_pod("long", 0, 1000, 0, 0), cluster_pod("short", 10, 5, 0, 0), cluster_pod("a", 100, 1, 0, 0), cluster_pod("b", 105, 1, 0, 0), cluster_pod("c", 110, 1, 0, 0)};
  const Trace w = busiest_window(t, 10 * base::kSecond);   // [100, 110)
  REQUIRE(w.pods.size() == 3);
  CHECK(w.pods[0].name == "long");
  CHECK(w.pods[0].arrival == 0);
  CHECK(w.pods[0].duration == 900 * base::kSecond);
  CHECK(w.pods[1].arrival == 0);
  CHECK(w.pods[2].arrival == 5 * base::kSecond);
}
