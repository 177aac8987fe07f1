// Policies that look at more than one pod, and closed loads, in a whole cluster: the same decisions as in placement only, but for what
// creating, binding, starting and ending take.
#include <doctest/doctest.h>

#include <algorithm>

#include "model/base/random.h"
#include "model/base/str.h"
#include "scenarios/bench/gangs.h"
#include "scenarios/bench/load_bench.h"
#include "tests/bench/timed_trace.h"
#include "tests/bench/trace_files.h"
#include "tests/bench/whole_bench.h"

namespace orrery::scenarios::bench {
namespace {

constexpr base::Nanos kS = base::kSecond;

TracePod whole_job(const std::string& name, int arrival, int duration, std::int64_t cores, const char* tenant = "", const char* gang = "") {
  TracePod p = core_pod(name.c_str(), arrival, duration, cores, gang);
  p.tenant = tenant;
  return p;
}

scheduler::PolicySpec policy_named(const char* name, bool strict = false) {
  scheduler::PolicySpec out = *scheduler::known_policy(name);
  out.strict = strict;
  return out;
}

/// Seconds that a pod started later in the cluster than without it.
double later(const Both& r, std::uint32_t pod) {
  REQUIRE(r.placed_at.contains(pod));
  REQUIRE(r.whole_at.contains(pod));
  return in_seconds(r.whole_at.at(pod) - r.placed_at.at(pod));
}

/// Pods of one to three cores, in the order of arrival, more than there is room for.
Trace crowd(std::uint64_t seed, std::size_t pods, bool tenants) {
  base::RandomStream random(base::stream_key(seed, "test", "crowd"));
  Trace t = core_nodes(2, 4);
  int at = 0;
  for (std::size_t i = 0; i < pods; ++i) {
    at += 15 + static_cast<int>(random.below(20));
    const char* const tenant = !tenants ? "" : random.below(4) == 0 ? "few" : "many";
    t.pods.push_back(whole_job(base::cat("p", std::to_string(i)), at, 60 + static_cast<int>(random.below(200)), 1 + static_cast<std::int64_t>(random.below(3)), tenant));
  }
  t.pods.push_back(whole_job("last", at + 1000, 1, 1));
  return t;
}

}  // namespace

TEST_CASE("backfill none: nobody passes a gang or pod that waits") {
  Trace t = core_nodes(1, 4);
  // a holds 2 until 60; the gang wants 4; small ones come, each would fit beside a.
  t.pods = {whole_job("a", 0, 60, 2), whole_job("g1", 5, 50, 2, "", "g"), whole_job("g2", 5, 50, 2, "", "g"), whole_job("s1", 10, 200, 1), whole_job("s2", 15, 200, 1),
            whole_job("z", 400, 1, 1)};
  const Both any = run_both(t, policy_named("BestFit")), none = run_both(t, policy_named("BestFit", true));
  for (const std::uint32_t pod : {0U, 1U, 2U, 3U, 4U}) {
    CAPTURE(pod);
    CHECK(later(none, pod) >= 0);
    CHECK(later(none, pod) < 12);
  }
  CHECK(none.whole_at.at(1) < none.whole_at.at(3));
  CHECK(none.whole_at.at(2) < none.whole_at.at(3));
  CHECK(any.whole_at.at(3) < 12 * kS);               // it passes the gang
  CHECK(any.whole_at.at(1) > 200 * kS);
  CHECK(*none.whole.metric("user_requests_undone") == 0);
  CHECK(run_both(t, policy_named("BestFit", true)).whole.digest == none.whole.digest);
}

TEST_CASE("backfill none over a crowd: starts are in the order of arrival") {
  for (const std::uint64_t seed : {1U, 2U}) {
    const Trace t = crowd(seed, 30, false);
    const Both r = run_both(t, policy_named("BestFit", true));
    CHECK(r.whole_at.size() >= 30);
    base::Nanos before = 0;
    for (const auto& [pod, at] : r.whole_at) {
      CHECK(at >= before);
      before = at;
    }
    CHECK(*r.placed.metric("wait_mean_s") > 30);
    CHECK(*r.whole.metric("wait_mean_s") == doctest::Approx(*r.placed.metric("wait_mean_s")).epsilon(0.15));
  }
}

TEST_CASE("DRF: when room comes, it is the turn of the tenant that has least") {
  Trace t = core_nodes(1, 4);
  // many has all four cores, two until 60; its next pods came before that of few, which is served first.
  t.pods = {whole_job("m1", 0, 60, 2, "many"), whole_job("m2", 0, 300, 2, "many"), whole_job("m3", 5, 100, 2, "many"), whole_job("m4", 6, 100, 2, "many"),
            whole_job("f1", 10, 100, 2, "few"), whole_job("z", 500, 1, 1)};
  const Both drf = run_both(t, policy_named("DRF")), arrival = run_both(t, policy_named("Default"));
  CHECK(drf.placed_at.at(4) == 60 * kS);
  CHECK(later(drf, 4) < 12);
  CHECK(drf.whole_at.at(2) > 150 * kS);
  CHECK(arrival.whole_at.at(2) < 80 * kS);
  CHECK(arrival.whole_at.at(4) > 150 * kS);
  CHECK(run_both(t, policy_named("DRF")).whole.digest == drf.whole.digest);
}

TEST_CASE("DRF and Flow over a crowd wait as long as in placement only") {
  for (const char* policy : {"DRF", "Flow"}) {
    CAPTURE(policy);
    const Trace t = crowd(3, 40, true);
    const Both r = run_both(t, policy_named(policy));
    CHECK(*r.whole.metric("placed") == *r.placed.metric("placed") - 1);   // the last one comes when the measurement ends
    CHECK(*r.placed.metric("wait_mean_s") > 20);
    CHECK(*r.whole.metric("wait_mean_s") == doctest::Approx(*r.placed.metric("wait_mean_s")).epsilon(0.25));
    CHECK(*r.whole.metric("user_requests_undone") == 0);
  }
}

TEST_CASE("Flow: those that wait are placed at once, each where the others leave it room") {
  Trace t = core_nodes(2, 4);
  t.nodes[1].gpus = 1;
  t.nodes[1].gpu_model = "T4";
  // Both nodes are full until 60 s. Then plain ones and one that needs the GPU's node have room, if the plain ones leave it there.
  t.pods = {whole_job("full-0", 0, 60, 4), whole_job("full-1", 0, 60, 4)};
  for (int i = 0; i < 4; ++i) t.pods.push_back(whole_job(base::cat("plain-", std::to_string(i)), 10, 100, 1));
  t.pods.push_back(whole_job("gpu", 20, 100, 4));
  t.pods.back().gpu = {1, 1000, "", false};
  t.pods.push_back(whole_job("z", 300, 1, 1));
  const Both r = run_both(t, policy_named("Flow"));
  CHECK(r.whole_at.size() >= 7);
  CHECK(*r.whole.metric("user_requests_undone") == 0);
  CHECK(run_both(t, policy_named("Flow")).whole.digest == r.whole.digest);
}

TEST_CASE("batch queues start the jobs of a log in the order that they start without a cluster") {
  JobLog log;
  log.processors = 8;
  // The second waits for the first; the third fits beside the first and ends before it; the fourth would delay the second.
  const struct { int submitted, run, requested; std::int64_t processors; } kJobs[] = {{0, 300, 300, 6}, {60, 200, 200, 8}, {120, 100, 120, 2}, {130, 400, 600, 2}, {140, 50, 60, 1}};
  for (const auto& j : kJobs) log.jobs.push_back({base::cat("j", std::to_string(log.jobs.size())), j.submitted * kS, j.run * kS, j.requested * kS, j.processors});
  GangSpec gangs;
  gangs.nodes = {{2, {"", 4000, std::int64_t{8} << 30, 0, ""}}};
  using scheduler::BatchRule;
  for (const BatchRule rule : {BatchRule::kFcfs, BatchRule::kEasy, BatchRule::kSjf, BatchRule::kEasySjf}) {
    CAPTURE(static_cast<int>(rule));
    RunRecord whole, placed, again;
    BenchSpec bench = small_whole_bench();
    bench.energy = EnergySpec{{100, 120, 200}, 10, {}, {}};
    run_whole_batch(bench, log, gangs_of(log, gangs), {}, rule, *scheduler::known_policy("Default"), 1, whole);
    measure_batch(log, run_batch(log, rule, OverrunRule::kKill), OverrunRule::kKill, placed);
    CHECK(*whole.metric("jobs_unfinished") == 0);
    CHECK(*whole.metric("pods_failed") == 0);
    CHECK(*whole.metric("user_requests_undone") == 0);
    CHECK(*whole.metric("reservations") == *placed.metric("reservations"));
    // Each start in a chain is later by what binding, starting and ending take.
    CHECK(*whole.metric("wait_mean_s") > *placed.metric("wait_mean_s"));
    CHECK(*whole.metric("wait_mean_s") < *placed.metric("wait_mean_s") + 15);
    CHECK(*whole.metric("wait_p90_s") < *placed.metric("wait_p90_s") + 15);
    double core_seconds = 0;
    for (const LoggedJob& j : log.jobs) core_seconds += in_seconds(std::min(j.run, j.requested)) * static_cast<double>(j.processors);
    const double makespan = core_seconds * 100 / (*whole.metric("utilisation_pct") * 8), joules = *whole.metric("energy_kwh") * 3.6e6;
    // Two nodes from the first job's coming to the last one's end, their cores while jobs have them.
    CHECK(joules > 2 * 100 * makespan + core_seconds * 20);
    CHECK(joules < 2 * 120 * (makespan + 30) + core_seconds * 20 * 1.1);
    run_whole_batch(bench, log, gangs_of(log, gangs), {}, rule, *scheduler::known_policy("Default"), 1, again);
    CHECK(again.digest == whole.digest);
  }
}

TEST_CASE("users of a closed load think from one pod's end to the next one's creation") {
  SyntheticSpec spec;
  spec.nodes = {{1, {"", 2000, std::int64_t{8} << 30, 0, ""}}};
  spec.durations = {LawKind::kExponential, 60 * kS};
  spec.shapes = {{1, 1000, 1 << 20, {}, {}}};
  TimedOptions options;
  options.closed = ClosedLoad{5, {LawKind::kExponential, 60 * kS}, 2 * base::kHour};
  const Trace jobs = generate_closed(spec, *options.closed, 1);
  const Both r = run_both(jobs, policy_named("BestFit"), options);
  CHECK(r.whole.load == "closed");
  CHECK(*r.whole.metric("pods_failed") == 0);
  CHECK(*r.whole.metric("user_requests_undone") == 0);
  const double response = *r.placed.metric("response_mean_s");
  CHECK(response > 70);                              // two CPUs for five users: they wait
  CHECK(*r.whole.metric("response_mean_s") > response * 0.85);
  CHECK(*r.whole.metric("response_mean_s") < response * 1.3);
  CHECK(*r.whole.metric("throughput_per_h") < *r.placed.metric("throughput_per_h") * 1.02);
  CHECK(*r.whole.metric("throughput_per_h") > *r.placed.metric("throughput_per_h") * 0.8);
  // Every user gets through its jobs in their order.
  std::map<std::uint32_t, std::vector<std::uint32_t>> of_user;
  for (const auto& [pod, at] : r.whole_at) of_user[jobs.pods[pod].user].push_back(pod);
  CHECK(of_user.size() == 5);
  for (const auto& [user, pods] : of_user) {
    CHECK(pods.back() - pods.front() + 1 == pods.size());
    for (std::size_t i = 1; i < pods.size(); ++i) {
      CHECK(r.whole_at.at(pods[i]) - r.whole_at.at(pods[i - 1]) > jobs.pods[pods[i - 1]].duration + jobs.pods[pods[i]].think);
    }
  }
  CHECK(run_both(jobs, policy_named("BestFit"), options).whole.digest == r.whole.digest);
  // With nobody else the queue in front of the scheduler holds nobody up.
  CHECK(*run_both(jobs, policy_named("BestFit", true), options).whole.metric("user_requests_undone") == 0);
}

TEST_CASE("a trace that is dealt out in a whole cluster ends with the first user who has nothing left") {
  Trace t = core_nodes(1, 8);
  for (int i = 0; i < 5; ++i) t.pods.push_back(whole_job(base::cat("p", std::to_string(i)), i, 5, 1));
  TimedOptions options;
  options.closed = ClosedLoad{2, {LawKind::kFixed, 10 * kS}, base::kHour};
  deal(t, *options.closed, 1);
  const Both r = run_both(t, policy_named("BestFit"), options);
  CHECK(*r.whole.metric("placed") == 4);
  CHECK(*r.whole.metric("throughput_per_h") > 4 * 3600.0 / 60);
}

TEST_CASE("what a whole cluster still refuses of jobs and queues") {
  TraceFiles files;
  files.write("log.swf", "; MaxProcs: 4\n1 0 0 10 2 -1 -1 2 20 -1 1 1 1 1 1 1 -1 -1\n");
  const auto refused = [&](const std::string& trace, const std::string& policies, const std::string& more = "") {
    const std::string file = files.write("bench.yaml", "apiVersion: orrery/v1\nkind: Bench\nmode: whole-cluster\ncluster: {masters: {count: 1}}\nseeds: 1\npolicies: [" +
                                                           policies + "]\n" + more + "traces:\n  - {" + trace + "}\n");
    return refusal([&] { load_bench(file, {}); });
  };
  const std::string log = "format: swf, file: log.swf", gangs = ", gangs: {nodes: [{cpu: 4, memory: 1Gi}]}";
  CHECK(refused(log + gangs, "FCFS, EASY") == "accepted");
  CHECK(refused(log + gangs + ", overrun: run-on", "SJF") == "accepted");
  CHECK(refused(log + gangs, "BestFit, {name: strict, policy: BestFit, backfill: none}") == "accepted");
  CHECK(refused(log, "FCFS").find("bench.yaml:8: traces: trace \"log\" has processors") != std::string::npos);
  CHECK(refused(log + gangs, "FCFS, BestFit").find("is for pods; give them bench files of their own") != std::string::npos);
  CHECK(refused(log + gangs + ", overrun: run-on", "BestFit").find("bench.yaml:8: traces[0].overrun: is for batch jobs") != std::string::npos);
  CHECK(refused(log + gangs, "FCFS", "warmup: 1h\n").find("bench.yaml:7: warmup: of batch jobs") != std::string::npos);
  CHECK(refused(log + gangs, "FCFS", "sizes: [50%]\n").find("bench.yaml:7: sizes") != std::string::npos);
  CHECK(refused(log + gangs, "{name: a, policy: BestFit, coscheduling: {podGroupBackoffSeconds: -1}}").find("bench.yaml:6: policies[0].coscheduling.podGroupBackoffSeconds") !=
        std::string::npos);
}

}  // namespace orrery::scenarios::bench
