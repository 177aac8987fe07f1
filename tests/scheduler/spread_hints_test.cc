// PodTopologySpread's queueing hints against upstream's own tables (plugins/podtopologyspread/plugin_test.go: the rows about taints of
// nodes and about changes of the rejected pod itself; the others stand in queueing_hints_test.cc).
#include <doctest/doctest.h>

#include "tests/scheduler/pod_topology_spread_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct SpreadNodeHint {
  const char* upstream;
  const char* constraints;   // as in pod_topology_spread_world.h
  const char* labels;        // of the node
  const char* old_taint;     // its key
  const char* taint;
  const char* expected;
};
const SpreadNodeHint kTaintChanges[] = {
    {"update node with different taints that match all topologySpreadConstraints", "1 zone foo; 1 node foo", "zone=zone1+node=node1", "aaa",
     "ccc", "queue"},
    {"update node with different taints that only match one of topologySpreadConstraints", "1 zone foo; 1 node foo", "node=node1", "aaa",
     "ccc", "skip"},
};

/// Changes of the pod itself.
struct SpreadPodHint {
  const char* upstream;
  const char* constraints;
  const char* old_labels;
  const char* labels;
  const char* tolerated;     // the key of a new toleration; "" none
  const char* expected;
};
const SpreadPodHint kOwnChanges[] = {
    {"the unschedulable Pod has topologySpreadConstraint with NodeTaintsPolicy:Honor and has got a new toleration",
     "1 zone foo nodeTaintsPolicy=Honor; 1 node bar", "foo", "foo", "node.kubernetes.io/unschedulable", "queue"},
    {"the unschedulable Pod has topologySpreadConstraint without NodeTaintsPolicy:Honor and has got a new toleration",
     "1 zone foo nodeTaintsPolicy=Ignore; 1 node bar", "foo", "foo", "node.kubernetes.io/unschedulable", "skip"},
    {"the unschedulable Pod has topologySpreadConstraint and has got a new label matching the selector of the constraint",
     "1 zone foo nodeTaintsPolicy=Ignore; 1 node bar", "-", "foo", "", "queue"},
    {"the unschedulable Pod has topologySpreadConstraint and has got a new unrelated label", "1 zone foo nodeTaintsPolicy=Ignore; 1 node bar",
     "-", "unrelated", "", "skip"},
};

api::ObjectRef tainted_node(const char* labels, const char* taint) {
  api::Node node = from_yaml<api::Node>(base::cat("{metadata: {name: node-a}, spec: {taints: [{key: ", taint, ", effect: NoSchedule}]}}"));
  node.metadata.labels = spread_labels(labels);
  return api::make_object(std::move(node));
}

api::Pod hinted_pod(const char* labels, const char* constraints) {
  api::Pod pod = spread_pod(labels, constraints, "{}", "DoNotSchedule");
  pod.metadata.uid = "target";
  return pod;
}

}  // namespace

TEST_CASE("PodTopologySpread: hints after taints of a node have changed") {
  for (const SpreadNodeHint& row : kTaintChanges) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    CHECK(world.hint("PodTopologySpread", world.pod(hinted_pod("-", row.constraints)), EventResource::kNode,
                     tainted_node(row.labels, row.old_taint), tainted_node(row.labels, row.taint)) == row.expected);
  }
}

TEST_CASE("PodTopologySpread: hints after the pod itself has changed") {
  for (const SpreadPodHint& row : kOwnChanges) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    api::Pod now = hinted_pod(row.labels, "");
    if (*row.tolerated) {
      now.spec.edit().tolerations.push_back(from_yaml<api::Toleration>(base::cat("{key: ", row.tolerated, ", operator: Exists}")));
    }
    CHECK(world.hint("PodTopologySpread", world.pod(hinted_pod("foo", row.constraints)), EventResource::kUnscheduledPod,
                     api::make_object(hinted_pod(row.old_labels, "")), api::make_object(std::move(now))) == row.expected);
  }
}
