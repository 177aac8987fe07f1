// Queueing hints against upstream's own tables: isSchedulableAfter... of the plugins about nodes and pods. Rows about objects
// of the wrong Go type are left out: an event has objects of its kind here.
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct HintRow {
  const char* upstream;
  const char* pod;        // YAML, as are `old` and `now`; "" is no object
  const char* old;
  const char* now;
  const char* expected;
};

PodInfoRef hint_pod(PluginWorld& world, const char* yaml) {
  auto pod = from_yaml<api::Pod>(yaml);
  if (pod.metadata.uid.empty()) pod.metadata.uid = "target";
  return world.pod(std::move(pod));
}

template <class T>
api::ObjectRef object_or_null(const char* yaml) {
  if (!*yaml) return {};
  return api::make_object(from_yaml<T>(yaml));
}

void check_nodes(const char* plugin, std::span<const HintRow> rows, const ProfileConfig& config = {}) {
  for (const HintRow& row : rows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world(config);
    CHECK(world.hint(plugin, hint_pod(world, row.pod), EventResource::kNode, object_or_null<api::Node>(row.old),
                     object_or_null<api::Node>(row.now)) == row.expected);
  }
}

/// Pods with the uid "target" are the pod itself.
void check_pods(const char* plugin, std::span<const HintRow> rows) {
  for (const HintRow& row : rows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const api::ObjectRef old = object_or_null<api::Pod>(row.old);
    const api::ObjectRef now = object_or_null<api::Pod>(row.now);
    const bool assigned = !(now ? now : old)->as<api::Pod>().spec->node_name.empty();
    CHECK(world.hint(plugin, hint_pod(world, row.pod), assigned ? EventResource::kAssignedPod : EventResource::kUnscheduledPod, old, now) ==
          row.expected);
  }
}

#define TAINTED(value) "{spec: {taints: [{key: dedicated, value: " value ", effect: NoSchedule}]}}"
constexpr const char* kTolerating = "{spec: {tolerations: [{key: dedicated, operator: Equal, value: user2, effect: NoSchedule}]}}";

const HintRow kTaintHints[] = {
    {"skip-queue-on-untoleratedtaint-node-added", kTolerating, "", TAINTED("user1"), "skip"},
    {"queue-on-toleratedtaint-node-added", kTolerating, "", TAINTED("user2"), "queue"},
    {"skip-unrelated-change", kTolerating, TAINTED("user1"),
     "{spec: {taints: [{key: dedicated, value: user1, effect: NoSchedule}, {key: dedicated, value: user3, effect: NoSchedule}]}}", "skip"},
    {"queue-on-taint-change", kTolerating, TAINTED("user1"), TAINTED("user2"), "queue"},
};
const HintRow kTolerations[] = {
    {"skip-updates-other-pod", "{}", "{metadata: {uid: other}}", "{metadata: {uid: other}, spec: {tolerations: [{key: foo, effect: NoSchedule}]}}",
     "skip"},
    {"queue-on-toleration-added", "{}", "{metadata: {uid: target}}",
     "{metadata: {uid: target}, spec: {tolerations: [{key: foo, effect: NoSchedule}]}}", "queue"},
};

#define FOO_BAR "{nodeSelectorTerms: [{matchExpressions: [{key: foo, operator: In, values: [bar]}]}]}"
constexpr const char* kOnFooBar = "{spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: " FOO_BAR "}}}}";
constexpr const char* kFooBarNode = "{metadata: {labels: {foo: bar}}}";

const HintRow kNodeAffinityHints[] = {
    {"skip-queue-on-add", kOnFooBar, "", "{}", "skip"},
    {"queue-on-add", kOnFooBar, "", kFooBarNode, "queue"},
    {"skip-unrelated-changes", kOnFooBar, "{}", "{status: {capacity: {pods: 32}}}", "skip"},
    {"skip-unrelated-changes-on-labels", kOnFooBar, "{}", "{metadata: {labels: {k: v}}}", "skip"},
    {"skip-labels-changes-on-suitable-node", kOnFooBar, kFooBarNode, "{metadata: {labels: {foo: bar, k: v}}}", "skip"},
    {"skip-labels-changes-on-node-from-suitable-to-unsuitable", kOnFooBar, kFooBarNode, "{metadata: {labels: {k: v}}}", "skip"},
    {"queue-on-labels-change-makes-pod-schedulable", kOnFooBar, "{}", kFooBarNode, "queue"},
};
const HintRow kAddedAffinity[] = {
    {"skip-queue-on-add-scheduler-enforced-node-affinity", kOnFooBar, "", "{}", "skip"},
    {"queue-on-add-scheduler-enforced-node-affinity", kOnFooBar, "", kFooBarNode, "queue"},
    // Of our own: upstream asks of the node as it was for the pod's own terms alone.
    {"only the added terms are met anew", "{}", "{}", kFooBarNode, "skip"},
};

#define NOT_READY(cordoned) "{spec: {unschedulable: " cordoned ", taints: [{key: node.kubernetes.io/not-ready, effect: NoExecute}]}}"
const HintRow kUnschedulableNodes[] = {
    {"skip-queue-on-unschedulable-node-added", "{}", "", "{spec: {unschedulable: true}}", "skip"},
    {"queue-on-schedulable-node-added", "{}", "", "{spec: {unschedulable: false}}", "queue"},
    {"skip-unrelated-change-unschedulable-true", "{}", "{spec: {unschedulable: true}}", NOT_READY("true"), "skip"},
    {"skip-unrelated-change-unschedulable-false", "{}", "{spec: {unschedulable: false}}", NOT_READY("false"), "skip"},
    {"queue-on-unschedulable-field-change", "{}", "{spec: {unschedulable: true}}", "{spec: {unschedulable: false}}", "queue"},
};

#define TOLERATING(uid, key) "{metadata: {uid: " uid "}, spec: {tolerations: [{key: " key ", operator: Exists}]}}"
const HintRow kUnschedulablePods[] = {
    {"skip-different-pod-update", "{}", "{metadata: {uid: other}}", TOLERATING("other", "node.kubernetes.io/unschedulable"), "skip"},
    {"queue-when-the-unsched-pod-gets-toleration", "{}", "{metadata: {uid: target}}", TOLERATING("target", "node.kubernetes.io/unschedulable"),
     "queue"},
    {"skip-when-the-unsched-pod-gets-unrelated-toleration", "{}", "{metadata: {uid: target}}", TOLERATING("target", "unrelated-key"), "skip"},
};

#define HOST_PORT(node, port) "{spec: {" node "containers: [{name: c, ports: [{hostPort: " port "}]}]}}"
const HintRow kPorts[] = {
    {"skip-queue-on-unscheduled", HOST_PORT("", "8080"), "{}", "", "skip"},
    {"skip-queue-on-non-hostport", HOST_PORT("", "8080"), "{spec: {nodeName: fake-node}}", "", "skip"},
    {"skip-queue-on-unrelated-hostport", HOST_PORT("", "8080"), HOST_PORT("nodeName: fake-node, ", "8081"), "", "skip"},
    {"queue-on-released-hostport", HOST_PORT("", "8080"), HOST_PORT("nodeName: fake-node, ", "8080"), "", "queue"},
};

#define ASKING(uid, node, amounts) \
  "{metadata: {uid: " uid "}, spec: {" node "containers: [{name: c, resources: {requests: {" amounts "}}}]}}"
#define FAKE "nodeName: fake, "
constexpr const char* kOneCpu = ASKING("target", "", "cpu: 1");
const HintRow kFitPods[] = {
    {"queue-on-other-pod-deleted", kOneCpu, ASKING("other", FAKE, "cpu: 1"), "", "queue"},
    {"skip-queue-on-unscheduled-pod-deleted", "{}", "{}", "", "skip"},
    {"skip-queue-on-other-unscheduled-pod", kOneCpu, ASKING("other", "", "cpu: 2"), ASKING("other", "", "cpu: 1"), "skip"},
    {"skip-queue-on-other-pod-non-resource-changes", "{}", "{metadata: {labels: {k: v}}, spec: {nodeName: fake}}",
     "{metadata: {labels: {foo: bar}}, spec: {nodeName: fake}}", "skip"},
    {"skip-queue-on-other-pod-unrelated-resource-scaled-down", kOneCpu, ASKING("other", FAKE, "memory: 2"), ASKING("other", FAKE, "memory: 1"),
     "skip"},
    {"skip-queue-on-other-pod-resource-scale-up", kOneCpu, ASKING("other", FAKE, "cpu: 1"), ASKING("other", FAKE, "cpu: 2"), "skip"},
    {"queue-on-other-pod-some-resource-scale-down", kOneCpu, ASKING("other", FAKE, "cpu: 2"), ASKING("other", FAKE, "cpu: 1"), "queue"},
    {"queue-on-target-pod-some-resource-scale-down", kOneCpu, ASKING("target", "", "cpu: 2"), ASKING("target", "", "cpu: 1"), "queue"},
};

#define OFFERS(amounts) "{status: {allocatable: {" amounts "}}}"
#define HAS(amounts) OFFERS("pods: 32, " amounts)
#define WANTS(amounts) "{spec: {containers: [{name: c, resources: {requests: {" amounts "}}}]}}"
#define A "example.com/aaa"
constexpr const char* kTwoAndOne = WANTS("memory: 2, " A ": 1");
constexpr const char* kTwoOfAll = WANTS("cpu: 2m, memory: 2, ephemeral-storage: 2, " A ": 2");
constexpr const char* kTwoOfTwo = WANTS("cpu: 2m, memory: 2");
constexpr const char* kOneOfAll = OFFERS("pods: 1, cpu: 1, memory: 1, ephemeral-storage: 1, " A ": 1");
constexpr const char* kOneToFour = HAS("cpu: 1, memory: 2, ephemeral-storage: 3, " A ": 4");
const HintRow kFitNodes[] = {
    {"skip-queue-on-node-add-without-sufficient-resources", WANTS("memory: 2"), "", HAS("memory: 1"), "skip"},
    {"skip-queue-on-node-add-without-required-resource-type", WANTS(A ": 1"), "", HAS("example.com/bbb: 1"), "skip"},
    {"queue-on-node-add-with-sufficient-resources", kTwoAndOne, "", HAS("memory: 4, " A ": 2"), "queue"},
    {"skip-queue-on-node-unrelated-changes", kTwoAndOne, HAS("memory: 2, " A ": 2"), HAS("memory: 2, " A ": 1, example.com/bbb: 2"), "skip"},
    {"queue-on-pod-requested-resources-increase", kTwoAndOne, HAS("memory: 2, " A ": 1"), HAS("memory: 2, " A ": 2"), "queue"},
    {"skip-queue-on-node-changes-from-suitable-to-unsuitable", kTwoAndOne, HAS("memory: 4, " A ": 2"), HAS("memory: 1, " A ": 2"), "skip"},
    {"queue-on-node-changes-from-unsuitable-to-suitable", kTwoAndOne, HAS("memory: 1, " A ": 2"), HAS("memory: 4, " A ": 2"), "queue"},
    // TestIsFit
    {"insufficient resource", WANTS("cpu: 2"), "", HAS("cpu: 1"), "skip"},
    {"sufficient resource", WANTS("cpu: 1"), "", HAS("cpu: 2"), "queue"},
    // TestHaveAnyRequestedResourcesIncreased
    {"no-requested-resources", "{}", kOneOfAll, OFFERS("pods: 1, cpu: 2, memory: 2, ephemeral-storage: 2, " A ": 2"), "skip"},
    {"no-requested-resources-pods-increased", "{}", kOneOfAll, OFFERS("pods: 2, cpu: 1, memory: 1, ephemeral-storage: 1, " A ": 1"), "queue"},
    {"requested-resources-decreased", kTwoOfAll, kOneToFour, HAS("cpu: 1, memory: 2, ephemeral-storage: 1, " A ": 1"), "skip"},
    {"requested-resources-increased", kTwoOfAll, kOneToFour, HAS("cpu: 3, memory: 4, ephemeral-storage: 3, " A ": 4"), "queue"},
    {"non-requested-resources-decreased", kTwoOfTwo, kOneToFour, HAS("cpu: 1, memory: 2, ephemeral-storage: 1, " A ": 1"), "skip"},
    {"non-requested-resources-increased", kTwoOfTwo, kOneToFour, HAS("cpu: 1, memory: 2, ephemeral-storage: 5, " A ": 6"), "skip"},
};
#undef A

#define GATED(uid, gates) "{metadata: {uid: " uid "}, spec: {schedulingGates: [" gates "]}}"
const HintRow kGates[] = {
    {"skip-queue-on-other-pod-updated", GATED("target", "{name: foo}, {name: bar}"), GATED("other", "{name: foo}, {name: bar}"),
     GATED("other", "{name: foo}"), "skip"},
    {"queue-on-the-unsched-pod-updated", "{spec: {schedulingGates: [{name: foo}]}}",
     GATED("target", "{name: foo}"), GATED("target", ""), "queue"},
};

#define OVER(key, selector) \
  "{maxSkew: 1, topologyKey: " key ", whenUnsatisfiable: DoNotSchedule, labelSelector: {matchExpressions: [{key: " selector ", operator: Exists}]}}"
#define SPREAD(constraints) "{metadata: {labels: {foo: ''}}, spec: {topologySpreadConstraints: [" constraints "]}}"
constexpr const char* kOverZone = SPREAD(OVER("zone", "foo"));
constexpr const char* kOverBoth = SPREAD(OVER("zone", "foo") ", " OVER("node", "foo"));
constexpr const char* kFooAndBar = SPREAD(OVER("zone", "foo") ", " OVER("node", "bar"));
#define NODE(labels) "{metadata: {name: node-a, labels: {" labels "}}}"
const HintRow kSpreadNodes[] = {
    {"node updates label which matches topologyKey", kOverZone, NODE("zone: zone1"), NODE("zone: zone2"), "queue"},
    {"node that doesn't match topologySpreadConstraints updates non-related label", kOverZone, NODE("foo: bar1"), NODE("foo: bar2"),
     "skip"},
    {"node that match topologySpreadConstraints adds non-related label", kOverBoth, NODE("zone: zone1, node: node1, foo: bar"),
     NODE("zone: zone1, node: node1"), "skip"},
    {"create node with non-related labels", kOverZone, "", NODE("foo: bar"), "skip"},
    {"create node with related labels", kOverZone, "", NODE("zone: zone1"), "queue"},
    {"delete node with non-related labels", kOverZone, NODE("foo: bar"), "", "skip"},
    {"delete node with related labels", kOverZone, NODE("zone: zone1"), "", "queue"},
    {"add node with related labels that only match one of topologySpreadConstraints", kOverBoth, "", NODE("zone: zone1"), "skip"},
    {"add node with related labels that match all topologySpreadConstraints", kOverBoth, "", NODE("zone: zone1, node: node1"), "queue"},
    {"update node with related labels that only match one of topologySpreadConstraints", kOverBoth, NODE("zone: zone1"), NODE("zone: zone1"),
     "skip"},
    {"update node with related labels that match all topologySpreadConstraints", kOverBoth, NODE("zone: zone1, node: node1"),
     NODE("zone: zone1, node: node2"), "queue"},
};

#define ON_NODE(labels) "{metadata: {labels: {" labels "}}, spec: {nodeName: fake-node}}"
#define PENDING(labels) "{metadata: {labels: {" labels "}}}"
const HintRow kSpreadPods[] = {
    {"add pod with labels match topologySpreadConstraints selector", kOverZone, "", ON_NODE("foo: ''"), "queue"},
    {"add un-scheduled pod", kOverZone, "", PENDING("foo: ''"), "skip"},
    {"update un-scheduled pod", kOverZone, PENDING("bar: ''"), PENDING("foo: ''"), "skip"},
    {"delete un-scheduled pod", kOverZone, PENDING("foo: ''"), "", "skip"},
    {"add pod with different namespace", kOverZone, "",
     "{metadata: {namespace: fake-namespace, labels: {foo: ''}}, spec: {nodeName: fake-node}}", "skip"},
    {"add pod with labels don't match topologySpreadConstraints selector", kOverZone, "", ON_NODE("bar: ''"), "skip"},
    {"delete pod with labels that match topologySpreadConstraints selector", kOverZone, ON_NODE("foo: ''"), "", "queue"},
    {"delete pod with labels that don't match topologySpreadConstraints selector", kOverZone, ON_NODE("bar: ''"), "", "skip"},
    {"update pod's non-related label", kOverZone, ON_NODE("foo: '', bar: bar1"), ON_NODE("foo: '', bar: bar2"), "skip"},
    {"add pod's label that matches topologySpreadConstraints selector", kOverZone, ON_NODE(""), ON_NODE("foo: ''"), "queue"},
    {"delete pod label that matches topologySpreadConstraints selector", kOverZone, ON_NODE("foo: ''"), ON_NODE(""), "queue"},
    {"change pod's label that matches topologySpreadConstraints selector", kOverZone, ON_NODE("foo: foo1"), ON_NODE("foo: foo2"), "skip"},
    {"change pod's label that doesn't match topologySpreadConstraints selector", kOverZone, ON_NODE("foo: '', bar: bar1"),
     ON_NODE("foo: '', bar: bar2"), "skip"},
    {"add pod's label that matches topologySpreadConstraints selector with multi topologySpreadConstraints", kFooAndBar, ON_NODE("foo: ''"),
     ON_NODE("foo: '', bar: bar2"), "queue"},
    {"change pod's label that doesn't match topologySpreadConstraints selector with multi topologySpreadConstraints", kFooAndBar,
     ON_NODE("foo: ''"), ON_NODE("foo: '', baz: ''"), "skip"},
    {"change pod's label that match topologySpreadConstraints selector with multi topologySpreadConstraints", kFooAndBar,
     ON_NODE("foo: '', bar: ''"), ON_NODE("foo: '', bar: bar2"), "skip"},
};

#define TERM(topology, expression) "{topologyKey: " topology ", labelSelector: {matchExpressions: [" expression "]}}"
#define SCANNED "{key: service, operator: In, values: [securityscan, value2]}"
#define LIKES(terms) "{spec: {affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [" terms "]}}}}"
#define DISLIKES(terms) "{spec: {affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [" terms "]}}}}"
constexpr const char* kLikes = LIKES(TERM("region", SCANNED));
constexpr const char* kLikesInZone = LIKES(TERM("zone", SCANNED));
constexpr const char* kLikesBoth = LIKES(TERM("hostname", "{key: aaa, operator: Exists}") ", " TERM("hostname", "{key: bbb, operator: Exists}"));
constexpr const char* kDislikes = DISLIKES(TERM("region", SCANNED));
constexpr const char* kDislikesInZone = DISLIKES(TERM("zone", "{key: another, operator: In, values: [label]}"));
const HintRow kNeighbourPods[] = {
    {"add a pod which matches the pod affinity", kLikes, "", ON_NODE("service: securityscan"), "queue"},
    {"add an un-scheduled pod", kLikes, "", PENDING("service: securityscan"), "skip"},
    {"add a pod which doesn't match the pod affinity", kLikes, "", ON_NODE("aaa: a"), "skip"},
    {"update a pod from non-match to match pod affinity", kLikes, ON_NODE("aaa: a"), ON_NODE("service: securityscan"), "queue"},
    {"the updating pod matches target pod's affinity both before and after label changes", kLikes, ON_NODE("service: value2"),
     ON_NODE("service: securityscan"), "skip"},
    {"update an un-scheduled pod", kLikes, PENDING("service: securityscan"), PENDING("service: securityscan"), "skip"},
    {"update a pod from match to non-match the pod affinity", kLikes, ON_NODE("service: securityscan"), ON_NODE("aaa: a"), "skip"},
    {"update a pod from match to non-match pod's affinity - multiple terms case", kLikesBoth, ON_NODE("aaa: a"),
     ON_NODE("service: securityscan"), "skip"},
    {"update a pod from non-match to match pod's affinity - multiple terms case", kLikesBoth, ON_NODE("aaa: a"), ON_NODE("aaa: '', bbb: ''"),
     "queue"},
    {"modify pod label to change it from satisfying pod anti-affinity to not satisfying anti-affinity", kDislikes,
     ON_NODE("service: securityscan"), ON_NODE("service: aaaa"), "queue"},
    {"modify pod label to change it from not satisfying pod anti-affinity to satisfying anti-affinity", kDislikes, ON_NODE("service: bbb"),
     ON_NODE("service: securityscan"), "skip"},
    {"delete a pod which doesn't match pod's anti-affinity", kDislikes, ON_NODE("aaa: a"), "", "skip"},
    {"delete a pod which matches pod's anti-affinity", kDislikes, ON_NODE("service: securityscan"), "", "queue"},
};
const HintRow kNeighbourNodes[] = {
    {"add a new node with matched pod affinity topologyKey", kLikesInZone, "", NODE("zone: zone1"), "queue"},
    {"add a new node without matched topologyKey", kLikes, "", NODE("zone: zone1"), "skip"},
    {"update node label but not topologyKey", kLikesInZone, NODE("aaa: a"), NODE("aaa: b"), "skip"},
    {"update node label that isn't related to the pod affinity", kLikesInZone, NODE("zone: zone1"),
     NODE("zone: zone1, unrelated-label: unrelated"), "skip"},
    {"update node with different affinity topologyKey value", kLikesInZone, NODE("zone: zone1"), NODE("zone: zone2"), "queue"},
    {"update node to have the affinity topology label", kLikesInZone, NODE("aaa: a"), NODE("zone: zone1"), "queue"},
    {"add a new node with matched pod anti-affinity topologyKey", kDislikesInZone, "", NODE("zone: zone1"), "queue"},
    {"add a new node without matched pod anti-affinity topologyKey", kDislikesInZone, "", NODE(""), "queue"},
    {"update node label that isn't related to the pod anti-affinity", kDislikesInZone, NODE("zone: zone1"),
     NODE("zone: zone1, unrelated-label: unrelated"), "skip"},
    {"update node with different anti-affinity topologyKey value", kDislikesInZone, NODE("zone: zone1"), NODE("zone: zone2"), "queue"},
    {"update node to have the anti-affinity topology label", kDislikesInZone, NODE("aaa: a"), NODE("zone: zone1"), "skip"},
    {"update node label not to have anti-affinity topology label", kDislikesInZone, NODE("zone: zone1"), NODE("aaa: a"), "queue"},
};

}  // namespace

TEST_CASE("queueing hints after a node has changed") {
  check_nodes("TaintToleration", kTaintHints);
  check_nodes("NodeAffinity", kNodeAffinityHints);
  ProfileConfig added;
  added.node_affinity.added = from_yaml<api::NodeAffinity>("{requiredDuringSchedulingIgnoredDuringExecution: " FOO_BAR "}");
  check_nodes("NodeAffinity", kAddedAffinity, added);
  check_nodes("NodeUnschedulable", kUnschedulableNodes);
  check_nodes("NodeResourcesFit", kFitNodes);
  check_nodes("PodTopologySpread", kSpreadNodes);
  check_nodes("InterPodAffinity", kNeighbourNodes);
}

TEST_CASE("queueing hints after a pod has changed") {
  check_pods("TaintToleration", kTolerations);
  check_pods("NodeUnschedulable", kUnschedulablePods);
  check_pods("NodePorts", kPorts);
  check_pods("NodeResourcesFit", kFitPods);
  check_pods("SchedulingGates", kGates);
  check_pods("PodTopologySpread", kSpreadPods);
  check_pods("InterPodAffinity", kNeighbourPods);
}

#undef TAINTED
#undef FOO_BAR
#undef NOT_READY
#undef TOLERATING
#undef HOST_PORT
#undef ASKING
#undef FAKE
#undef OFFERS
#undef HAS
#undef WANTS
#undef GATED
#undef OVER
#undef SPREAD
#undef NODE
#undef ON_NODE
#undef PENDING
#undef TERM
#undef SCANNED
#undef LIKES
#undef DISLIKES
