// Closed loads: small cases by hand, the same jobs under every policy, and the machine repairman.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "scenarios/bench/closed_load.h"
#include "scenarios/bench/load_bench.h"
#include "tests/bench/timed_trace.h"
#include "tests/bench/trace_files.h"

namespace orrery::scenarios::bench {
namespace {

SyntheticSpec spec_of(std::int64_t cpus, Law durations) {
  SyntheticSpec out;
  out.nodes = {{1, {"", cpus * 1000, 1 << 30, 0, ""}}};
  out.durations = durations;
  out.shapes = {{1, 1000, 1 << 20, {}, {}}};
  return out;
}

RunRecord run_closed(const SyntheticSpec& spec, const ClosedLoad& load, std::uint64_t seed = 1, const char* policy = "BestFit") {
  TimedOptions options;
  options.closed = load;
  return run_with(generate_closed(spec, load, seed), options, policy, seed);
}

/// Mean response of c servers and n users who think (M/M/c//N): birth and death with rates (n - k) / think and min(k, c) / service.
double repairman_response(int users, int servers, double think, double service) {
  std::vector<double> p{1};
  for (int k = 0; k < users; ++k) p.push_back(p.back() * (users - k) / think * service / std::min(k + 1, servers));
  double all = 0, inside = 0;
  for (int k = 0; k <= users; ++k) {
    all += p[static_cast<std::size_t>(k)];
    inside += k * p[static_cast<std::size_t>(k)];
  }
  const double there = inside / all, throughput = (users - there) / think;
  return there / throughput;
}

}  // namespace

TEST_CASE("a user by hand") {
  const Law think{LawKind::kFixed, 10 * base::kSecond}, work{LawKind::kFixed, 5 * base::kSecond};
  // Pods at 10, 25, 40, 55, 70, 85 and 100, six of which end.
  const RunRecord r = run_closed(spec_of(1, work), {1, think, 100 * base::kSecond});
  CHECK(*r.metric("pods") == 7);
  CHECK(*r.metric("throughput_per_h") == doctest::Approx(6 * 36.0));
  CHECK(*r.metric("response_mean_s") == 5);
  CHECK(*r.metric("cpu_allocation_pct") == doctest::Approx(30));
  CHECK(r.load == "closed");
  // Two users and one CPU: one waits 5 s at 10; from then on they are 5 s apart and never meet.
  const RunRecord two = run_closed(spec_of(1, work), {2, think, 100 * base::kSecond});
  CHECK(*two.metric("wait_p99_s") == 5);
  CHECK(*two.metric("wait_mean_s") == doctest::Approx(5.0 / *two.metric("placed")));
}

TEST_CASE("the machine repairman's mean response") {
  const struct { std::uint32_t users; int cpus; int think, work; } kRows[] = {{12, 4, 60, 30}, {20, 3, 100, 20}, {3, 1, 10, 10}};
  for (const auto& row : kRows) {
    CAPTURE(row.users);
    const SyntheticSpec spec = spec_of(row.cpus, {LawKind::kExponential, row.work * base::kSecond});
    const RunRecord r = run_closed(spec, {row.users, {LawKind::kExponential, row.think * base::kSecond}, 4 * 24 * base::kHour});
    const double response = repairman_response(static_cast<int>(row.users), row.cpus, row.think, row.work);
    CAPTURE(response);
    CHECK(response > row.work * 1.1);   // they do wait
    CHECK(*r.metric("placed") > 30'000);
    CHECK(*r.metric("response_mean_s") == doctest::Approx(response).epsilon(0.025));
    CHECK(*r.metric("throughput_per_h") == doctest::Approx(3600.0 * row.users / (row.think + response)).epsilon(0.015));
  }
}

TEST_CASE("the k-th job and think time of a user are the same, whoever else is there and whatever the policy") {
  SyntheticSpec spec = spec_of(4, {LawKind::kLognormal, 100 * base::kSecond, 1.0});
  spec.shapes.push_back({1, 3000, 1 << 20, {}, {}});
  const Law think{LawKind::kExponential, 30 * base::kSecond};
  const Trace few = generate_closed(spec, {2, think, base::kHour}, 5), many = generate_closed(spec, {6, think, base::kHour}, 5);
  std::size_t same = 0;
  for (std::size_t i = 0; i < few.pods.size(); ++i) {
    same += few.pods[i].duration == many.pods[i].duration && few.pods[i].think == many.pods[i].think && few.pods[i].milli_cpu == many.pods[i].milli_cpu;
  }
  CHECK(same == few.pods.size());
  CHECK(generate_closed(spec, {2, think, base::kHour}, 6).pods[0].duration != few.pods[0].duration);

  // Every user gets through its jobs in their order, and under neither policy does anybody run out of them.
  for (const char* policy : {"BestFit", "Default"}) {
    CAPTURE(policy);
    std::map<std::uint32_t, std::vector<std::uint32_t>> started;
    TimedOptions options;
    options.closed = ClosedLoad{6, think, base::kHour};
    options.on_start = [&](std::uint32_t pod, base::Nanos) { started[many.pods[pod].user].push_back(pod); };
    const RunRecord r = run_with(many, options, policy);
    CHECK(*r.metric("wait_mean_s") > 1);
    REQUIRE(started.size() == 6);
    for (const auto& [user, pods] : started) {
      CHECK(std::is_sorted(pods.begin(), pods.end()));
      CHECK(pods.back() - pods.front() + 1 == pods.size());
      CHECK(many.pods[pods.back() + 1].user == user);
    }
  }
}

TEST_CASE("a trace is dealt out in its order; whoever has nothing left ends it") {
  Trace t;
  t.timed = true;
  t.nodes = {{"n", 8000, 1 << 30, 0, ""}};
  for (int i = 0; i < 5; ++i) t.pods.push_back(cpu_pod(("p" + std::to_string(i)).c_str(), 1000 - i, 5, 1000));
  const ClosedLoad load{2, {LawKind::kFixed, 10 * base::kSecond}, base::kHour};
  deal(t, load, 1);
  CHECK(t.pods[0].name == "p4");
  TimedOptions options;
  options.closed = load;
  // The users have p4, p2, p0 and p3, p1: they come at 10 and at 25. At 30 the second one has done all it had.
  const RunRecord r = run_with(t, options);
  CHECK(*r.metric("placed") == 4);
  CHECK(*r.metric("throughput_per_h") == doctest::Approx(4 * 3600.0 / 30));
  CHECK(*r.metric("cpu_allocation_pct") == doctest::Approx(4 * 5.0 * 100 / (8 * 30)));
}

TEST_CASE("closed loads that are wrong") {
  TraceFiles files;
  files.write("log.swf", "; MaxProcs: 4\n1 0 0 10 2 -1 -1 2 20 -1 1 1 1 1 1 1 -1 -1\n");
  const auto refused = [&](const std::string& trace, const std::string& more = "", const char* mode = "placement-only") {
    const std::string file = files.write("bench.yaml", "apiVersion: orrery/v1\nkind: Bench\nmode: " + std::string(mode) + "\nseeds: 1\npolicies: [BestFit]\n" + more +
                                                           "traces:\n  - {" + trace + "}\n");
    return refusal([&] { load_bench(file, {}); });
  };
  const auto says = [&](const std::string& text, const std::string& what) {
    CAPTURE(text);
    CHECK(text.find(what) != std::string::npos);
  };
  const std::string laws = "format: synthetic, nodes: [{cpu: 4, memory: 1Gi}], durations: {law: fixed, scale: 1s}, shapes: [{cpu: 1, memory: 1Mi}]";
  const std::string closed = ", load: {closed: {users: 2, think: {law: fixed, scale: 1s}, for: 1h}}";
  CHECK(refused(laws + closed) == "accepted");
  says(refused(laws + closed + ", pods: 5"), "bench.yaml:7: traces[0].pods: is decided by the users");
  says(refused(laws + ", load: closed"), "says nothing about its users");
  says(refused(laws + ", load: open"), "\"pods\" is missing");
  says(refused(laws + ", load: {closed: {users: 0, think: {law: fixed, scale: 1s}, for: 1h}}"), "users: 0 is out of range");
  says(refused(laws + ", load: {closed: {users: 1, think: {law: fixed, scale: 1s}, for: 0s}}"), "for: must be above 0");
  says(refused(laws + closed, "warmup: 1h\n"), "is over by then");
  says(refused("format: swf, file: log.swf, gangs: {nodes: [{cpu: 4, memory: 1Gi}]}" + closed), "unknown key \"load\"");
  says(refused("format: synthetic, nodes: [{cpu: 4, memory: 1Gi}], durations: {law: fixed, scale: 1s}, shapes: [{cpu: 1, memory: 1Mi, gang: 2}]" + closed),
       "a gang is no job");
  says(refused(laws + closed, "cluster: {masters: {count: 1}}\n", "whole-cluster"), "accepted");
}

}  // namespace orrery::scenarios::bench
