// What PodTopologySpread counts, against upstream's own tables of its inner states (plugins/podtopologyspread/filtering_test.go:
// TestPreFilterState, TestPreFilterStateAddPod, TestPreFilterStateRemovePod). The rows with a feature gate off are left out.
// A count shows in the least maxSkew with which Filter lets the pod pass.
#include <doctest/doctest.h>

#include <span>

#include "model/api/service.h"
#include "tests/scheduler/pod_topology_spread_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

#define WHERE(key, operator, values) \
  "{}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: " \
  "[{matchExpressions: [{key: " key ", operator: " operator ", values: [" values "]}]}]}}}"

/// Constraints, nodes and pods as in pod_topology_spread_world.h.
struct CountRow {
  const char* upstream;
  const char* constraints;
  const char* labels;       // of the pod
  const char* nodes;
  const char* placed;
  const char* expected;     // per hard constraint, ";" between: "DOMAINS/PODS IN THE EMPTIEST: PODS IN THE DOMAIN OF EACH NODE"
  const char* selector = "{}";
  const char* changed = "";   // "+ NODE: POD" or "- NODE: POD", on trial after PreFilter
};

constexpr const char* kTwoZones = "a zone1 | b zone1 | x zone2 | y zone2";
constexpr const char* kAbx = "a zone1 | b zone1 | x zone2";
constexpr const char* kAby = "a zone1 | b zone1 | y zone2";
constexpr const char* kAbInZone1 = "a zone1 | b zone1";
constexpr const char* kAx = "a zone1 | x zone2";
constexpr const char* kFoo32 = "a: foo foo; b: foo; y: foo foo";
constexpr const char* kFoo34 = "a: foo foo; b: foo; y: foo foo foo foo";
constexpr const char* kFooA32 = "a: foo=a foo=a; b: foo=a; y: foo=a foo=a";
constexpr const char* kBar120 = "a: bar; b: bar bar; c: -";
constexpr const char* kFooFooBar = "a - foo | b - foo | c - bar";
constexpr const char* kTaintedC = "a - | b - | c - bar taint";
constexpr const char* kToleratesAll = "{}, tolerations: [{key: key1, operator: Exists}]";

const CountRow kPreFilterStates[] = {
    {"clean cluster with one spreadConstraint", "5 zone foo=bar", "foo", kTwoZones, "", "2/0: 0 0 0 0"},
    {"normal case with one spreadConstraint", "1 zone foo", "foo", kTwoZones, kFoo32, "2/2: 3 3 2 2"},
    {"normal case with null label selector", "1 zone -", "foo", kTwoZones, kFoo32, "2/0: 0 0 0 0"},
    {"normal case with one spreadConstraint, on a 3-zone cluster", "1 zone foo", "foo",
     "a zone1 | b zone1 | x zone2 | y zone2 | o zone3 | p zone3", kFoo32, "3/0: 3 3 2 2 0 0"},
    {"namespace mismatch doesn't count", "1 zone foo", "foo", kTwoZones, "a: foo foo@ns1; b: foo; y: foo@ns2 foo", "2/1: 2 2 1 1"},
    {"normal case with two spreadConstraints", "1 zone foo; 1 node foo", "foo", kTwoZones, kFoo34, "2/3: 3 3 4 4; 4/0: 2 1 0 4"},
    {"soft spreadConstraints should be bypassed", "1 zone foo soft; 1 zone foo; 1 node foo soft; 1 node foo", "foo", kAby, kFoo34,
     "2/3: 3 3 4; 3/1: 2 1 4"},
    {"different labelSelectors - simple version", "1 zone foo; 1 node bar", "foo+bar", kAby, "a: foo; b: bar", "2/0: 1 1 0; 3/0: 0 1 0"},
    {"different labelSelectors - complex pods", "1 zone foo; 1 node bar", "foo+bar", kAby,
     "a: foo foo+bar; b: foo; y: foo foo+bar foo foo+bar", "2/3: 3 3 4; 3/0: 1 0 2"},
    {"two spreadConstraints, and with podAffinity", "1 zone foo; 1 node foo", "foo", kTwoZones, kFoo34, "2/3: 3 3 4 4; 3/1: 2 1 0 4",
     WHERE("node", "NotIn", "x")},
    {"TpKeyToDomainsNum is calculated when MinDomains is enabled", "1 zone foo; 1 node foo", "foo", kTwoZones, kFoo34,
     "2/3: 3 3 4 4; 4/0: 2 1 0 4"},
    {"NodeAffinityPolicy honored with labelSelectors", "1 node bar", "foo", kFooFooBar, kBar120, "2/1: 1 2 0", "{foo: ''}"},
    {"NodeAffinityPolicy ignored with labelSelectors", "1 node bar nodeAffinityPolicy=Ignore", "foo", kFooFooBar, kBar120, "3/0: 1 2 0",
     "{foo: ''}"},
    {"NodeAffinityPolicy honored with nodeAffinity", "1 node bar", "foo", kFooFooBar, kBar120, "2/1: 1 2 0", WHERE("foo", "In", "''")},
    {"NodeAffinityPolicy ignored with nodeAffinity", "1 node bar nodeAffinityPolicy=Ignore", "foo", kFooFooBar, kBar120, "3/0: 1 2 0",
     WHERE("foo", "In", "''")},
    {"NodeTaintsPolicy ignored", "1 node bar", "foo", kTaintedC, kBar120, "3/0: 1 2 0"},
    {"NodeTaintsPolicy honored", "1 node bar nodeTaintsPolicy=Honor", "foo", kTaintedC, kBar120, "2/1: 1 2 0"},
    {"NodeTaintsPolicy honored with tolerated taints", "1 node bar nodeTaintsPolicy=Honor", "foo", kTaintedC, kBar120, "3/0: 1 2 0",
     kToleratesAll},
    {"two node inclusion Constraints, zone: honor/ignore, node: ignore/ignore", "1 zone foo; 1 node foo nodeAffinityPolicy=Ignore", "foo",
     "a zone1 foo | b zone1 | x zone2 foo", "b: foo foo; x: foo", "2/0: 0 0 1; 3/0: 0 2 1", "{foo: ''}"},
    {"two node inclusion Constraints, zone: honor/honor, node: honor/ignore", "1 zone foo nodeTaintsPolicy=Honor; 1 node foo", "foo",
     "a zone1 foo | b zone1 taint | x zone2 foo", "b: foo foo; x: foo", "2/0: 0 0 1; 3/0: 0 2 1"},
    {"two node inclusion Constraints, zone: honor/ignore, node: honor/ignore", "1 zone foo; 1 node foo", "foo",
     "a zone1 | b zone1 foo taint | x zone2 foo | y zone2", "a: foo foo; x: foo; y: foo", "2/0: 0 0 1 1; 2/0: 0 0 1 0", "{foo: ''}"},
    {"two node inclusion Constraints, zone: ignore/ignore, node: honor/honor",
     "1 zone foo nodeAffinityPolicy=Ignore; 1 node foo nodeTaintsPolicy=Honor", "foo",
     "a zone1 | b zone1 foo taint | x zone2 foo | y zone2 foo", "a: foo foo; x: foo foo; y: foo", "2/2: 2 2 3 3; 2/1: 0 0 2 1", "{foo: ''}"},
    {"matchLabelKeys ANDed with LabelSelector when LabelSelector isn't empty", "1 zone foo matchLabelKeys=bar", "foo+bar=a", kTwoZones,
     "a: foo foo+bar=a; b: foo; y: foo+bar=a bar", "2/1: 1 1 1 1"},
    {"matchLabelKeys ANDed with LabelSelector when LabelSelector is empty", "1 zone {} matchLabelKeys=foo", "foo=a", kTwoZones, kFooA32,
     "2/2: 3 3 2 2"},
    {"key in matchLabelKeys is ignored when LabelSelector is nil when feature gate enabled", "1 zone - matchLabelKeys=bar", "foo", kTwoZones,
     kFooA32, "2/0: 0 0 0 0"},
    {"key in matchLabelKeys is ignored when it isn't exist in pod.labels", "1 zone foo matchLabelKeys=bar", "foo", kTwoZones, kFooA32,
     "2/2: 3 3 2 2"},
};

constexpr const char* kFooBarAndFoo = "a zone1 foo=bar | b zone2 foo";
const CountRow kAddedPods[] = {
    {"node a and b both impact current min match", "1 node foo", "foo", kAbInZone1, "", "2/0: 1 0", "{}", "+ a: foo"},
    {"only node a impacts current min match", "1 node foo", "foo", kAbInZone1, "b: foo", "2/1: 1 1", "{}", "+ a: foo"},
    {"add a pod in a different namespace doesn't change topologyKeyToMinPodsMap", "1 node foo", "foo", kAbInZone1, "b: foo", "2/0: 0 1",
     "{}", "+ a: foo@ns1"},
    {"add pod on non-critical node won't trigger re-calculation", "1 node foo", "foo", kAbInZone1, "b: foo", "2/0: 0 2", "{}", "+ b: foo"},
    {"node a and x both impact topologyKeyToMinPodsMap on zone and node", "1 zone foo; 1 node foo", "foo", kAx, "", "2/0: 1 0; 2/0: 1 0",
     "{}", "+ a: foo"},
    {"only node a impacts topologyKeyToMinPodsMap on zone and node", "1 zone foo; 1 node foo", "foo", kAx, "x: foo", "2/1: 1 1; 2/1: 1 1",
     "{}", "+ a: foo"},
    {"node a impacts topologyKeyToMinPodsMap on node, node x impacts topologyKeyToMinPodsMap on zone", "1 zone foo; 1 node foo", "foo", kAbx,
     "b: foo foo; x: foo", "2/1: 3 3 1; 3/1: 1 2 1", "{}", "+ a: foo"},
    {"Constraints hold different labelSelectors, node a impacts topologyKeyToMinPodsMap on zone", "1 zone foo; 1 node bar", "foo+bar", kAbx,
     "b: foo+bar; x: foo+bar bar", "2/1: 2 2 1; 3/0: 0 1 2", "{}", "+ a: foo"},
    {"Constraints hold different labelSelectors, node a impacts topologyKeyToMinPodsMap on both zone and node", "1 zone foo; 1 node bar",
     "foo+bar", kAbx, "b: bar; x: foo+bar bar", "2/1: 1 1 1; 3/1: 1 1 2", "{}", "+ a: foo+bar"},
    {"add a pod when scheduling node affinity unmatched pod with NodeInclusionPolicy enabled", "1 zone foo", "foo", kFooBarAndFoo,
     "a: foo; b: foo", "1/1: 0 1", WHERE("foo", "NotIn", "bar"), "+ a: foo"},
    {"add a pod when scheduling node affinity matched pod with NodeInclusionPolicy enabled", "1 zone foo", "foo", kFooBarAndFoo,
     "a: foo; b: foo", "2/1: 1 2", "{}", "+ b: foo"},
    {"add a label selector not matched pod when with NodeInclusionPolicy enabled", "1 zone foo", "foo", kFooBarAndFoo, "a: foo; b: foo",
     "2/1: 1 1", "{}", "+ b: -"},
    {"add a pod when scheduling taint tolerated pod with NodeInclusionPolicy enabled", "1 zone foo", "foo", "a zone1 taint | b zone2",
     "a: foo; b: foo", "2/1: 1 2", kToleratesAll, "+ b: foo"},
};

const CountRow kRemovedPods[] = {
    {"one spreadConstraint on zone, topologyKeyToMinPodsMap unchanged", "1 zone foo", "foo", kAbx, "a: foo; b: foo; x: foo", "2/1: 1 1 1",
     "{}", "- a: foo"},
    {"one spreadConstraint on node, topologyKeyToMinPodsMap changed", "1 zone foo", "foo", kTwoZones, "a: foo; b: foo; x: foo; y: foo",
     "2/1: 1 1 2 2", "{}", "- a: foo"},
    {"delete an irrelevant pod won't help", "1 zone foo", "foo", kTwoZones, "a: bar foo; b: foo; x: foo; y: foo", "2/2: 2 2 2 2", "{}",
     "- a: bar"},
    {"delete a non-existing pod won't help", "1 zone foo", "foo", kTwoZones, "a: foo; b: foo; x: foo; y: foo", "2/2: 2 2 2 2", "{}",
     "- a: bar"},
    {"two spreadConstraints", "1 zone foo; 1 node foo", "foo", kAbx, "a: foo foo; b: foo; x: foo foo", "2/1: 3 3 1; 3/1: 2 1 1", "{}",
     "- x: foo"},
    {"remove a pod when scheduling node affinity unmatched pod with NodeInclusionPolicy enabled", "1 zone foo", "foo", kFooBarAndFoo,
     "a: foo; b: foo", "1/1: 0 1", WHERE("foo", "NotIn", "bar"), "- a: foo"},
    {"remove a pod when scheduling node affinity matched pod with NodeInclusionPolicy enabled", "1 zone foo", "foo", kFooBarAndFoo,
     "a: foo; b: foo", "2/0: 1 0", "{}", "- b: foo"},
};

/// One row's cluster, in which its pod is tried with other numbers in one of its constraints.
class CountWorld {
 public:
  explicit CountWorld(const CountRow& row)
      : row_(row), pod_(spread_pod(row.labels, row.constraints, row.selector, "DoNotSchedule")) {
    build_spread_cluster(row.nodes, row.placed, world_);
    plugin_ = dynamic_cast<const PodTopologySpread*>(world_.framework().find("PodTopologySpread"));
    for (const std::string& node : parts(row.nodes, '|')) nodes_.push_back(world_.snapshot().find(parts(node, ' ')[0]));
  }

  std::string counts() {
    std::string out;
    for (std::size_t i = 0; i < pod_.spec->topology_spread_constraints.size(); ++i) {
      if (pod_.spec->topology_spread_constraints[i].when_unsatisfiable == "DoNotSchedule") out += base::cat(out.empty() ? "" : "; ", counts(i));
    }
    return out;
  }

 private:
  static constexpr std::int32_t kMany = 1000;

  std::string counts(std::size_t i) {
    const api::TopologySpreadConstraint constraint = pod_.spec->topology_spread_constraints[i];
    const bool self = parse_spread_constraint(constraint, pod_.metadata.labels).selector.matches(pod_.metadata.labels);
    std::string each;
    std::int32_t most = -1, emptiest = 0, domains = 0;
    for (const NodeInfo* node : nodes_) {
      const std::int32_t count = least_skew(i, *node, kMany) - (self ? 1 : 0);
      each += base::cat(" ", std::to_string(count));
      if (count <= most) continue;
      most = count;
      emptiest = count + (self ? 1 : 0) - least_skew(i, *node, 1);
    }
    while (explanation(i, domains + 1).find("fewer domains") == std::string::npos) ++domains;
    return base::cat(std::to_string(domains), "/", std::to_string(emptiest), ":", each);
  }

  /// While the minimum of pods counts as 0 when there are fewer domains than `min_domains`.
  std::int32_t least_skew(std::size_t i, const NodeInfo& node, std::int32_t min_domains) {
    for (std::int32_t skew = 0; skew < kMany; ++skew) {
      const PodInfoRef pod = with(i, skew, min_domains);
      if (plugin_->filter(prepared(*pod), *pod, node).ok()) return skew;
    }
    return kMany;
  }
  std::string explanation(std::size_t i, std::int32_t min_domains) {
    const PodInfoRef pod = with(i, -kMany, min_domains);
    return plugin_->shortfall(prepared(*pod), *pod, *nodes_.front());
  }

  /// The pod with other numbers in constraint `i`, and others that never reject.
  PodInfoRef with(std::size_t i, std::int32_t skew, std::int32_t min_domains) {
    api::Pod pod = pod_;
    auto& all = pod.spec.edit().topology_spread_constraints.edit();
    for (std::size_t j = 0; j < all.size(); ++j) all[j].max_skew = kMany;
    all[i].max_skew = skew;
    all[i].min_domains = min_domains;
    return world_.pod(std::move(pod));
  }
  CycleState prepared(const PodInfo& pod) {
    CycleState state;
    NodeNames names;
    CHECK(plugin_->pre_filter(state, pod, names).ok());
    if (!*row_.changed) return state;
    const std::vector<std::string> words = parts(row_.changed, ' ');   // "+", "NODE:", "POD"
    const PodInfoRef changed = world_.pod(placed_pod(words[2]));
    const NodeInfo& node = *world_.snapshot().find(words[1].substr(0, words[1].size() - 1));
    if (words[0] == "+") plugin_->add_pod(state, pod, *changed, node);
    else plugin_->remove_pod(state, pod, *changed, node);
    return state;
  }

  const CountRow& row_;
  api::Pod pod_;
  PluginWorld world_;
  const PodTopologySpread* plugin_;
  std::vector<const NodeInfo*> nodes_;
};

void check_counts(std::span<const CountRow> rows) {
  for (const CountRow& row : rows) {
    CAPTURE(std::string(row.upstream));
    CHECK(CountWorld(row).counts() == row.expected);
  }
}

/// TestPreFilterState's rows about default constraints: the ones that it expects, as they show on nodes.
struct DefaultRow {
  const char* upstream;
  const char* defaults;
  const char* service;      // its selector
  const char* constraints;  // of the pod
  const char* expected;
};

constexpr const char* kRacked = "a zone1 rack=r1 | b zone1 rack=r2 | c zone2 rack=r2 | d -";
constexpr const char* kBazzed = "a: foo=bar+baz=tar foo=bar foo=bar; b: baz=tar; c: baz=tar";
#define NO_LABEL "UnschedulableAndUnresolvable: node(s) didn't match pod topology spread constraints (missing required label)"
#define TOO_MANY "Unschedulable: node(s) didn't match pod topology spread constraints"

const DefaultRow kDefaults[] = {
    {"default constraints and a service", "3 node -; 2 node - soft; 5 rack -", "{foo: bar}", "", TOO_MANY " | ok | ok | " NO_LABEL},
    {"default constraints and a service that doesn't match", "3 node -", "{baz: kep}", "", "skip"},
    {"default constraints and a service, but pod has constraints", "2 node -", "{foo: bar}", "1 zone baz=tar; 2 planet fot=rok soft",
     TOO_MANY " | " TOO_MANY " | ok | " NO_LABEL},
    {"default soft constraints and a service", "2 node - soft", "{foo: bar}", "", "skip"},
    {"skip if not specified", "", "{foo: bar}", "", "skip"},
};

}  // namespace

TEST_CASE("PodTopologySpread: TestPreFilterState") { check_counts(kPreFilterStates); }

TEST_CASE("PodTopologySpread: TestPreFilterStateAddPod, TestPreFilterStateRemovePod") {
  check_counts(kAddedPods);
  check_counts(kRemovedPods);
}

TEST_CASE("PodTopologySpread: TestPreFilterState with default constraints") {
  for (const DefaultRow& row : kDefaults) {
    CAPTURE(std::string(row.upstream));
    ProfileConfig config;
    config.spread.system_defaults = false;
    for (const std::string& c : parts(row.defaults, ';')) config.spread.default_constraints.push_back(spread_constraint(c, "DoNotSchedule"));
    PluginWorld world(config);
    build_spread_cluster(kRacked, kBazzed, world);
    world.lister().set(api::make_object(
        from_yaml<api::Service>(base::cat("{metadata: {name: s, namespace: default}, spec: {selector: ", row.service, "}}"))));
    CHECK(world.verdicts("PodTopologySpread", world.pod(spread_pod("foo=bar+baz=tar", row.constraints, "{}", "DoNotSchedule"))) == row.expected);
  }
}

#undef WHERE
#undef NO_LABEL
#undef TOO_MANY
