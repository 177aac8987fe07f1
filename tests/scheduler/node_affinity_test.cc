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
  const char* names = "";  // of the nodes to which PreFilter cuts them down
};

constexpr const char* kNo = "UnschedulableAndUnresolvable: node(s) didn't match Pod's node affinity/selector";
constexpr const char* kFooBar = "{foo: bar}";
constexpr const char* kNilRequired = "nil";   // there is a nodeAffinity, without required terms
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
    {"Pod with Affinity but nil NodeSelector will schedule onto a node", "{}", kNilRequired, "n {foo: bar}", "skip"},
    {"Pod with multiple matchExpressions ANDed that matches the existing node", "{}",
     EXPRESSIONS("{key: GPU, operator: Exists}, {key: GPU, operator: NotIn, values: [AMD, INTER]}"), "n {GPU: NVIDIA-GRID-K1}", "ok"},
    {"Pod with multiple matchExpressions ANDed that doesn't match the existing node", "{}",
     EXPRESSIONS("{key: GPU, operator: Exists}, {key: GPU, operator: In, values: [AMD, INTER]}"), "n {GPU: NVIDIA-GRID-K1}", kNo},
    {"Pod with multiple NodeSelectorTerms ORed in affinity, matches the node's labels and will schedule onto the node", "{}",
     "[{matchExpressions: [{key: foo, operator: In, values: [bar, value2]}]}, "
     "{matchExpressions: [{key: diffkey, operator: In, values: [wrong, value2]}]}]",
     "n {foo: bar}", "ok"},
    {"Pod with an Affinity and a PodSpec.NodeSelector(the old thing that we are deprecating) both are satisfied, will schedule onto the node",
     kFooBar, EXPRESSIONS("{key: foo, operator: Exists}"), "n {foo: bar}", "ok"},
    {"Pod with an Affinity matches node's labels but the PodSpec.NodeSelector(the old thing that we are deprecating) is not satisfied, "
     "won't schedule onto the node", kFooBar, EXPRESSIONS("{key: foo, operator: Exists}"), "n {foo: barrrrrr}", kNo},
    {"Pod with an invalid value in Affinity term won't be scheduled onto the node", "{}",
     EXPRESSIONS("{key: foo, operator: NotIn, values: ['invalid value: ___@#$%^']}"), "n {foo: bar}", kNo},
    {"Pod with matchFields using In operator that matches the existing node", "{}", "[{matchFields: [" NAMED("node1") "]}]", "node1 {}", "ok",
     "", "node1"},
    {"Pod with matchFields using In operator that does not match the existing node", "{}", "[{matchFields: [" NAMED("node1") "]}]", "node2 {}",
     "left out", "", "node1"},
    {"Pod with two terms: matchFields does not match, but matchExpressions matches", "{}",
     "[{matchFields: [" NAMED("node1") ", " NAMED("node2") "]}, {matchExpressions: [{key: foo, operator: In, values: [bar]}]}]",
     "node2 {foo: bar}", "ok"},
    {"Pod with one term: matchFields does not match, but matchExpressions matches", "{}",
     "[{matchFields: [" NAMED("node1") "], matchExpressions: [{key: foo, operator: In, values: [bar]}]}]", "node2 {foo: bar}", "left out", "",
     "node1"},
    {"Pod with one term: both matchFields and matchExpressions match", "{}",
     "[{matchFields: [" NAMED("node1") "], matchExpressions: [{key: foo, operator: In, values: [bar]}]}]", "node1 {foo: bar}", "ok", "", "node1"},
    {"Pod with two terms: both matchFields and matchExpressions do not match", "{}",
     "[{matchFields: [" NAMED("node1") "]}, {matchExpressions: [{key: foo, operator: In, values: [not-match-to-bar]}]}]", "node2 {foo: bar}",
     kNo},
    {"Pod with two terms of node.Name affinity", "{}", "[{matchFields: [" NAMED("node1") "]}, {matchFields: [" NAMED("node2") "]}]", "node2 {}",
     "ok", "", "node1 node2"},
    {"Pod with two conflicting mach field requirements", "{}", "[{matchFields: [" NAMED("node1") ", " NAMED("node2") "]}]", "node2 {foo: bar}",
     "UnschedulableAndUnresolvable: pod affinity terms conflict"},
    {"Matches added affinity and Pod's node affinity", "{}", EXPRESSIONS("{key: zone, operator: In, values: [foo]}"), "node2 {zone: foo}", "ok",
     "[{matchFields: [" NAMED("node2") "]}]"},
    {"Matches added affinity but not Pod's node affinity", "{}", EXPRESSIONS("{key: zone, operator: In, values: [bar]}"), "node2 {zone: foo}",
     kNo, "[{matchFields: [" NAMED("node2") "]}]"},
    {"Doesn't match added affinity", "{}", "", "node2 {zone: foo}",
     "UnschedulableAndUnresolvable: node(s) didn't match scheduler-enforced node affinity", EXPRESSIONS("{key: zone, operator: In, values: [bar]}")},
};

const AffinityRow kWithoutPreFilter[] = {
    {"Matches node selector correctly even if PreFilter is not called", kFooBar, "", "n {foo: bar, baz: blah}", "ok"},
    {"Matches node affinity correctly even if PreFilter is not called", "{}",
     EXPRESSIONS("{key: GPU, operator: Exists}, {key: GPU, operator: NotIn, values: [AMD, INTER]}"), "n {GPU: NVIDIA-GRID-K1}", "ok"},
};

struct PreferenceRow {
  const char* upstream;
  const char* preferred;   // of the pod
  const char* added;       // of addedAffinity
  const char* nodes;       // labels, "|" between
  const char* expected;
};

constexpr const char* kOneTerm = "[{weight: 2, preference: {matchExpressions: [{key: foo, operator: In, values: [bar]}]}}]";
constexpr const char* kThreeTerms =
    "[{weight: 2, preference: {matchExpressions: [{key: foo, operator: In, values: [bar]}]}}, "
    "{weight: 4, preference: {matchExpressions: [{key: key, operator: In, values: [value]}]}}, "
    "{weight: 5, preference: {matchExpressions: [{key: foo, operator: In, values: [bar]}, {key: key, operator: In, values: [value]}, "
    "{key: az, operator: In, values: [az1]}]}}]";

const PreferenceRow kPreferred[] = {
    {"Skip is returned in PreScore when NodeAffinity is nil", "[]", "[]", "{foo: bar}", "skip"},
    {"PreScore returns error when an incoming Pod has a broken affinity",
     "[{weight: 2, preference: {matchExpressions: [{key: invalid key, operator: In, values: [bar]}]}}]", "[]", "{foo: bar}",
     "Error: [0].matchExpressions[0].key: Invalid value: \"invalid key\": name part must consist of alphanumeric characters, '-', '_' or '.', "
     "and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
     "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
    {"no node matches preferred scheduling requirements in NodeAffinity of pod so all nodes' priority is zero", kOneTerm, "[]",
     "{abc: az11, def: az22} | {key: value} | {az: az1}", "0 0 0"},
    {"only node1 matches the preferred scheduling requirements of pod", kOneTerm, "[]", "{foo: bar} | {key: value} | {az: az1}", "100 0 0"},
    {"all nodes matches the preferred scheduling requirements of pod but with different priorities", kThreeTerms, "[]",
     "{foo: bar} | {foo: bar, key: value, az: az1} | {key: value}", "18 100 36"},
    {"added affinity", "[]", kOneTerm, "{foo: bar} | {key: value}", "100 0"},
    {"added affinity and pod has default affinity", kOneTerm,
     "[{weight: 3, preference: {matchExpressions: [{key: key, operator: In, values: [value]}]}}]",
     "{foo: bar} | {key: value} | {foo: bar, key: value, az: az1}", "40 60 100"},
};

const PreferenceRow kWithoutPreScore[] = {
    {"all nodes are same priority as NodeAffinity is nil", "[]", "[]", "{foo: bar} | {key: value} | {az: az1}", "0 0 0"},
    {"calculate the priorities correctly even if PreScore is not called", kThreeTerms, "[]",
     "{foo: bar} | {foo: bar, key: value, az: az1} | {key: value}", "18 100 36"},
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

ProfileConfig config_of(const AffinityRow& row) {
  ProfileConfig config;
  if (*row.added) config.node_affinity.added = required_terms(row.added);
  return config;
}

PodInfoRef build(const AffinityRow& row, PluginWorld& world) {
  const std::string_view node(row.node);
  const std::size_t blank = node.find(' ');
  world.node(labelled(std::string(node.substr(0, blank)), node.substr(blank + 1)));
  api::Pod pod = from_yaml<api::Pod>(base::cat("{spec: {nodeSelector: ", row.selector, "}}"));
  if (std::string_view(row.required) == kNilRequired) pod.spec.edit().affinity.edit().node_affinity.edit();
  else if (*row.required) pod.spec.edit().affinity.edit().node_affinity.edit() = required_terms(row.required);
  return world.pod(std::move(pod));
}

/// What Filter says to the only node where PreFilter has not been asked.
std::string affinity_filter_alone(PluginWorld& world, const PodInfoRef& pod) {
  const auto* plugin = dynamic_cast<const FilterPlugin*>(world.framework().find("NodeAffinity"));
  const Status s = plugin->filter(CycleState(), *pod, *world.snapshot().nodes().front());
  return s.ok() ? "ok" : base::cat(to_string(s.code()), ": ", s.message());
}

/// The node names that PreFilter leaves, "" for all.
std::string names_left(PluginWorld& world, const PodInfoRef& pod) {
  CycleState state;
  NodeNames names;
  dynamic_cast<const PreFilterPlugin*>(world.framework().find("NodeAffinity"))->pre_filter(state, *pod, names);
  std::string out;
  if (names) {
    for (const Str& name : *names) out += base::cat(out.empty() ? "" : " ", name);
  }
  return out;
}

ProfileConfig config_of(const PreferenceRow& row) {
  ProfileConfig config;
  config.node_affinity.added = from_yaml<api::NodeAffinity>(affinity_of(kPreferredField, row.added));
  return config;
}

PodInfoRef build(const PreferenceRow& row, PluginWorld& world) {
  int i = 0;
  for (const std::string& labels : parts(row.nodes, '|')) world.node(labelled(base::cat("node", std::to_string(++i)), labels));
  api::Pod pod;
  pod.spec.edit().affinity.edit().node_affinity.edit() = from_yaml<api::NodeAffinity>(affinity_of(kPreferredField, row.preferred));
  return world.pod(std::move(pod));
}

/// Normalised scores where PreScore has not been asked.
std::string affinity_scores_alone(PluginWorld& world, const PodInfoRef& pod) {
  const Plugin* plugin = world.framework().find("NodeAffinity");
  const std::vector<const NodeInfo*>& nodes = world.snapshot().nodes();
  const CycleState state;
  std::vector<std::int64_t> scores;
  for (int i = 1; i <= static_cast<int>(nodes.size()); ++i) {
    const NodeInfo* node = world.snapshot().find(base::cat("node", std::to_string(i)));
    scores.push_back(dynamic_cast<const ScorePlugin*>(plugin)->score(state, *pod, *node));
  }
  dynamic_cast<const NormalizeScorePlugin*>(plugin)->normalize(state, *pod, nodes, scores);
  std::string out;
  for (const std::int64_t s : scores) out += base::cat(out.empty() ? "" : " ", std::to_string(s));
  return out;
}

}  // namespace

TEST_CASE("NodeAffinity: TestNodeAffinity") {
  for (const AffinityRow& row : kRequired) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world(config_of(row));
    const PodInfoRef pod = build(row, world);
    const std::string_view expected(row.expected);
    CHECK(world.verdicts("NodeAffinity", pod) == expected);
    CHECK(names_left(world, pod) == row.names);
    const bool cut = expected == "left out" || expected.ends_with("conflict");
    CHECK(affinity_filter_alone(world, pod) == (cut ? kNo : expected == "skip" ? "ok" : row.expected));
  }
}

TEST_CASE("NodeAffinity: TestNodeAffinity without PreFilter") {
  for (const AffinityRow& row : kWithoutPreFilter) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const PodInfoRef pod = build(row, world);
    CHECK(affinity_filter_alone(world, pod) == row.expected);
  }
}

TEST_CASE("NodeAffinity: TestNodeAffinityPriority") {
  for (const PreferenceRow& row : kPreferred) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world(config_of(row));
    const PodInfoRef pod = build(row, world);
    CHECK(world.scores("NodeAffinity", pod) == row.expected);
  }
  for (const PreferenceRow& row : kWithoutPreScore) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world(config_of(row));
    const PodInfoRef pod = build(row, world);
    CHECK(affinity_scores_alone(world, pod) == row.expected);
  }
}
