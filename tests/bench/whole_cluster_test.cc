// A trace in a complete simulated cluster; windows of a trace.
#include <doctest/doctest.h>

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
  run_whole_cluster(bench, trace, {}, *scheduler::known_policy(policy),
                    std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes)), seed, measuring, out);
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
  CHECK(std::any_of(r.notes.begin(), r.notes.end(), [](const std::string& n) { return n == "1 faults were done"; }));
}

TEST_CASE("simulated machines draw what placement only says, but for the moments in which pods start") {
  BenchSpec bench = bench_with();
  bench.energy = EnergySpec{{100, 120, 200}, 10};
  TimedOptions options;
  options.measuring.energy = bench.energy;
  const double idle = 2 * 150 * 100;   // both machines, from the first arrival to the last
  const auto joules = [](const RunRecord& r) { return *r.metric("energy_kwh") * 3.6e6; };
  const double placed = joules(run_with(crowded_cluster(), options, "FGD")) - idle;
  CHECK(placed > 5000);
  const RunRecord whole = in_cluster(bench, crowded_cluster(), "FGD", 1, options.measuring);
  CHECK(joules(whole) - idle == doctest::Approx(placed).epsilon(0.1));
  CHECK(*whole.metric("energy_masters_kwh") * 3.6e6 > 150 * 100);
  Measuring late = options.measuring;
  late.warmup = {WarmupRule::Kind::kSpan, 125 * base::kSecond};
  const RunRecord end = in_cluster(bench, crowded_cluster(), "FGD", 1, late);
  CHECK(joules(end) == doctest::Approx(2 * 25 * 100).epsilon(0.01));   // everybody has gone
  CHECK(*end.metric("warmup_pods") == 6);
  CHECK(*end.metric("pods") == 1);
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
