// NodeAffinity against upstream's own tables (plugins/nodeaffinity/node_affinity_test.go).
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct AffinityRow {
  const char* upstream;
  const char* selector;    // spec.nodeSelector, YAML
  const char* required;    // nodeSelectorTerms, YAML; "": no required affinity
  const char* node;        // "NAME labels"
  const char* expected;
  const char* added = "";  // required terms of addedAffinity
};

constexpr const char* kNo = "UnschedulableAndUnresolvable: node(s) didn't match Pod's node affinity/selector";
constexpr const char* kFooBar = "{foo: bar}";
#define EXPRESSIONS(...) "[{matchExpressions: [" __VA_ARGS__ "]}]"
#define NAMED(name) "{key: metadata.name, operator: In, values: [" name "]}"

const AffinityRow kRequired[] = {
    {"missing labels", kFooBar, "", "n {}", kNo},
    {"same labels", kFooBar, "", "n {foo: bar}", "ok"},
    {"node labels are superset", kFooBar, "", "n {foo: bar, baz: blah}", "ok"},
    {"node labels are subset", "{foo: bar, baz: blah}", "", "n {foo: bar}", kNo},
    {"Pod with matchExpressions using In operator that matches the existing node", "{}",
     EXPRESSIONS("{key: foo, operator: In, values: [bar, value2]}"), "n {foo: bar}", "ok"},
    {"Pod with matchExpressions using Gt operator that matches the existing node", "{}",
     EXPRESSIONS("{key: kernel-version, operator: Gt, values: ['0204']}"), "n {kernel-version: '0206'}", "ok"},
    {"Pod with matchExpressions using NotIn operator that matches the existing node", "{}",
     EXPRESSIONS("{key: mem-type, operator: NotIn, values: [DDR, DDR2]}"), "n {mem-type: DDR3}", "ok"},
    {"Pod with matchExpressions using Exists operator that matches the existing node", "{}", EXPRESSIONS("{key: GPU, operator: Exists}"),
     "n {GPU: NVIDIA-GRID-K1}", "ok"},
    {"Pod with affinity that don't match node's labels won't schedule onto the node", "{}",
     EXPRESSIONS("{key: foo, operator: In, values: [value1, value2]}"), "n {foo: bar}", kNo},
    {"Pod with empty MatchExpressions is not a valid value will match no objects and won't schedule onto the node", "{}", EXPRESSIONS(""),
     "n {foo: bar}", kNo},
    {"Pod with no Affinity will schedule onto a node", "{}", "", "n {foo: bar}", "skip"},
    {"Pod with multiple matchExpressions ANDed that matches the existing node", "{}",
     EXPRESSIONS("{key: GPU, operator: Exists}, {key: GPU, operator: NotIn, values: [AMD, INTER]}"), "n {GPU: NVIDIA-GRID-K1}", "ok"},
    {"Pod with multiple matchExpressions ANDed that doesn't match the existing node", "{}",
     EXPRESSIONS("{key: GPU, operator: Exists}, {key: GPU, operator: In, values: [AMD, INTER]}"), "n {GPU: NVIDIA-GRID-K1}", kNo},
    {"Pod with multiple NodeSelectorTerms ORed in affinity, matches the node's labels and will schedule onto the node", "{}",
     "[{matchExpressions: [{key: foo, operator: In, values: [bar, value2]}]}, {matchExpressions: [{key: diffkey, operator: In, values: [wrong, value2]}]}]",
     "n {foo: bar}", "ok"},
    {"Pod with an Affinity and a PodSpec.NodeSelector(the old thing that we are deprecating) both are satisfied, will schedule onto the node",
     kFooBar, EXPRESSIONS("{key: foo, operator: Exists}"), "n {foo: bar}", "ok"},
    {"Pod with an Affinity matches node's labels but the PodSpec.NodeSelector(the old thing that we are deprecating) is not satisfied, "
     "won't schedule onto the node", kFooBar, EXPRESSIONS("{key: foo, operator: Exists}"), "n {foo: barrrrrr}", kNo},
    {"Pod with an invalid value in Affinity term won't be scheduled onto the node", "{}",
     EXPRESSIONS("{key: foo, operator: NotIn, values: ['invalid value: ___@#$%^']}"), "n {foo: bar}", kNo},
    {"Pod with matchFields using In operator that matches the existing node", "{}", "[{matchFields: [" NAMED("node1") "]}]", "node1 {}", "ok"},
    {"Pod with matchFields using In operator that does not match the existing node", "{}", "[{matchFields: [" NAMED("node1") "]}]", "node2 {}",
     "left out"},
    {"Pod with two terms: matchFields does not match, but matchExpressions matches", "{}",
     "[{matchFields: [" NAMED("node1") ", " NAMED("node2") "]}, {matchExpressions: [{key: foo, operator: In, values: [bar]}]}]",
     "node2 {foo: bar}", "ok"},
    {"Pod with one term: matchFields does not match, but matchExpressions matches", "{}",
     "[{matchFields: [" NAMED("node1") "], matchExpressions: [{key: foo, operator: In, values: [bar]}]}]", "node2 {foo: bar}", "left out"},
    {"Pod with one term: both matchFields and matchExpressions match", "{}",
     "[{matchFields: [" NAMED("node1") "], matchExpressions: [{key: foo, operator: In, values: [bar]}]}]", "node1 {foo: bar}", "ok"},
    {"Pod with two terms: both matchFields and matchExpressions do not match", "{}",
     "[{matchFields: [" NAMED("node1") "]}, {matchExpressions: [{key: foo, operator: In, values: [not-match-to-bar]}]}]", "node2 {foo: bar}",
     kNo},
    {"Pod with two terms of node.Name affinity", "{}", "[{matchFields: [" NAMED("node1") "]}, {matchFields: [" NAMED("node2") "]}]", "node2 {}",
     "ok"},
    {"Pod with two conflicting mach field requirements", "{}", "[{matchFields: [" NAMED("node1") ", " NAMED("node2") "]}]", "node2 {foo: bar}",
     "UnschedulableAndUnresolvable: pod affinity terms conflict"},
    {"Matches added affinity and Pod's node affinity", "{}", EXPRESSIONS("{key: zone, operator: In, values: [foo]}"), "node2 {zone: foo}", "ok",
     "[{matchFields: [" NAMED("node2") "]}]"},
    {"Matches added affinity but not Pod's node affinity", "{}", EXPRESSIONS("{key: zone, operator: In, values: [bar]}"), "node2 {zone: foo}",
     kNo, "[{matchFields: [" NAMED("node2") "]}]"},
    {"Doesn't match added affinity", "{}", "", "node2 {zone: foo}",
     "UnschedulableAndUnresolvable: node(s) didn't match scheduler-enforced node affinity", EXPRESSIONS("{key: zone, operator: In, values: [bar]}")},
};

struct PreferenceRow {
  const char* upstream;
  const char* preferred;   // of the pod
  const char* added;       // of addedAffinity
  const char* nodes;       // labels, "|" between
  const char* expected;
};

constexpr const char* kOne = "[{weight: 2, preference: {matchExpressions: [{key: foo, operator: In, values: [bar]}]}}]";
constexpr const char* kThree =
    "[{weight: 2, preference: {matchExpressions: [{key: foo, operator: In, values: [bar]}]}}, "
    "{weight: 4, preference: {matchExpressions: [{key: key, operator: In, values: [value]}]}}, "
    "{weight: 5, preference: {matchExpressions: [{key: foo, operator: In, values: [bar]}, {key: key, operator: In, values: [value]}, "
    "{key: az, operator: In, values: [az1]}]}}]";

const PreferenceRow kPreferred[] = {
    {"all nodes are same priority as NodeAffinity is nil", "[]", "[]", "{foo: bar} | {key: value} | {az: az1}", "skip"},
    {"no node matches preferred scheduling requirements in NodeAffinity of pod so all nodes' priority is zero", kOne, "[]",
     "{abc: az11, def: az22} | {key: value} | {az: az1}", "0 0 0"},
    {"only node1 matches the preferred scheduling requirements of pod", kOne, "[]", "{foo: bar} | {key: value} | {az: az1}", "100 0 0"},
    {"all nodes matches the preferred scheduling requirements of pod but with different priorities", kThree, "[]",
     "{foo: bar} | {foo: bar, key: value, az: az1} | {key: value}", "18 100 36"},
    {"added affinity", "[]", kOne, "{foo: bar} | {key: value}", "100 0"},
    {"added affinity and pod has default affinity", kOne,
     "[{weight: 3, preference: {matchExpressions: [{key: key, operator: In, values: [value]}]}}]",
     "{foo: bar} | {key: value} | {foo: bar, key: value, az: az1}", "40 60 100"},
};

std::string affinity_of(const char* part, const char* terms) { return base::cat("{", part, ": ", terms, "}"); }

api::Node labelled(const std::string& name, std::string_view labels) {
  api::Node node = from_yaml<api::Node>(base::cat("{metadata: {labels: ", labels, "}}"));
  node.metadata.name = name;
  return node;
}

constexpr const char* kRequiredField = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* kPreferredField = "preferredDuringSchedulingIgnoredDuringExecution";

api::NodeAffinity required_terms(const char* terms) {
  return from_yaml<api::NodeAffinity>(affinity_of(kRequiredField, base::cat("{nodeSelectorTerms: ", terms, "}").c_str()));
}

}  // namespace

TEST_CASE("NodeAffinity: TestNodeAffinity") {
  for (const AffinityRow& row : kRequired) {
    CAPTURE(std::string(row.upstream));
    ProfileConfig config;
    if (*row.added) config.node_affinity.added = required_terms(row.added);
    PluginWorld world(config);
    const std::string_view node(row.node);
    const std::size_t blank = node.find(' ');
    world.node(labelled(std::string(node.substr(0, blank)), node.substr(blank + 1)));
    api::Pod pod = from_yaml<api::Pod>(base::cat("{spec: {nodeSelector: ", row.selector, "}}"));
    if (*row.required) pod.spec.edit().affinity.edit().node_affinity.edit() = required_terms(row.required);
    CHECK(world.verdicts("NodeAffinity", world.pod(std::move(pod))) == row.expected);
  }
}

TEST_CASE("NodeAffinity: TestNodeAffinityPriority") {
  for (const PreferenceRow& row : kPreferred) {
    CAPTURE(std::string(row.upstream));
    ProfileConfig config;
    config.node_affinity.added = from_yaml<api::NodeAffinity>(affinity_of(kPreferredField, row.added));
    PluginWorld world(config);
    int i = 0;
    for (const std::string& labels : parts(row.nodes, '|')) world.node(labelled(base::cat("node", std::to_string(++i)), labels));
    api::Pod pod;
    pod.spec.edit().affinity.edit().node_affinity.edit() = from_yaml<api::NodeAffinity>(affinity_of(kPreferredField, row.preferred));
    CHECK(world.scores("NodeAffinity", world.pod(std::move(pod))) == row.expected);
  }
}
