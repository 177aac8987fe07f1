// Warm-ups: MSER-5 against series reckoned by hand, what is measured once one is cut, one cut for all policies of a comparison.
#include <doctest/doctest.h>

#include "scenarios/bench/bench.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/measuring.h"
#include "tests/bench/timed_trace.h"
#include "tests/bench/trace_files.h"

namespace orrery::scenarios::bench {
namespace {

/// Five of each.
std::vector<double> batches(const std::vector<double>& means) {
  std::vector<double> out;
  for (const double m : means) out.insert(out.end(), {m - 1, m + 1, m, m + 2, m - 2});
  return out;
}

}  // namespace

TEST_CASE("MSER-5 by hand") {
  // By beginning: 50 / 4, 0 / 1.
  CHECK(mser5(batches({10, 0})) == 5);
  CHECK(mser5(batches({7, 7, 7, 7})) == 0);
  // 46 / 36, 2.8 / 25, 1 / 16, (2 / 3) / 9.
  CHECK(mser5(batches({9, 3, 1, 2, 1, 2})) == 10);
  // From the fifth batch on there is no error at all, but that is beyond the middle: 85.3 / 36, 76.8 / 25, 64 / 16, 42.7 / 9.
  CHECK(mser5(batches({8, 8, 8, 8, 0, 0})) == 0);
  // Of equals the earliest.
  CHECK(mser5(batches({5, 0, 0, 0, 0, 0, 0, 0})) == 5);
  // What is left over after the last whole batch does not count.
  std::vector<double> ragged = batches({10, 0, 0, 0});
  ragged.insert(ragged.end(), {1000, 2000, 3000, 4000});
  CHECK(mser5(ragged) == 5);
  CHECK(mser5(std::vector<double>{9, 0, 0, 0, 0, 0, 0, 0, 0}) == 0);
  CHECK(mser5({}) == 0);
}

TEST_CASE("pods of the warm-up are placed and counted, not measured") {
  Trace t;
  t.timed = true;
  t.nodes = {{"n", 4000, 1 << 30, 0, ""}};
  // The node is full until 20 s: the second pod waits 18 s. Then half of it is taken from 30 to 40, and nothing until 50.
  t.pods = {cpu_pod("a", 0, 20, 4000), cpu_pod("b", 2, 5, 4000), cpu_pod("c", 30, 10, 2000), cpu_pod("d", 50, 1, 1000)};
  TimedOptions options;
  const RunRecord all = run_with(t, options);
  CHECK(*all.metric("pods") == 4);
  CHECK(*all.metric("wait_mean_s") == doctest::Approx(18.0 / 4));
  CHECK(*all.metric("cpu_allocation_pct") == doctest::Approx((20 + 5 + 10 * 0.5) * 100 / 50));
  CHECK(all.metric("warmup_pods") == nullptr);
  CHECK(all.warmup == "none");
  options.measuring.warmup = {WarmupRule::Kind::kSpan, 22 * base::kSecond};
  const RunRecord cut = run_with(t, options);
  CHECK(*cut.metric("warmup_pods") == 2);
  CHECK(*cut.metric("warmup_s") == 22);
  CHECK(*cut.metric("pods") == 2);
  CHECK(*cut.metric("placed") == 2);
  CHECK(*cut.metric("wait_mean_s") == 0);
  CHECK(*cut.metric("bounded_slowdown_mean") == 1);
  // b still has the node for 3 s of the 28 s that are measured.
  CHECK(*cut.metric("cpu_allocation_pct") == doctest::Approx((3 + 10 * 0.5) * 100 / 28));
  CHECK(*cut.metric("offered_load") == doctest::Approx((2.0 * 10 + 1.0) / (4 * 28)));
  CHECK(cut.warmup == "22s");
  CHECK(cut.notable.front().pod == "c");
}

TEST_CASE("a run says where MSER-5 would cut it, and is cut where it is told") {
  Trace t;
  t.timed = true;
  t.nodes = {{"n", 1000, 1 << 30, 0, ""}};
  // The first five come while the node is taken: they wait 9, 8, 7, 6 and 5 s. Those after them find it free.
  for (int i = 0; i < 5; ++i) t.pods.push_back(cpu_pod(("w" + std::to_string(i)).c_str(), 1 + i, 1, 1000));
  for (TracePod& p : t.pods) p.duration = base::kMillisecond;
  t.pods.insert(t.pods.begin(), cpu_pod("first", 0, 10, 1000));
  for (int i = 0; i < 20; ++i) t.pods.push_back(cpu_pod(("p" + std::to_string(i)).c_str(), 20 + i, 1, 1000));
  TimedOptions options;
  options.measuring.warmup.kind = WarmupRule::Kind::kMser5;
  const RunRecord trial = run_with(t, options);
  CHECK(trial.proposed_cut == t.pods[10].arrival);   // batches of waits: (0 9 8 7 6), (5 0 0 0 0), zeros
  CHECK(trial.cut == -1);
  CHECK(*trial.metric("warmup_pods") == 0);
  options.measuring.cut = trial.proposed_cut;
  const RunRecord cut = run_with(t, options);
  CHECK(cut.cut == trial.proposed_cut);
  CHECK(*cut.metric("warmup_pods") == 10);
  CHECK(*cut.metric("pods") == 16);
  CHECK(*cut.metric("wait_mean_s") == 0);
  CHECK(cut.warmup == "mser-5");
}

TEST_CASE("what is compared is cut at one time, the latest") {
  CommonCuts cuts;
  CHECK(!cuts.of({0, 0, 0, 0}));
  cuts.propose({0, 0, 0, 0}, -1);
  cuts.propose({0, 0, 1, 0}, 70);
  cuts.propose({0, 0, 2, 0}, 30);
  cuts.propose({0, 0, 0, 1}, -1);
  CHECK(*cuts.of({0, 0, 2, 0}) == 70);
  CHECK(*cuts.of({0, 0, 2, 1}) == -1);
  CHECK(!cuts.of({0, 1, 0, 0}));
}

TEST_CASE("which warm-up is cut when the file says nothing, and what it may say") {
  TraceFiles files;
  files.write("nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn-0,8000,16384,2,T4\n");
  files.write("pods.csv",
              "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
              "p-0,1000,1024,1,500,,LS,Succeeded,0,50,5\np-1,1000,1024,1,500,,LS,Succeeded,100,150,105\n");
  const std::string recorded = "  - {format: openb, nodes: nodes.csv, pods: pods.csv, arrivals: {recorded: {}}}\n";
  const std::string laws =
      "  - {format: synthetic, nodes: [{cpu: 4, memory: 1Gi}], pods: 10, between: {law: fixed, scale: 1s}, durations: {law: fixed, scale: 1s}, "
      "shapes: [{cpu: 1, memory: 1Mi}]}\n";
  const auto bench = [&](const std::string& traces, const std::string& more) {
    return files.write("bench.yaml", "apiVersion: orrery/v1\nkind: Bench\nmode: placement-only\nseeds: 1\npolicies: [BestFit]\ntraces:\n" + traces + more);
  };
  const auto rules = [&](const std::string& more) {
    const BenchSpec spec = load_bench(bench(recorded + laws, more), {});
    return name_of(spec.traces[0].warmup) + " " + name_of(spec.traces[1].warmup);
  };
  CHECK(rules("") == "none mser-5");
  CHECK(rules("warmup: none\n") == "none none");
  CHECK(rules("warmup: mser-5\n") == "mser-5 mser-5");
  CHECK(rules("warmup: 90s\n") == "1m30s 1m30s");
  const auto refused = [&](const std::string& traces, const std::string& more) {
    const std::string file = bench(traces, more);
    return refusal([&] { Bench loaded(load_bench(file, {})); });
  };
  const std::string watts = "idleWatts: 5, anyCoreWatts: 6, allCoresWatts: 9";
  CHECK(refused(recorded, "energy: {" + watts + ", models: {T4: {" + watts + "}}}\n") == "accepted");
  CHECK(refused(recorded, "energy: {" + watts + ", gpuIdleWatts: 25, gpuBusyWatts: 300, models: {T4: {" + watts + ", gpuBusyWatts: 70}}}\n") == "accepted");
  CHECK(refused(recorded, "energy: {" + watts + ", gpuIdleWatts: 25}\n").find("bench.yaml:8: energy: a GPU that works draws no less") == 0);
  CHECK(refused(recorded, "energy: {" + watts + ", offWatts: 6}\n").find("bench.yaml:8: energy.offWatts: a machine that is off draws no more") == 0);
  CHECK(refused(recorded, "energy: {idleWatts: 5, anyCoreWatts: 4, allCoresWatts: 9}\n").find("a machine that works more draws no less") != std::string::npos);
  std::string powered = laws;
  powered.replace(powered.find("cpu: 4"), 6, "cpu: 4, power: {" + watts + "}");
  CHECK(refused(powered, "").find("trace \"synthetic\" has nodes with a `power`, but the file has no `energy`") != std::string::npos);
  CHECK(refused(powered, "energy: {" + watts + "}\n") == "accepted");
  CHECK(refused(recorded, "warmup: some\n").find("bench.yaml:8: warmup: \"some\" is no warm-up (write mser-5, a span like 6h, or none)") == 0);
  CHECK(refused(recorded, "warmup: -5s\n").find("is no warm-up") != std::string::npos);
  CHECK(refused(recorded, "warmup: 99s\n") == "accepted");
  CHECK(refused(recorded, "warmup: 2m\n").find("its last pod comes after 1m40s, within the warm-up of 2m") != std::string::npos);
  CHECK(refused(laws, "warmup: 2m\n").find("within the warm-up of 2m") != std::string::npos);
  CHECK(refused("  - {format: openb, nodes: nodes.csv, pods: pods.csv, arrivals: {shuffled: {}}}\n", "warmup: mser-5\n").find("is not timed") !=
        std::string::npos);
}

}  // namespace orrery::scenarios::bench
