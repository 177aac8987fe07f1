// PodTopologySpread's scores against upstream's own table (plugins/podtopologyspread/scoring_test.go,
// TestPodTopologySpreadScore; the rows with a feature gate off are left out), and its filter against those of filtering_test.go
// (TestSingleConstraint, TestMultipleConstraints).
#include <doctest/doctest.h>

#include "model/api/service.h"
#include "tests/scheduler/pod_topology_spread_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

#define ON_FOO "{}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: "
#define NODE_IN(key, values) ON_FOO "[{key: " key ", operator: In, values: [" values "]}]}]}}}"

/// Constraints, nodes and pods as in pod_topology_spread_world.h.
struct SpreadRow {
  const char* upstream;
  const char* constraints;  // none: by the default ones, for a service
  const char* labels;       // of the pod
  const char* nodes;
  const char* placed;
  const char* expected;
  const char* selector = "{}";   // the pod's nodeSelector, and more of its spec
};

constexpr const char* kAb = "a - | b -";
constexpr const char* kAbcd = "a - | b - | c - | d -";
constexpr const char* kAbxY = "a - | b - | x - | y - ~";
constexpr const char* kZoned = "a zone1 | b zone1 | x zone2 | y zone2";
constexpr const char* kFive = "a: foo foo foo foo; b: foo foo; x: foo; y: foo foo foo";
constexpr const char* kFour321 = "a: foo foo foo foo; b: foo foo foo; c: foo foo; d: foo";
constexpr const char* kFoo2Bar1 = "a: foo foo; b: foo; c: foo";

const SpreadRow kSpreadScores[] = {
    {"one constraint on node, no existing pods", "1 host foo", "foo", kAb, "", "100 100"},
    {"one constraint on node, only one node is candidate", "1 host foo", "foo", "a - | b - ~", "a: foo foo; b: foo", "100"},
    {"one constraint on node, all nodes have the same number of matching pods", "1 host foo", "foo", kAb, "a: foo; b: foo", "100 100"},
    {"one constraint on node, all 4 nodes are candidates", "1 host foo", "foo", kAbcd, "a: foo foo; b: foo; d: foo foo foo", "20 60 100 0"},
    {"one constraint on node, null selector", "1 host -", "foo", kAbcd, "a: foo foo; b: foo; d: foo foo foo", "100 100 100 100"},
    {"one constraint on node, all 4 nodes are candidates, maxSkew=2", "2 host foo", "foo", kAbcd, "a: foo foo; b: foo; d: foo foo foo",
     "33 66 100 16"},
    {"one constraint on node, all 4 nodes are candidates, maxSkew=3", "3 host foo", "foo", kAbcd, kFour321, "44 66 77 100"},
    {"system defaulting, nodes don't have zone, pods match service", "", "foo", kAbcd, kFour321, "44 66 77 100"},
    {"one constraint on node, 3 out of 4 nodes are candidates", "1 host foo", "foo", kAbxY, kFive, "33 83 100"},
    {"one constraint on node, 3 out of 4 nodes are candidates, one node doesn't match topology key", "1 host foo", "foo",
     "a - | b - ! | x - | y - ~", kFive, "16 0 100"},
    {"one constraint on zone, 3 out of 4 nodes are candidates", "1 zone foo", "foo", "a zone1 | b zone1 | x zone2 | y zone2 ~", kFive,
     "75 75 100"},
    {"two Constraints on zone and node, 2 out of 4 nodes are candidates", "1 zone foo; 1 host foo", "foo",
     "a zone1 | b zone1 ~ | x zone2 | y zone2 ~", "a: foo foo; b: foo; x: foo foo; y: foo foo foo foo", "100 63"},
    {"two Constraints on zone, 2 out of 4 nodes are candidates", "1 zone foo; 1 zone bar", "foo+bar",
     "a zone1 | b zone1 ~ | x zone2 | y zone2 ~", "a: foo+bar foo; b: foo+bar; y: foo foo+bar foo", "85 100"},
    {"two Constraints on zone and node, with different labelSelectors", "1 zone foo; 1 host bar", "foo+bar", kZoned,
     "a: foo; b: foo+bar; y: foo bar", "60 20 100 60"},
    {"two Constraints on zone and node, with different labelSelectors, some nodes have 0 pods", "1 zone foo; 1 host bar", "foo+bar", kZoned,
     "b: bar; x: foo; y: foo+bar", "100 60 40 0"},
    {"two Constraints on zone and node, with different labelSelectors, 3 out of 4 nodes are candidates", "1 zone foo; 1 host bar",
     "foo+bar", "a zone1 | b zone1 | x zone2 | y zone2 ~", "a: foo; b: foo+bar; y: foo bar", "50 25 100"},
    {"existing pods in a different namespace do not count", "1 host foo", "foo", kAb, "a: foo@ns1 foo; b: foo foo", "100 33"},
    {"terminating Pods should be excluded", "1 host foo", "foo", kAb, "a: foo#; b: foo", "100 0"},
    {"minDomains has no effect when ScheduleAnyway", "2 node foo minDomains=10", "foo", "a - | b - | c -", "a: foo foo; b: foo foo; c: foo",
     "75 75 100"},
    {"NodeAffinityPolicy honoed with labelSelectors", "1 node foo", "foo", "a - foo | b - foo | c -", kFoo2Bar1, "0 33 100", "{foo: ''}"},
    {"NodeAffinityPolicy ignored with labelSelectors", "1 node foo nodeAffinityPolicy=Ignore", "foo", "a - foo | b - foo | c -", kFoo2Bar1,
     "66 100 100", "{foo: ''}"},
    {"NodeAffinityPolicy honoed with nodeAffinity", "1 node foo", "foo", "a - foo | b - foo | c -", kFoo2Bar1, "0 33 100",
     NODE_IN("foo", "''")},
    {"NodeAffinityPolicy ignored with nodeAffinity", "1 node foo nodeAffinityPolicy=Ignore", "foo", "a - foo | b - foo | c -", kFoo2Bar1,
     "66 100 100", NODE_IN("foo", "''")},
    {"NodeTaintsPolicy honored", "1 node foo nodeTaintsPolicy=Honor", "foo", "a - | b - | c - taint", kFoo2Bar1, "0 33 100"},
    {"NodeTaintsPolicy ignored", "1 node foo", "foo", "a - | b - | c - taint", kFoo2Bar1, "66 100 100"},
    {"matchLabelKeys ANDed with LabelSelector when LabelSelector is empty", "1 zone {} matchLabelKeys=foo; 1 host {} matchLabelKeys=bar",
     "foo+bar", "a zone1 | b zone1 | c zone2 | d zone2", "a: foo; b: foo+bar; c: foo bar", "60 20 60 100"},
    {"matchLabelKeys ANDed with LabelSelector when LabelSelector isn't empty", "1 zone foo; 1 host bar matchLabelKeys=baz", "foo+bar+baz",
     "a zone1 | b zone1 | c zone2 | d zone2", "a: foo; b: foo+bar+baz; c: foo bar bar+baz", "60 20 60 100"},
};

/// `expected` per node: o (ok), S (skewed), N (a label is missing).
constexpr const char* k2103 = "a: foo foo; b: foo; y: foo foo foo";
constexpr const char* kFooFooFoo = "a: foo; b: foo; y: foo";
constexpr const char* kHostFoo = "a - foo | b - foo | x - foo | y -";
constexpr const char* kHostTaint = "a - foo | b - foo | x - foo | y - taint";
constexpr const char* kZonedFoo = "a zone1 foo | b zone1 foo | x zone2 foo | y zone2";
constexpr const char* kZonedTaint = "a zone1 foo | b zone1 | x zone2 foo | y zone2 foo taint";
constexpr const char* k221 = "a: foo foo; b: foo foo; c: foo";

const SpreadRow kSpreadFilters[] = {
    // TestSingleConstraint
    {"no existing pods", "1 zone foo", "foo", kZoned, "", "o o o o"},
    {"no existing pods, incoming pod doesn't match itself", "1 zone bar", "foo", kZoned, "", "o o o o"},
    {"existing pods in a different namespace do not count", "1 zone foo", "foo", kZoned, "a: foo@ns1 foo@ns2; x: foo; y: foo", "o o S S"},
    {"existing pods do not match null selector", "1 zone -", "foo", kZoned, "x: foo; y: foo", "o o o o"},
    {"pods spread across zones as 3/3, all nodes fit", "1 zone foo", "foo", kZoned, "a: foo foo; b: foo; y: foo foo foo", "o o o o"},
    {"pods spread across zones as 1/2 due to absence of label 'zone' on node-b", "1 zone foo", "foo", "a zone1 | b - | x zone2 | y zone2",
     "a: foo; b: foo; x: foo; y: foo", "o N S S"},
    {"pod cannot be scheduled as all nodes don't have label 'rack'", "1 rack foo", "foo", "a zone1 | x zone2", "", "N N"},
    {"pods spread across nodes as 2/1/0/3, only node-x fits", "1 node foo", "foo", kZoned, k2103, "S S o S"},
    {"pods spread across nodes as 2/1/0/3, maxSkew is 2, node-b and node-x fit", "2 node foo", "foo", kZoned, k2103, "S o o S"},
    {"pods spread across nodes as 2/1/0/3, but pod doesn't match itself", "1 node foo", "bar", kZoned, k2103, "S o o S"},
    {"incoming pod has nodeAffinity, pods spread as 2/~1~/~0~/3, hence node-a fits", "1 node foo", "foo", kZoned, k2103, "o o o S",
     NODE_IN("node", "'a', 'y'")},
    {"terminating Pods should be excluded", "1 node foo", "foo", kAb, "a: foo#; b: foo", "o S"},
    {"incoming pod has nodeAffinity, pods spread as 0/~2~/0/1, hence node-a fits", "1 zone foo", "foo", kZoned, "b: foo foo; y: foo", "o o S S",
     ON_FOO "[{key: node, operator: NotIn, values: [b]}]}]}}}"},
    {"pods spread across nodes as 2/2/1, maxSkew is 2, and the number of domains < minDomains, then the third node fits",
     "2 node foo minDomains=4", "foo", "a - | b - | c -", k221, "S S o"},
    {"pods spread across nodes as 2/2/1, maxSkew is 2, and the number of domains > minDomains, then the all nodes fit",
     "2 node foo minDomains=2", "foo", "a - | b - | c -", k221, "o o o"},
    {"pods spread across zone as 2/1, maxSkew is 2 and the number of domains < minDomains, then the third and fourth nodes fit",
     "2 zone foo minDomains=3", "foo", kZoned, "a: foo; b: foo; y: foo", "S S o o"},
    {"pods spread across zone as 2/1, maxSkew is 2 and the number of domains > minDomains, then the all nodes fit", "2 zone foo minDomains=1",
     "foo", kZoned, "a: foo; b: foo; y: foo", "o o o o"},
    {"NodeAffinityPolicy honored with labelSelectors", "1 node foo", "foo", kHostFoo, kFooFooFoo, "S S o o", "{foo: ''}"},
    {"NodeAffinityPolicy ignored with labelSelectors", "1 node foo nodeAffinityPolicy=Ignore", "foo", kHostFoo, kFooFooFoo, "S S o S",
     "{foo: ''}"},
    {"NodeAffinityPolicy honored with nodeAffinity", "1 node foo", "foo", kHostFoo, kFooFooFoo, "S S o o", NODE_IN("foo", "''")},
    {"NodeAffinityPolicy ignored with labelSelectors (nodeAffinity)", "1 node foo nodeAffinityPolicy=Ignore", "foo", kHostFoo, kFooFooFoo,
     "S S o S", NODE_IN("foo", "''")},
    {"NodeTaintsPolicy honored", "1 node foo nodeTaintsPolicy=Honor", "foo", kHostTaint, kFooFooFoo, "S S o o"},
    {"NodeTaintsPolicy ignored", "1 node foo", "foo", kHostTaint, kFooFooFoo, "S S o S"},
    // TestMultipleConstraints
    {"two Constraints on zone and node, spreads = [3/3, 2/1/0/3]", "1 zone foo; 1 node foo", "foo", kZoned, k2103, "S S o S"},
    {"two Constraints on zone and node, spreads = [3/4, 2/1/0/4]", "1 zone foo; 1 node foo", "foo", kZoned,
     "a: foo foo; b: foo; y: foo foo foo foo", "S S S S"},
    {"Constraints hold different labelSelectors, spreads = [1/0, 1/0/0/1]", "1 zone foo; 1 node bar", "foo+bar", kZoned, "a: foo; y: bar",
     "S S o S"},
    {"Constraints hold different labelSelectors, spreads = [1/0, 0/0/1/1]", "1 zone foo; 1 node bar", "foo+bar", kZoned,
     "a: foo; x: bar; y: bar", "S S S S"},
    {"Constraints hold different labelSelectors, spreads = [2/3, 1/0/0/1]", "1 zone foo; 1 node bar", "foo+bar", kZoned,
     "a: foo foo+bar; y: foo foo+bar foo", "S o S S"},
    {"Constraints hold different labelSelectors but pod doesn't match itself on 'zone' constraint", "1 zone foo; 1 node bar", "bar", kZoned,
     "a: foo; x: bar; y: bar", "o o S S"},
    {"two Constraints on zone and node, absence of label 'node' on node-x, spreads = [1/1, 1/0/0/1]", "1 zone foo; 1 host foo", "foo",
     "a zone1 | b zone1 | x zone2 ! | y zone2", "a: foo; y: foo", "S o N S"},
    {"two node inclusion Constraints, zone: honor/ignore, node: ignore/ignore", "1 zone foo; 1 node foo nodeAffinityPolicy=Ignore", "foo",
     kZonedFoo, kFooFooFoo, "S S o S", "{foo: ''}"},
    {"two node inclusion Constraints, zone: honor/honor, node: honor/ignore", "1 zone foo nodeTaintsPolicy=Honor; 1 node foo", "foo",
     "a zone1 foo | b zone1 foo | x zone2 foo | y zone2 taint", kFooFooFoo, "S S o S"},
    {"two node inclusion Constraints, zone: honor/ignore, node: honor/ignore", "1 zone foo; 1 node foo", "foo", kZonedTaint, kFooFooFoo,
     "S o o S", "{foo: ''}"},
    {"two node inclusion Constraints, zone: honor/honor, node: ignore/ignore",
     "1 zone foo nodeTaintsPolicy=Honor; 1 node foo nodeAffinityPolicy=Ignore", "foo", kZonedTaint, kFooFooFoo, "S S o S", "{foo: ''}"},
    {"two Constraints on zone, spreads = [3/3, 2/1]", "1 zone bar; 1 zone foo", "foo+bar", kZoned,
     "a: foo+bar foo; b: foo+bar; y: foo foo+bar foo", "S S o o"},
    {"two Constraints on zone, spreads = [3/4, 2/1]", "1 zone bar; 1 zone foo", "foo+bar", kZoned,
     "a: foo+bar foo; b: foo+bar; y: foo foo+bar foo foo", "S S S S"},
    // Of TestPreFilterState: the counts that it expects, as far as they show.
    {"namespace mismatch doesn't count", "1 zone foo", "foo", kZoned, "a: foo foo@ns1; b: foo; y: foo@ns2 foo", "S S o o"},
    {"domains as many as minDomains", "1 zone foo minDomains=2", "foo", kZoned, "a: foo foo; x: foo foo", "o o o o"},
    {"domains fewer than minDomains: the global minimum is 0", "1 zone foo minDomains=3", "foo", kZoned, "a: foo foo; x: foo foo", "S S S S"},
    {"matchLabelKeys ANDed with LabelSelector", "1 zone foo matchLabelKeys=bar", "foo+bar", kZoned, "a: foo; b: foo+bar; y: foo foo", "S S o o"},
};

/// As PluginWorld::verdicts() says it.
std::string spelled_out(const char* letters) {
  std::string out;
  for (const std::string& letter : parts(letters, ' ')) {
    const char* said = letter == "o" ? "ok"
                       : letter == "S"
                           ? "Unschedulable: node(s) didn't match pod topology spread constraints"
                           : "UnschedulableAndUnresolvable: node(s) didn't match pod topology spread constraints (missing required label)";
    out += base::cat(out.empty() ? "" : " | ", said);
  }
  return out;
}

PodInfoRef build(const SpreadRow& row, const char* action, PluginWorld& world) {
  build_spread_cluster(row.nodes, row.placed, world);
  if (!*row.constraints) {
    api::Service service = from_yaml<api::Service>("{metadata: {name: s, namespace: default}, spec: {selector: {foo: ''}}}");
    world.lister().set(api::make_object(std::move(service)));
  }
  return world.pod(spread_pod(row.labels, row.constraints, row.selector, action));
}

}  // namespace

TEST_CASE("PodTopologySpread: TestPodTopologySpreadScore") {
  for (const SpreadRow& row : kSpreadScores) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const PodInfoRef pod = build(row, "ScheduleAnyway", world);
    CHECK(world.scores("PodTopologySpread", pod) == row.expected);
  }
}

TEST_CASE("PodTopologySpread: TestSingleConstraint, TestMultipleConstraints") {
  for (const SpreadRow& row : kSpreadFilters) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const PodInfoRef pod = build(row, "DoNotSchedule", world);
    CHECK(world.verdicts("PodTopologySpread", pod) == spelled_out(row.expected));
  }
}

#undef ON_FOO
#undef NODE_IN
