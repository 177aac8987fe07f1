// Pods with times: small cases by hand, the rules of incomplete rows, replicates; the openb trace, twice.
#include <doctest/doctest.h>

#include <filesystem>

#include "control/scheduler/policies/dominant_share.h"
#include "model/base/str.h"
#include "scenarios/bench/bench.h"
#include "scenarios/bench/openb.h"
#include "scenarios/bench/timed.h"

using namespace orrery;
using namespace orrery::scenarios::bench;

namespace {

TracePod pod(const char* name, int arrival, int duration, std::int32_t gpus) {
  TracePod p;
  p.name = name;
  p.milli_cpu = 1000;
  p.memory = 1 << 20;
  p.gpu = gpus > 0 ? scheduler::GpuDemand{gpus, 1000, "", false} : scheduler::GpuDemand{};
  p.arrival = arrival * base::kSecond;
  p.duration = duration * base::kSecond;
  return p;
}

Trace small() {
  Trace t;
  t.timed = true;
  t.nodes = {{"n", 8000, 1 << 30, 4, "T4"}};
  return t;
}

RunRecord run(const Trace& trace, const TraceSpec& rules = {}, const char* policy = "FGD", std::uint64_t seed = 1) {
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& p : trace.pods) shapes.push_back(shape_of(p));
  RunRecord out;
  run_timed(trace, rules, *scheduler::known_policy(policy), std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes)),
            seed, out);
  return out;
}

}  // namespace

TEST_CASE("who does not fit waits for who goes") {
  Trace t = small();
  t.pods = {pod("a", 0, 10, 4), pod("b", 2, 10, 4), pod("c", 3, 5, 0), pod("d", 20, 1, 1)};
  const RunRecord r = run(t);
  CHECK(*r.metric("placed") == 4);
  CHECK(*r.metric("waiting_at_end") == 0);
  CHECK(*r.metric("wait_mean_s") == 2);            // b waits 8 s
  CHECK(*r.metric("gpu_allocation_pct") == 100);   // from 0 to 20, when d comes
  CHECK(*r.metric("bounded_slowdown_mean") == doctest::Approx((1 + 1.8 + 1 + 1) / 4));
  CHECK(*r.metric("offered_load") == doctest::Approx((4 * 10 + 4 * 10 + 1) / (4.0 * 20)));
}

TEST_CASE("later pods that fit pass those that do not") {
  Trace t = small();
  t.pods = {pod("a", 0, 10, 3), pod("b", 1, 10, 2), pod("c", 2, 3, 1), pod("d", 30, 1, 1)};
  const RunRecord r = run(t);
  CHECK(*r.metric("wait_mean_s") == doctest::Approx(9.0 / 4));
}

TEST_CASE("who has least goes next under dominant shares") {
  Trace t = small();
  // x holds half of the GPUs; when the other half comes free, y's later pod is served before x's earlier one.
  t.pods = {pod("x0", 0, 100, 2), pod("y0", 1, 9, 2), pod("x1", 2, 20, 2), pod("y1", 3, 20, 2), pod("z", 200, 1, 0)};
  const char* const tenants[] = {"x", "y", "x", "y", "z"};
  for (std::size_t i = 0; i < t.pods.size(); ++i) t.pods[i].tenant = tenants[i];
  CHECK(*run(t, {}, "Default").metric("wait_mean_s") == doctest::Approx((8 + 27) / 5.0));   // x1 at 10, y1 at 30
  CHECK(*run(t, {}, "DRF").metric("wait_mean_s") == doctest::Approx((7 + 28) / 5.0));       // y1 at 10, x1 at 30
  CHECK(*run(t, {}, "DRF").metric("jain_of_tenants") < 1);
}

TEST_CASE("dominant shares of the paper's example") {
  // 9 CPUs and 18 GB: A's tasks want <1 CPU, 4 GB>, B's <3 CPU, 1 GB>. Served by dominant share A gets 3 tasks, B 2.
  scheduler::DominantShares shares({9, 18, 0}, 2);
  const scheduler::Amounts wants[] = {{1, 4, 0}, {3, 1, 0}};
  scheduler::Amounts left{9, 18, 0};
  int tasks[] = {0, 0};
  while (true) {
    const std::size_t t = shares.share(1) < shares.share(0) ? 1 : 0;
    if (wants[t][0] > left[0] || wants[t][1] > left[1]) break;
    for (std::size_t r = 0; r < 3; ++r) left[r] -= wants[t][r];
    shares.change(t, wants[t], 1);
    ++tasks[t];
  }
  CHECK(tasks[0] == 3);
  CHECK(tasks[1] == 2);
}

TEST_CASE("a flow leaves the only node to who needs it") {
  Trace t;
  t.timed = true;
  t.nodes = {{"a", 8000, 1 << 30, 1, "T4"}, {"b", 8000, 1 << 30, 1, "A10"}};
  // Both come at once. The first may go anywhere, the second only to T4.
  t.pods = {pod("any", 0, 10, 1), pod("t4", 0, 10, 1), pod("z", 50, 1, 0)};
  t.pods[1].gpu.models = "T4";
  CHECK(*run(t, {}, "Flow").metric("wait_mean_s") == 0);
  CHECK(*run(t, {}, "BestFit").metric("wait_mean_s") > 0);
}

TEST_CASE("a flow fills nodes with pods of several shapes as far as they go") {
  Trace t = small();
  t.nodes.push_back({"m", 8000, 1 << 30, 4, "T4"});
  for (int i = 0; i < 6; ++i) t.pods.push_back(pod(base::cat("a", std::to_string(i)).c_str(), 0, 10, 1));
  for (int i = 0; i < 4; ++i) t.pods.push_back(pod(base::cat("b", std::to_string(i)).c_str(), 0, 10, 2));
  t.pods.push_back(pod("z", 100, 1, 0));
  const RunRecord r = run(t, {}, "Flow");
  CHECK(*r.metric("placed") == 11);
  CHECK(*r.metric("gpu_allocation_pct") == doctest::Approx((6 + 8) * 10 / (8.0 * 100) * 100));
}

TEST_CASE("pods that never ran give up, or are dropped") {
  Trace t = small();
  t.pods = {pod("a", 0, 100, 4), pod("b", 5, 0, 1), pod("c", 6, 0, 1), pod("d", 120, 1, 1)};
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) t.pods[i].unscheduled = true;
  t.pods[1].patience = 20 * base::kSecond;
  t.pods[2].patience = 110 * base::kSecond;
  const RunRecord waits = run(t);
  CHECK(*waits.metric("gave_up") == 1);
  CHECK(*waits.metric("placed") == 3);
  TraceSpec drop;
  drop.unscheduled = UnscheduledRule::kDrop;
  const RunRecord dropped = run(t, drop);
  CHECK(*dropped.metric("gave_up") == 0);
  CHECK(*dropped.metric("pods") == 2);
  CHECK(dropped.notes[0].find("2 of 4 pods never ran") != std::string::npos);
}

TEST_CASE("censored pods stay, when told so") {
  Trace t = small();
  t.pods = {pod("a", 0, 10, 4), pod("b", 20, 10, 4), pod("c", 40, 1, 0)};
  t.pods[0].censored = true;
  CHECK(*run(t).metric("waiting_at_end") == 0);
  TraceSpec stay;
  stay.censored = CensoredRule::kToTheEnd;
  CHECK(*run(t, stay).metric("waiting_at_end") == 1);
}

TEST_CASE("a resampled trace keeps its blocks") {
  Trace t = small();
  for (int i = 0; i < 50; ++i) t.pods.push_back(pod(base::cat("p", std::to_string(i)).c_str(), i * 10, 5, i % 2));
  const Trace a = resampled(t, 100 * base::kSecond, 1), b = resampled(t, 100 * base::kSecond, 1), c = resampled(t, 100 * base::kSecond, 2);
  REQUIRE(a.pods.size() == 50);   // five blocks of ten
  bool same_as_c = a.pods.size() == c.pods.size();
  for (std::size_t i = 0; i < a.pods.size(); ++i) {
    CHECK(a.pods[i].name == b.pods[i].name);
    CHECK(a.pods[i].arrival == b.pods[i].arrival);
    CHECK(a.pods[i].arrival == static_cast<base::Nanos>(i) * 10 * base::kSecond);
    same_as_c = same_as_c && a.pods[i].name == c.pods[i].name;
  }
  CHECK(!same_as_c);
}

TEST_CASE("synthetic workloads follow their laws and their seeds") {
  SyntheticSpec spec;
  spec.nodes = {{3, {"", 8000, 1 << 30, 2, "A"}}};
  spec.pods = 20000;
  spec.arrivals.between = {LawKind::kWeibull, base::kSecond, 2.0};
  spec.durations = {LawKind::kLognormal, 100 * base::kSecond, 0.5};
  spec.shapes = {{3, 1000, 1 << 20, {}, {}}, {1, 2000, 1 << 20, {}, {}}};
  const Trace a = generate(spec, 1), b = generate(spec, 1), c = generate(spec, 2);
  REQUIRE(a.pods.size() == 20000);
  CHECK(a.nodes.size() == 3);
  double large = 0, below = 0;
  for (std::size_t i = 0; i < a.pods.size(); ++i) {
    REQUIRE(a.pods[i].arrival == b.pods[i].arrival);
    REQUIRE(a.pods[i].duration == b.pods[i].duration);
    large += a.pods[i].milli_cpu == 2000;
    below += a.pods[i].duration < 100 * base::kSecond;
  }
  CHECK(a.pods[7].arrival != c.pods[7].arrival);
  CHECK(large / 20000 == doctest::Approx(0.25).epsilon(0.05));
  CHECK(below / 20000 == doctest::Approx(0.5).epsilon(0.03));
  // The mean of a Weibull law of shape 2 and scale 1 s is 0.8862 s.
  CHECK(static_cast<double>(a.pods.back().arrival) / 20000 / base::kSecond == doctest::Approx(0.8862).epsilon(0.02));
}

TEST_CASE("openb with its real times, twice, one digest") {
  const std::string data = std::string(ORRERY_SOURCE_DIR) + "/../shared/data/openb";
  if (!std::filesystem::exists(data)) {
    MESSAGE("openb is not at hand; skipped");
    return;
  }
  Trace t;
  t.timed = true;
  t.nodes = read_openb_nodes(data + "/openb_node_list_all_node.csv");
  t.pods = read_openb_pods(data + "/openb_pod_list_default.csv", true);
  const RunRecord a = run(t), b = run(t);
  CHECK(a.digest == b.digest);
  CHECK(*a.metric("pods") == 8152);
  CHECK(*a.metric("placed") + *a.metric("gave_up") + *a.metric("waiting_at_end") == 8152);
  // Demand x duration of the trace over 6,212 GPUs x 149.3 days, reckoned outside.
  CHECK(*a.metric("offered_load") > 0.0015);
  CHECK(*a.metric("gpu_allocation_pct") == doctest::Approx(0.2313).epsilon(0.05));
}

TEST_CASE("machines come and go; their pods begin anew elsewhere") {
  Trace t = small();
  // "n" is away from 5 to 20 s, "late" comes at 8, "old" is gone before anybody comes.
  t.nodes[0].away = {{5 * base::kSecond, 20 * base::kSecond}};
  t.nodes.push_back({"late", 8000, 1 << 30, 4, "T4"});
  t.nodes[1].away = {{0, 8 * base::kSecond}};
  t.nodes.push_back({"old", 8000, 1 << 30, 4, "T4"});
  t.nodes[2].away = {{0, INT64_MAX}};
  t.pods = {pod("a", 1, 10, 4), pod("b", 2, 10, 0), pod("c", 12, 10, 4), pod("d", 40, 1, 1)};
  const RunRecord r = run(t);
  CHECK(*r.metric("machine_lost_pods") == 2);                                    // a and b, at 5 s; they go on at 8
  CHECK(*r.metric("lost_pod_hours") == doctest::Approx((4 + 3) / 3600.0));
  CHECK(*r.metric("placed") == 4);
  // c waits from 12 until a has ended at 18 or "n" is back at 20: 6 s. Only first starts are waits.
  CHECK(*r.metric("wait_mean_s") == doctest::Approx(6.0 / 4));
  CHECK(*r.metric("bounded_slowdown_mean") == doctest::Approx((1.7 + 1.6 + 1.6 + 1) / 4));
  Trace calm = small();
  calm.pods = {pod("a", 1, 10, 4)};
  CHECK(run(calm).metric("machine_lost_pods") == nullptr);
}
