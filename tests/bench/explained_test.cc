// Explanations of runs: runs are the same with and without them, attempts are counted from 1, and what is told is what happened.
#include <doctest/doctest.h>

#include "control/scheduler/explain/attempt_recorder.h"
#include "scenarios/bench/arrivals.h"
#include "scenarios/bench/bench.h"
#include "scenarios/bench/html_report.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/timed.h"
#include "tests/bench/trace_files.h"

namespace orrery::scenarios::bench {
namespace {

TracePod gpu_pod(const char* name, int arrival, int duration, std::int32_t gpus) {
  TracePod p;
  p.name = name;
  p.milli_cpu = 1000;
  p.memory = 1 << 20;
  p.gpu = scheduler::GpuDemand{gpus, 1000, "", false};
  p.arrival = arrival * base::kSecond;
  p.duration = duration * base::kSecond;
  return p;
}

/// Two nodes of four GPUs; "late" fits nowhere until one of the others goes.
Trace crowded() {
  Trace t;
  t.timed = true;
  t.nodes = {{"left", 8000, 1 << 30, 4, "T4"}, {"right", 8000, 1 << 30, 4, "T4"}};
  t.pods = {gpu_pod("a", 0, 100, 3), gpu_pod("b", 1, 10, 4), gpu_pod("late", 2, 5, 2), gpu_pod("end", 50, 1, 1)};
  return t;
}

RunRecord watched(const char* policy, scheduler::DecisionWatcher* watcher) {
  const Trace t = crowded();
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& p : t.pods) shapes.push_back(shape_of(p));
  RunRecord out;
  TimedOptions options;
  options.watcher = watcher;
  run_timed(t, {}, *scheduler::known_policy(policy), std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes)), 1,
            out, options);
  return out;
}

/// What explanations say that each decision comes to.
class Foretold final : public scheduler::DecisionWatcher {
 public:
  void deciding(const scheduler::Decision& d) override {
    const scheduler::Explanation e = scheduler::explain(d.framework, d.snapshot, d.nominated, *d.pod, d.memory);
    chosen.push_back(e.chosen);
    drawn += !e.tied.empty();
  }
  std::vector<Str> chosen;
  int drawn = 0;
};

bool is_late(const api::ObjectMeta& pod) { return pod.name == "late"; }

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

constexpr const char* kCrowdedNodes = "sn,cpu_milli,memory_mib,gpu,model\nleft,8000,16384,4,T4\nright,8000,16384,4,T4\n";
constexpr const char* kCrowdedPods =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
    "a,1000,1024,3,1000,,LS,Succeeded,0,100,0\n"
    "b,1000,1024,4,1000,,LS,Succeeded,1,11,1\n"
    "late,1000,1024,2,1000,,LS,Succeeded,2,7,2\n"
    "never,1000,1024,4,1000,V100,LS,Succeeded,3,8,3\n"
    "end,1000,1024,1,1000,,LS,Succeeded,50,51,50\n";

}  // namespace

TEST_CASE("a watched run is the same, and every attempt is there") {
  for (const char* policy : {"FGD", "BestFit", "Default", "DRF", "Flow"}) {
    CAPTURE(policy);
    scheduler::AttemptRecorder all(is_late), second(is_late, 2), nobody([](const api::ObjectMeta&) { return false; });
    const RunRecord plain = watched(policy, nullptr);
    CHECK(watched(policy, &all).digest == plain.digest);
    CHECK(watched(policy, &second).digest == plain.digest);
    CHECK(watched(policy, &nobody).digest == plain.digest);
    CHECK(all.times() == second.times());
    CHECK(nobody.times().empty());
    CHECK(nobody.others().size() == 3);
    CHECK(all.explained().size() == all.times().size());
    if (all.times().size() < 2) continue;   // rounds over all pods ask a filter only about who was chosen
    REQUIRE(second.explained().size() == 1);
    CHECK(second.explained()[0].number == 2);
    CHECK(scheduler::to_text(second.explained()[0].pod, second.explained()[0].explanation) ==
          scheduler::to_text(all.explained()[1].pod, all.explained()[1].explanation));
  }
}

TEST_CASE("every decision comes to what its explanation says, draws and all") {
  Trace t;
  for (int n = 0; n < 12; ++n) t.nodes.push_back({Str("n-" + std::to_string(n)), 16'000, 1 << 30, n % 3 * 2, "T4"});
  ArrivalOrder order;
  for (std::uint32_t i = 0; i < 150; ++i) {
    t.pods.push_back(gpu_pod("p", 0, 1, static_cast<std::int32_t>(i % 7 == 0 ? 2 : i % 2)));
    t.pods.back().name = Str("p-" + std::to_string(1000 + i));
    order.pods.push_back(i * 37 % 150);
  }
  for (std::uint32_t n = 0; n < 12; ++n) order.nodes.push_back(n);
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& p : t.pods) shapes.push_back(shape_of(p));
  const auto model = std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes));
  int drawn = 0, nowhere = 0;
  for (const char* policy : {"FGD", "BestFit", "Random", "Default", "Tetris", "GpuClustering"}) {
    CAPTURE(policy);
    Foretold foretold;
    const ArrivalRun run = run_arrivals(t, order, *scheduler::known_policy(policy), model, true, &foretold);
    REQUIRE(foretold.chosen.size() == run.placements.size());
    int wrong = 0;
    for (std::size_t i = 0; i < run.placements.size(); ++i) {
      wrong += foretold.chosen[i] != run.placements[i].node;
      nowhere += run.placements[i].node.empty();
    }
    CHECK(wrong == 0);
    drawn += foretold.drawn;
  }
  CHECK(drawn > 100);
  CHECK(nowhere > 0);
}

TEST_CASE("first it fits nowhere, then where another went") {
  scheduler::AttemptRecorder all(is_late);
  const RunRecord r = watched("FGD", &all);
  CHECK(*r.metric("placed") == 4);
  REQUIRE(all.times().size() >= 2);
  CHECK(all.times().front() == 2 * base::kSecond);
  CHECK(all.times().back() == 11 * base::kSecond);
  const auto text = [](const scheduler::ExplainedAttempt& a) { return scheduler::to_text(a.pod, a.explanation); };
  const std::string first = text(all.explained().front()), last = text(all.explained().back());
  CAPTURE(first);
  CAPTURE(last);
  CHECK(has(first, "2 rejected nodes"));
  CHECK(has(first, "chosen: none"));
  CHECK(has(last, "1 rejected node,"));
  CHECK(has(last, "1 feasible node"));
  CHECK_FALSE(has(last, "chosen: none"));
}

TEST_CASE("the report tells why of the pods that a reader will ask about") {
  TraceFiles files;
  files.write("nodes.csv", kCrowdedNodes);
  files.write("pods.csv", kCrowdedPods);
  const std::string file = files.write("bench.yaml",
                                       "apiVersion: orrery/v1\nkind: Bench\nmode: placement-only\n"
                                       "traces:\n  - {format: openb, nodes: nodes.csv, pods: pods.csv, arrivals: {recorded: {}}}\n"
                                       "policies: [FGD, BestFit]\nseeds: 1..2\n");
  const Bench bench(load_bench(file, {}));
  std::vector<RunRecord> records;
  for (const Cell& cell : bench.cells()) {
    RunRecord r = bench.run(cell);
    const std::uint64_t digest = r.digest;
    if (cell.seed == 0) bench.explain_notable(cell, r);
    CHECK(r.digest == digest);
    const auto again = read_record(to_json(r));
    REQUIRE(again.ok());
    REQUIRE(again->notable.size() == r.notable.size());
    REQUIRE(r.notable.size() == 3);
    CHECK(again->notable[1].explanation == r.notable[1].explanation);
    CHECK(r.notable[0].pod == "a");
    CHECK(r.notable[1].pod == "late");
    CHECK(r.notable[2].pod == "never");
    CHECK(r.notable[1].explanation.empty() == (cell.seed != 0));
    records.push_back(std::move(r));
  }
  CHECK(has(records[0].notable[1].explanation, "chosen: right"));
  CHECK(has(records[0].notable[2].explanation, "chosen: none"));
  const std::string html = html_report(bench.spec(), summarise(records), records);
  CHECK(has(html, "<h3>Why did that pod go there?</h3>"));
  CHECK(has(html, "<summary>FGD, seed 1</summary>"));
  CHECK_FALSE(has(html, "<summary>FGD, seed 2</summary>"));
  CHECK(has(html, "waited longest before it was placed: <b>late</b>"));
}

}  // namespace orrery::scenarios::bench
