// PodTopologySpread's PreScore against upstream's own tables (plugins/podtopologyspread/scoring_test.go: TestPreScoreSkip,
// TestPreScoreStateEmptyNodes). Which nodes are ignored shows in the scores of an empty cluster; the weight of a constraint, log(2 +
// domains), in the raw score of the first node with many pods on it.
#include <doctest/doctest.h>

#include <cmath>

#include "model/api/replica_set.h"
#include "tests/scheduler/pod_topology_spread_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

constexpr const char* kSystem = "system";

/// Constraints and nodes as in pod_topology_spread_world.h.
struct PreScoreRow {
  const char* upstream;
  const char* defaults;     // constraints, or kSystem
  const char* constraints;
  const char* labels;       // of the pod
  const char* owner;        // a ReplicaSet; "" none
  const char* selects;      // the key that the ReplicaSet "rs1" selects; "" when there is none
  const char* nodes;
  const char* scores;       // in the empty cluster, or "skip"
  const char* domains;      // per soft constraint: the number that upstream's weight is made of
  const char* selector = "{}";
};

constexpr const char* kThree = "a zone1 | b zone1 | x zone2";
constexpr const char* kThreeFoo = "a zone1 foo | b zone1 foo | x zone2";
constexpr const char* kThreeTaint = "a zone1 foo | b zone1 foo | x zone2 taint";
constexpr const char* kInFoo =
    "{}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
    "[{matchExpressions: [{key: foo, operator: In, values: ['']}]}]}}}";

const PreScoreRow kPreScores[] = {
    // TestPreScoreSkip
    {"the pod doesn't have soft topology spread Constraints", "", "", "-", "", "", "a - | b -", "skip", ""},
    {"default constraints and a replicaset that doesn't match", "2 planet -", "", "foo=bar+baz=sup", "rs2", "tar", "a - planet=mars", "skip", ""},
    // TestPreScoreStateEmptyNodes
    {"normal case", "", "1 zone foo; 1 host foo", "foo", "", "", kThree, "100 100 100", "2 3"},
    {"null selector", "", "1 zone -", "foo", "", "", kThree, "100 100 100", "2"},
    {"node-x doesn't have label zone", "", "1 zone foo; 1 host bar", "foo", "", "", "a zone1 | b zone1 | x -", "100 100 0", "1 2"},
    {"system default constraints and a replicaset", kSystem, "", "foo=tar+baz=sup", "rs1", "foo",
     "a - topology.kubernetes.io/zone=mars | b - topology.kubernetes.io/zone=mars | c - | d -", "33 33 100 100", "4 2"},
    {"default constraints and a replicaset", "1 host -; 2 rack - hard; 2 planet -", "", "foo=tar+baz=sup", "rs1", "foo",
     "a - rack=rack1 planet=mars", "100", "1 1"},
    {"default constraints and a replicaset, but pod has constraints", "2 galaxy -", "1 zone bar hard; 2 planet baz=sup", "foo=bar+baz=sup",
     "rs1", "foo", "a - planet=mars galaxy=andromeda", "100", "1"},
    {"NodeAffinityPolicy honored with labelSelectors", "", "1 zone bar", "foo", "", "", kThreeFoo, "100 100 100", "2", "{foo: ''}"},
    {"NodeAffinityPolicy ignored with labelSelectors", "", "1 zone bar nodeAffinityPolicy=Ignore", "foo", "", "", kThreeFoo, "100 100 100",
     "2", "{foo: ''}"},
    {"NodeAffinityPolicy honored with nodeAffinity", "", "1 zone bar", "foo", "", "", kThreeFoo, "100 100 100", "2", kInFoo},
    {"NodeAffinityPolicy ignored with nodeAffinity", "", "1 zone bar nodeAffinityPolicy=Ignore", "foo", "", "", kThreeFoo, "100 100 100", "2",
     kInFoo},
    {"NodeTaintsPolicy honored", "", "1 zone bar nodeTaintsPolicy=Honor", "foo", "", "", kThreeTaint, "100 100 100", "2"},
    {"NodeTaintsPolicy ignored", "", "1 zone bar", "foo", "", "", kThreeTaint, "100 100 100", "2"},
};

class PreScoreWorld {
 public:
  /// With `pods` pods on node a, which every selector matches except one of nothing.
  PreScoreWorld(const PreScoreRow& row, int pods) : world_(config_of(row)) {
    std::string placed;
    for (int i = 0; i < pods; ++i) placed += base::cat(i == 0 ? "a:" : "", " foo=tar+bar+baz=sup");
    build_spread_cluster(row.nodes, placed, world_);
    if (*row.selects) {
      world_.lister().set(api::make_object(from_yaml<api::ReplicaSet>(base::cat(
          "{metadata: {name: rs1, namespace: default}, spec: {selector: {matchExpressions: [{key: ", row.selects, ", operator: Exists}]}}}"))));
    }
    api::Pod pod = spread_pod(row.labels, row.constraints, row.selector, "ScheduleAnyway");
    if (*row.owner) {
      pod.metadata.owner_references.push_back(
          from_yaml<api::OwnerReference>(base::cat("{apiVersion: apps/v1, kind: ReplicaSet, controller: true, name: ", row.owner, "}")));
    }
    pod_ = world_.pod(std::move(pod));
    plugin_ = dynamic_cast<const PodTopologySpread*>(world_.framework().find("PodTopologySpread"));
  }
  std::string scores() { return world_.scores("PodTopologySpread", pod_); }
  std::vector<SpreadConstraint> soft() const { return plugin_->constraints(*pod_, "ScheduleAnyway"); }
  std::int64_t raw() const {
    const std::vector<const NodeInfo*>& nodes = world_.snapshot().nodes();
    CycleState state;
    CHECK(plugin_->pre_score(state, *pod_, nodes).ok());
    return plugin_->score(state, *pod_, *world_.snapshot().find("a"));
  }

 private:
  static ProfileConfig config_of(const PreScoreRow& row) {
    ProfileConfig config;
    config.spread.system_defaults = row.defaults == kSystem;
    if (config.spread.system_defaults) return config;
    for (const std::string& c : parts(row.defaults, ';')) config.spread.default_constraints.push_back(spread_constraint(c, "ScheduleAnyway"));
    return config;
  }

  PluginWorld world_;
  PodInfoRef pod_;
  const PodTopologySpread* plugin_;
};

}  // namespace

TEST_CASE("PodTopologySpread: TestPreScoreSkip, TestPreScoreStateEmptyNodes") {
  constexpr int kPods = 100;
  for (const PreScoreRow& row : kPreScores) {
    CAPTURE(std::string(row.upstream));
    CHECK(PreScoreWorld(row, 0).scores() == row.scores);
    const std::vector<std::string> domains = parts(row.domains, ' ');
    if (domains.empty()) continue;
    const PreScoreWorld full(row, kPods);
    const std::vector<SpreadConstraint> soft = full.soft();
    REQUIRE(soft.size() == domains.size());
    double expected = 0;
    for (std::size_t i = 0; i < soft.size(); ++i) {
      const int pods = soft[i].selector.is_nothing() ? 0 : kPods;
      expected += pods * std::log(std::stoi(domains[i]) + 2) + soft[i].max_skew - 1;
    }
    CHECK(full.raw() == std::llround(expected));
  }
}
