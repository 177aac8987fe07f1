// Gangs, priorities with preemption, descheduling and autoscaling in timed runs: cases by hand, then what must always hold over
// drawn workloads, read from the recorded decisions.
#include <doctest/doctest.h>

#include <map>

#include "model/base/str.h"
#include "scenarios/bench/gangs.h"
#include "tests/bench/timed_trace.h"

namespace gangs_test {

using namespace orrery;
using namespace orrery::scenarios::bench;

namespace {

constexpr base::Nanos kS = base::kSecond;

struct Started {
  std::uint32_t pod;
  base::Nanos at;
};

RunRecord run(const Trace& trace, const scheduler::PolicySpec& policy, const TimedOptions& options = {}, std::uint64_t seed = 1) {
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& p : trace.pods) shapes.push_back(shape_of(p));
  RunRecord out;
  run_timed(trace, {}, policy, std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes)), seed, out, options);
  return out;
}

scheduler::PolicySpec policy(bool strict = false, bool preemption = false) {
  scheduler::PolicySpec out = *scheduler::known_policy("BestFit");
  out.strict = strict;
  out.preemption = preemption;
  return out;
}

double metric(const RunRecord& r, const char* name) {
  const double* m = r.metric(name);
  REQUIRE_MESSAGE(m != nullptr, "no metric ", name);
  return *m;
}

}  // namespace

TEST_CASE("a gang starts as a whole or waits as a whole") {
  Trace t = core_nodes(2, 4);
  // The gang needs 3 x 2 cores; 4 are taken until 10.
  t.pods = {core_pod("a", 0, 10, 4), core_pod("g1", 1, 5, 2, "g"), core_pod("g2", 1, 5, 2, "g"), core_pod("g3", 1, 5, 2, "g"), core_pod("z", 50, 1, 1)};
  const RunRecord r = run(t, policy());
  CHECK(metric(r, "gangs_started") == 1);
  CHECK(metric(r, "gang_wait_mean_s") == 9);
  CHECK(metric(r, "wait_mean_s") == doctest::Approx(27.0 / 5));
  // Nothing of it ran before: 4 cores for 10 s, 6 for 5 s, of 8 for 50 s.
  CHECK(metric(r, "cpu_allocation_pct") == doctest::Approx((4 * 10 + 6 * 5) / (8.0 * 50) * 100));
}

TEST_CASE("backfilling passes a gang that waits; without it nobody does") {
  Trace t = core_nodes(1, 4);
  // a holds 2 until 10; the gang wants 4; small ones come, each fits beside a until 30.
  t.pods = {core_pod("a", 0, 10, 2), core_pod("g1", 1, 5, 2, "g"), core_pod("g2", 1, 5, 2, "g"), core_pod("s1", 2, 20, 1), core_pod("s2", 3, 20, 1), core_pod("z", 60, 1, 1)};
  CHECK(metric(run(t, policy(false)), "gang_wait_mean_s") == 22);      // s2 ends at 23
  const RunRecord strict = run(t, policy(true));
  CHECK(metric(strict, "gang_wait_mean_s") == 9);
  CHECK(metric(strict, "wait_mean_s") == doctest::Approx((9 + 9 + 13 + 12) / 6.0));   // s1, s2 after the gang, at 15
}

TEST_CASE("a steady stream starves a gang with backfilling, not without") {
  Trace t = core_nodes(1, 2);
  t.pods.push_back(core_pod("g1", 1, 5, 1, "g"));
  t.pods.push_back(core_pod("g2", 1, 5, 1, "g"));
  for (int i = 0; i < 50; ++i) t.pods.push_back(core_pod(base::cat("s", std::to_string(i)).c_str(), i * 2, 3, 1));
  CHECK(metric(run(t, policy(false)), "gangs_started") == 0);
  CHECK(metric(run(t, policy(true)), "gangs_started") == 1);
}

TEST_CASE("priority goes first, and evicts what it needs; work is lost") {
  Trace t = core_nodes(1, 4);
  t.pods = {core_pod("low", 0, 100, 3), core_pod("lower", 5, 100, 1, "", -5), core_pod("high", 30, 10, 2, "", 10), core_pod("z", 300, 1, 1)};
  const RunRecord without = run(t, policy());
  CHECK(metric(without, "wait_mean_s") == doctest::Approx(70.0 / 4));   // high waits for low
  const RunRecord with = run(t, policy(false, true));
  CHECK(metric(with, "preempted_pods") == 1);                           // low: lower alone would not do, and is spared
  CHECK(metric(with, "lost_pod_hours") == doctest::Approx(30 / 3600.0));
  CHECK(metric(with, "lost_cpu_hours") == doctest::Approx(90 / 3600.0));
  CHECK(metric(with, "wait_mean_s") == 0);                              // a second beginning is no wait
  // low begins again when high is gone: slowdowns 1.4, 1, 1, 1.
  CHECK(metric(with, "bounded_slowdown_mean") == doctest::Approx((1.4 + 1 + 1 + 1) / 4));
}

TEST_CASE("a victim takes its gang along, and the gang begins again together") {
  Trace t = core_nodes(2, 2);
  t.pods = {core_pod("g1", 0, 100, 2, "g"), core_pod("g2", 0, 100, 2, "g"), core_pod("high", 50, 10, 1, "", 1), core_pod("z", 400, 1, 1)};
  const RunRecord r = run(t, policy(false, true));
  CHECK(metric(r, "preempted_pods") == 2);
  CHECK(metric(r, "lost_pod_hours") == doctest::Approx(100 / 3600.0));
  CHECK(metric(r, "gangs_started") == 2);
  CHECK(metric(r, "cpu_allocation_pct") == doctest::Approx((4 * 50 + 1 * 10 + 4 * 100) / (4.0 * 400) * 100));
}

TEST_CASE("jobs of a log become gangs") {
  JobLog log{8, {{"j1", 0, 100 * kS, 100 * kS, 3}, {"j2", 5 * kS, 50 * kS, 50 * kS, 1}}, {}};
  GangSpec spec;
  spec.nodes = {{2, {"", 4000, 1 << 30, 0, "", {}}}};
  const Trace t = gangs_of(log, spec);
  REQUIRE(t.pods.size() == 4);
  CHECK(t.pods[0].gang == "job-0");
  CHECK(t.pods[2].gang == "job-0");
  CHECK(t.pods[3].gang.empty());
  CHECK(t.pods[3].duration == 50 * kS);
  CHECK(t.nodes.size() == 2);
}

TEST_CASE("over drawn workloads: strict order starts units in their turn, and gangs whole") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    base::RandomStream random(seed);
    Trace t = core_nodes(3, 4);
    int now = 0;
    for (int unit = 0; unit < 40; ++unit) {
      now += static_cast<int>(random.below(8));
      const std::size_t members = 1 + random.below(4);
      const std::string gang = members > 1 ? base::cat("g", std::to_string(unit)) : "";
      const auto cores = static_cast<std::int64_t>(1 + random.below(2));
      const int length = static_cast<int>(1 + random.below(30));
      for (std::size_t m = 0; m < members; ++m) {
        t.pods.push_back(core_pod(base::cat("u", std::to_string(unit), "-", std::to_string(m)).c_str(), now, length, cores, gang.c_str()));
      }
    }
    t.pods.push_back(core_pod("z", now + 2000, 1, 1));
    for (const bool strict : {true, false}) {
      std::vector<Started> starts;
      TimedOptions options;
      options.on_start = [&](std::uint32_t pod, base::Nanos at) { starts.push_back({pod, at}); };
      run(t, policy(strict), options, seed);
      CAPTURE(seed);
      CHECK(starts.size() == t.pods.size());          // nobody starves: the horizon is long
      std::map<Str, base::Nanos> of_gang;
      base::Nanos before = 0;
      std::uint32_t last = 0;
      for (const Started& s : starts) {
        const TracePod& p = t.pods[s.pod];
        if (!p.gang.empty()) CHECK(of_gang.try_emplace(p.gang, s.at).first->second == s.at);
        if (strict) CHECK(s.pod >= last);
        CHECK(s.at >= before);
        last = s.pod;
        before = s.at;
      }
    }
  }
}

TEST_CASE("over drawn workloads: preemption takes from lower priorities only, and everything ends") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    base::RandomStream random(seed);
    Trace t = core_nodes(2, 4);
    int now = 0;
    for (int i = 0; i < 60; ++i) {
      now += static_cast<int>(random.below(10));
      const auto priority = static_cast<std::int32_t>(random.below(4));
      t.pods.push_back(core_pod(base::cat("p", std::to_string(i)).c_str(), now, static_cast<int>(1 + random.below(40)), static_cast<std::int64_t>(1 + random.below(3)), "",
                           priority));
    }
    t.pods.push_back(core_pod("z", now + 5000, 1, 1));
    std::vector<std::uint32_t> starts(t.pods.size());
    TimedOptions options;
    options.on_start = [&](std::uint32_t pod, base::Nanos) { ++starts[pod]; };
    const RunRecord r = run(t, policy(false, true), options, seed);
    double again = 0;
    for (std::size_t i = 0; i < t.pods.size(); ++i) {
      CHECK(starts[i] >= 1);
      if (t.pods[i].priority == 3) CHECK(starts[i] == 1);   // nobody is above it
      again += starts[i] - 1;
    }
    CHECK(metric(r, "preempted_pods") == again);
    CHECK(metric(r, "waiting_at_end") == 0);
  }
}

TEST_CASE("a descheduler evens the load out at its times") {
  Trace t = core_nodes(2, 10);
  // BestFit fills n0 first: 8 of 10; n1 stays empty. After five minutes two pods go and are placed again.
  for (int i = 0; i < 4; ++i) t.pods.push_back(core_pod(base::cat("p", std::to_string(i)).c_str(), 0, 1000, 2));
  t.pods.push_back(core_pod("z", 600, 1, 1));
  TimedOptions options;
  options.descheduler = DeschedulingSpec{};
  options.descheduler->low_node_utilization.emplace();
  options.descheduler->low_node_utilization->thresholds.cpu = 20;
  options.descheduler->low_node_utilization->target.cpu = 50;
  scheduler::PolicySpec spreading = *scheduler::known_policy("Default");   // upstream's scores put them on the emptier node
  const RunRecord packed = run(t, policy(), options);
  CHECK(metric(packed, "descheduled_pods") >= 2);
  CHECK(metric(packed, "lost_pod_hours") >= 2 * 300 / 3600.0);
  const RunRecord spread = run(t, spreading, options);
  CHECK(metric(spread, "descheduled_pods") == 0);              // 4 and 4 from the beginning
  options.descheduler->every = 700 * kS;
  CHECK(metric(run(t, policy(), options), "descheduled_pods") == 0);
}

namespace {

AutoscalingSpec one_group(std::size_t min, std::size_t max) {
  AutoscalingSpec out;
  out.keep_nodes = false;
  AutoscalingGroup g;
  g.min = min;
  g.max = max;
  g.node = {"g", 4000, std::int64_t{64} << 30, 0, "", {}};
  out.groups.push_back(g);
  return out;
}

}  // namespace

TEST_CASE("an autoscaler brings nodes after their time and takes them away again") {
  Trace t;
  t.timed = true;
  t.pods = {core_pod("a", 0, 600, 3), core_pod("b", 0, 600, 3), core_pod("z", 7200, 1, 1)};
  TimedOptions options;
  options.autoscaler = one_group(0, 10);
  const RunRecord r = run(t, policy(), options);
  // A scan at 0 asks for two; they come at 120 and the pods start.
  CHECK(metric(r, "wait_mean_s") == 120);
  CHECK(metric(r, "nodes_max") == 2);
  CHECK(metric(r, "nodes_added") == 2);
  CHECK(metric(r, "nodes_removed") == 2);
  CHECK(metric(r, "scale_ups") == 2);        // the second is for z, at the end
  // Until 720 they work; the next scan finds them unneeded, ten minutes later they go: at 1320.
  CHECK(metric(r, "node_hours") == doctest::Approx(2 * (1320 - 120) / 3600.0));
  CHECK(metric(r, "waiting_at_end") == 1);   // z has just come
}

TEST_CASE("an autoscaler keeps to min and max, and drains what fits elsewhere") {
  Trace t;
  t.timed = true;
  for (int i = 0; i < 10; ++i) t.pods.push_back(core_pod(base::cat("p", std::to_string(i)).c_str(), 0, 500, 4));
  t.pods.push_back(core_pod("z", 20000, 1, 1));
  TimedOptions options;
  options.autoscaler = one_group(1, 3);
  const RunRecord r = run(t, policy(), options);
  CHECK(metric(r, "nodes_max") == 3);
  CHECK(metric(r, "placed") == 11);
  CHECK(metric(r, "nodes_added") - metric(r, "nodes_removed") == 1);    // min is left
  // Two long pods of one core on two nodes: one node is drained, its pod begins again on the other.
  Trace sparse;
  sparse.timed = true;
  sparse.pods = {core_pod("big1", 0, 300, 3), core_pod("big2", 0, 300, 3), core_pod("long1", 0, 50000, 1), core_pod("long2", 0, 50000, 1), core_pod("z", 10000, 1, 1)};
  options.autoscaler = one_group(0, 10);
  const RunRecord d = run(sparse, policy(), options);
  CHECK(metric(d, "drained_pods") == 1);
  CHECK(metric(d, "nodes_removed") == 1);
  CHECK(metric(d, "lost_pod_hours") > 0);
  CHECK(metric(d, "waiting_at_end") == 0);
}

TEST_CASE("over drawn workloads: an autoscaled run serves everybody and repeats itself") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    base::RandomStream random(seed);
    Trace t;
    t.timed = true;
    int now = 0;
    for (int i = 0; i < 60; ++i) {
      now += static_cast<int>(random.below(120));
      t.pods.push_back(core_pod(base::cat("p", std::to_string(i)).c_str(), now, static_cast<int>(1 + random.below(2000)), static_cast<std::int64_t>(1 + random.below(4))));
    }
    t.pods.push_back(core_pod("z", now + 20000, 1, 1));
    TimedOptions options;
    options.autoscaler = one_group(0, 50);
    options.autoscaler->groups.push_back(options.autoscaler->groups[0]);
    options.autoscaler->groups[1].node.name = "h";
    options.autoscaler->groups[1].node.milli_cpu = 8000;
    for (const auto expander : {scheduler::autoscaler::Expander::kRandom, scheduler::autoscaler::Expander::kLeastWaste,
                                scheduler::autoscaler::Expander::kMostPods, scheduler::autoscaler::Expander::kPriority}) {
      options.autoscaler->expander = expander;
      const RunRecord one = run(t, policy(), options, seed), two = run(t, policy(), options, seed);
      CHECK(one.digest == two.digest);
      CHECK(metric(one, "placed") >= 60);
      CHECK(metric(one, "nodes_added") == metric(one, "nodes_removed"));
    }
  }
}

}  // namespace gangs_test
