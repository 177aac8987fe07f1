// Every kind of line that `expect` knows can fail, and fails alone: mutants of one scenario, each with one wrong line or one
// thing that goes differently, must have exactly one failing verdict, the one meant.
#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "scenarios/expect/catalogue.h"
#include "scenarios/load/loader.h"
#include "scenarios/run/runner.h"
#include "tests/scenarios/fixture.h"

namespace {

using namespace orrery::scenarios;
using orrery::scenarios_test::failures;

const std::string kBase = std::string(ORRERY_SOURCE_DIR) + "/tests/scenarios/data/every-line.yaml";

struct Mutant {
  const char* fails;     ///< the beginning of the failing verdict
  const char* find;      ///< text of the base
  const char* replace;
};

constexpr Mutant kMutants[] = {
    // converge: too late, too early, lost again, never.
    {"converge writes-accepted", "{what: writes-accepted, after: 60s, within: 2s}", "{what: writes-accepted, after: 100s, within: 500ms}"},
    {"converge writes-accepted master-1", "via: master-1, after: 100s, within: 20s", "via: master-1, after: 100s, within: 500ms"},
    {"converge lease-held-by-live-master", "after: 20s, within: 20s}\n  - {what: leader-acts", "after: 100s, within: 500ms}\n  - {what: leader-acts"},
    {"converge leader-acts", "lease: kube-scheduler, after: 60s", "lease: kube-scheduler, after: 130s"},
    {"converge rollout-complete", "after: 62s, within: 20s, hold: 20s", "after: 50s, within: 5s, hold: 20s"},
    {"converge store-members-equal", "{what: store-members-equal, after: 100s, within: 20s}", "{what: store-members-equal, after: 100s, within: 200ms}"},
    {"converge nodes-ready", "{what: nodes-ready, count: 4, after: 150s", "{what: nodes-ready, count: 5, after: 150s"},
    {"converge node-condition", "reason: NodeStatusUnknown", "reason: NodeStatusNeverUpdated"},
    {"converge node-condition", "notBefore: 10s, within: 30s", "notBefore: 30s, within: 30s"},
    {"converge node-taint", "effect: NoExecute, count: 1,", "effect: NoExecute, count: 2,"},
    {"converge node-without-taint", "unreachable, after: 150s, within: 15s", "unreachable, after: 100s, within: 15s"},
    {"converge pods-ready", "{what: pods-ready, namespace: shop, count: 2", "{what: pods-ready, namespace: shop, count: 3"},
    {"converge pods-in-phase", "phase: Failed, count: 1,", "phase: Succeeded, count: 1,"},
    {"converge pods-with-condition", "reason: EvictionByEvictionAPI", "reason: DeletionByTaintManager"},
    {"converge pods-on-node", "node: worker-2, count: 0", "node: worker-1, count: 0"},
    {"converge endpoints-ready", "{what: endpoints-ready, service: shop/web, count: 2", "{what: endpoints-ready, service: shop/web, count: 3"},
    {"converge object-condition", "without: Failed", "without: FailureTarget"},
    {"converge object-field", "field: spec.replicas, value: \"2\"", "field: spec.replicas, value: \"3\""},
    {"converge object-gone", "{what: object-gone, object: shop/service/old", "{what: object-gone, object: shop/service/web"},
    {"converge object-exists", "{what: object-exists, object: shop/service/old", "{what: object-exists, object: shop/service/new"},
    {"converge event", "from 0 to 2, count: 1", "from 0 to 3, count: 1"},
    {"converge event", "from 0 to 2, count: 1", "from 0 to 2, count: 2"},
    // always: below, above, never seen.
    {"always ready_endpoints", "service: shop/web, min: 2, from: 30s, until: 59s", "service: shop/web, min: 2, from: 30s, until: 100s"},
    {"always ready_pods", "{metric: ready_pods, namespace: shop, min: 2, from: 30s, until: 59s", "{metric: ready_pods, namespace: shop, min: 2, from: 30s, until: 100s"},
    {"always pods ", "{metric: pods, namespace: shop, min: 2, max: 4", "{metric: pods, namespace: shop, min: 2, max: 2"},
    {"always nodes_ready", "{metric: nodes_ready, min: 3, from: 30s", "{metric: nodes_ready, min: 4, from: 30s"},
    {"always pods_evicted", "{metric: pods_evicted, max: 0, until: 59s", "{metric: pods_evicted, max: 0, until: 70s"},
    {"always ready_endpoints", "service: shop/web, min: 2, from: 30s, until: 59s", "service: shop/old, min: 0, from: 80s"},
    // final
    {"final acknowledged_writes:", "{metric: acknowledged_writes, min: 1000}", "{metric: acknowledged_writes, min: 100000}"},
    {"final acknowledged_writes_lost", "{metric: acknowledged_writes_lost, equals: 0}", "{metric: acknowledged_writes_lost, min: 1}"},
    {"final writes_unknown", "{metric: writes_unknown, max: 1000}", "{metric: writes_unknown, min: 1001}"},
    {"final writes_in_flight_at_fault", "{metric: writes_in_flight_at_fault, max: 100}", "{metric: writes_in_flight_at_fault, min: 101}"},
    {"final pods_evicted", "{metric: pods_evicted, equals: 1}", "{metric: pods_evicted, equals: 0}"},
    {"final worker_pods_evicted", "{metric: worker_pods_evicted, equals: 1}", "{metric: worker_pods_evicted, equals: 0}"},
    {"final pods_created", "{metric: pods_created, namespace: shop, equals: 3}", "{metric: pods_created, equals: 3}"},
    {"final pods_failed", "{metric: pods_failed, namespace: batch, equals: 1}", "{metric: pods_failed, namespace: shop, equals: 1}"},
    {"final container_restarts", "{metric: container_restarts, namespace: batch", "{metric: container_restarts, namespace: shop"},
    {"final oom_kills", "{metric: oom_kills, min: 3}", "{metric: oom_kills, max: 2}"},
    {"final process_exits", "{metric: process_exits, process: kube-scheduler, max: 0}", "{metric: process_exits, process: kube-proxy, min: 1}"},
    {"final acknowledged_writes:", "from: 20s, until: 90s, min: 1000", "from: 20s, until: 21s, min: 1000"},
    {"final http_requests", "{metric: http_requests, client: shopper, min: 300}", "{metric: http_requests, client: shopper, min: 4000}"},
    {"final http_failed ", "{metric: http_failed, client: shopper, equals: 0}", "{metric: http_failed, client: shopper, min: 1}"},
    {"final http_failed_ratio", "{metric: http_failed_ratio, client: shopper, max: 0}", "{metric: http_failed_ratio, client: shopper, min: 0.1}"},
    {"final http_failed ", "{metric: http_failed, client: shopper, equals: 0}", "{metric: http_failed, client: idle, equals: 0}"},
    {"final nodes_tainted", "{metric: nodes_tainted, equals: 1}", "{metric: nodes_tainted, max: 0}"},
    {"final energy_joules", "{metric: energy_joules, node: spare-1, min", "{metric: energy_joules, min"},
    {"final pods ", "{metric: pods, namespace: batch, phase: Running, max: 1}", "{metric: pods, namespace: batch, max: 1}"},
    {"final ready_pods", "{metric: ready_pods, namespace: shop, equals: 2}", "{metric: ready_pods, namespace: shop, selector: app!=web, equals: 2}"},
    {"final nodes_ready", "{metric: nodes_ready, equals: 4}", "{metric: nodes_ready, equals: 3}"},
    {"final ready_endpoints", "{metric: ready_endpoints, service: shop/web, equals: 2}", "{metric: ready_endpoints, service: shop/old, equals: 0}"},
    {"final object-condition", "message: Deployment has minimum availability.}", "message: Deployment has maximum availability.}"},
    {"final object-field", "field: status.failed, value: \"1\"", "field: status.failed, value: \"2\""},
    {"final rollout-complete", "- {what: rollout-complete, object: shop/deployment/web}", "- {what: rollout-complete, object: shop/deployment/wab}"},
    // What the timeline asks for and cannot be done.
    {"timeline delete", "- at: 100s\n", "- at: 71s\n  delete: {object: shop/pod/never}\n- at: 100s\n"},
};

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// A scenario text in a file of its own.
RunResult run_text(const std::string& text) {
  const orrery::scenarios_test::TemporaryFile file;
  file.write(text);
  const std::vector<Scenario> runs = load_scenario(file.path(), {});
  RunOptions options;
  options.oracles = false;
  return run_scenario(runs.at(0), options);
}

}  // namespace

TEST_CASE("the base of all mutants holds") {
  const RunResult r = run_text(slurp(kBase));
  CHECK(failures(r) == "");
}

TEST_CASE("each mutant fails in exactly one line") {
  const std::string base = slurp(kBase);
  for (const Mutant& m : kMutants) {
    const std::size_t at = base.find(m.find);
    REQUIRE_MESSAGE(at != std::string::npos, m.find);
    CHECK_MESSAGE(base.find(m.find, at + 1) == std::string::npos, m.find);
    std::string text = base;
    const RunResult r = run_text(text.replace(at, std::string(m.find).size(), m.replace));
    CAPTURE(std::string(m.replace));
    CAPTURE(failures(r));
    CHECK_FALSE(r.ok());
    std::size_t failed = 0;
    for (const Verdict& v : r.verdicts) failed += !v.ok;
    CHECK(failed == 1);
    CHECK(failures(r).rfind(m.fails, 0) == 0);
  }
}

TEST_CASE("every predicate and every metric of the catalogue has a mutant") {
  std::set<std::string> names;
  for (const Mutant& m : kMutants) {
    const std::string words = m.fails;
    const std::size_t blank = words.find(' ');
    names.insert(words.substr(blank + 1, words.find_first_of(" :", blank + 1) - blank - 1));
  }
  for (const PredicateShape& p : kPredicates) CHECK_MESSAGE(names.count(p.name) == 1, p.name);
  for (const MetricShape& m : kMetrics) CHECK_MESSAGE(names.count(m.name) == 1, m.name);
}
