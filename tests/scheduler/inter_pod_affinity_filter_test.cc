// InterPodAffinity's filter against upstream's own tables (plugins/interpodaffinity/filtering_test.go:
// TestRequiredAffinitySingleNode, TestRequiredAffinityMultipleNodes), and what its PreFilter counts against those about its inner
// states. The rows about selectors that the API refuses are left out.
#include <doctest/doctest.h>

#include "model/api/namespace.h"
#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

/// A pod is words: "key=value" (label), "@NAMESPACE", and terms: "+TOPOLOGY/KEY~OPERATOR~VALUE,VALUE" is affinity, "-..." anti-
/// affinity; "&" joins expressions, "?TEAM" selects namespaces by team ("?*": all), "!NAMESPACE" names one.
struct NeighbourFilterRow {
  const char* upstream;
  const char* pod;
  const char* nodes;      // "NAME key=value key=value", "|" between
  const char* placed;     // "NODE: WORDS", ";" between
  const char* expected;   // per node: o (ok), A (affinity), X (anti-affinity), E (anti-affinity of others); or "skip"
};

#define SCAN "service~In~securityscan,value2"
#define VIRUS "service~In~antivirusscan,value2"
constexpr const char* kNode1 = "node1 region=r1 zone=z11";
constexpr const char* kScanned = "node1: service=securityscan";

const NeighbourFilterRow kSingleNode[] = {
    {"A pod that has no required pod affinity scheduling rules can schedule onto a node with no existing pods", "", kNode1, "", "skip"},
    {"satisfies with requiredDuringSchedulingIgnoredDuringExecution in PodAffinity using In operator that matches the existing pod",
     "security=S1 +region/" SCAN, kNode1, kScanned, "o"},
    {"satisfies the pod with requiredDuringSchedulingIgnoredDuringExecution in PodAffinity using not in operator in labelSelector that "
     "matches the existing pod", "security=S1 +region/service~NotIn~securityscan3,value3", kNode1, kScanned, "o"},
    {"Does not satisfy the PodAffinity with labelSelector because of diff Namespace", "security=S1 +/" SCAN "!DiffNameSpace", kNode1,
     "node1: @ns service=securityscan", "A"},
    {"Doesn't satisfy the PodAffinity because of unmatching labelSelector with the existing pod", "service=securityscan +/" VIRUS, kNode1,
     kScanned, "A"},
    {"satisfies the PodAffinity with different label Operators in multiple RequiredDuringSchedulingIgnoredDuringExecution ",
     "security=S1 +region/service~Exists&wrongkey~DoesNotExist +region/service~In~securityscan&service~NotIn~WrongValue", kNode1, kScanned, "o"},
    {"The labelSelector requirements(items of matchExpressions) are ANDed, the pod cannot schedule onto the node because one of the "
     "matchExpression item don't match.",
     "security=S1 +region/service~Exists&wrongkey~DoesNotExist +region/service~In~securityscan2&service~NotIn~WrongValue", kNode1, kScanned,
     "A"},
    {"satisfies the PodAffinity and PodAntiAffinity with the existing pod", "security=S1 +region/" SCAN " -node/" VIRUS, kNode1, kScanned, "o"},
    {"satisfies the PodAffinity and PodAntiAffinity and PodAntiAffinity symmetry with the existing pod",
     "security=S1 +region/" SCAN " -node/" VIRUS, kNode1, "node1: service=securityscan -node/" VIRUS, "o"},
    {"satisfies the PodAffinity but doesn't satisfy the PodAntiAffinity with the existing pod", "security=S1 +region/" SCAN " -zone/" SCAN,
     kNode1, kScanned, "X"},
    {"satisfies the PodAffinity and PodAntiAffinity but doesn't satisfy PodAntiAffinity symmetry with the existing pod",
     "service=securityscan +region/" SCAN " -node/" VIRUS, kNode1, "node1: service=securityscan -zone/" SCAN, "E"},
    {"pod matches its own Label in PodAffinity and that matches the existing pod Labels",
     "service=securityscan +region/service~NotIn~securityscan,value2", kNode1, "node2: service=securityscan", "A"},
    {"verify that PodAntiAffinity from existing pod is respected when pod has no AntiAffinity constraints. doesn't satisfy "
     "PodAntiAffinity symmetry with the existing pod", "service=securityscan", kNode1, "node1: service=securityscan -zone/" SCAN, "E"},
    {"verify that PodAntiAffinity from existing pod is respected when pod has no AntiAffinity constraints. satisfy PodAntiAffinity "
     "symmetry with the existing pod", "service=securityscan", kNode1, "node1: service=securityscan -zone/service~NotIn~securityscan,value2",
     "skip"},
    {"satisfies the PodAntiAffinity with existing pod but doesn't satisfy PodAntiAffinity symmetry with incoming pod",
     "service=securityscan -region/service~Exists -region/security~Exists", kNode1, "node1: security=S1 -zone/security~Exists", "X"},
    {"PodAntiAffinity symmetry check a1: incoming pod and existing pod partially match each other on AffinityTerms",
     "service=securityscan -zone/service~Exists -zone/security~Exists", kNode1, "node1: security=S1 -zone/security~Exists", "X"},
    {"PodAntiAffinity symmetry check a2: incoming pod and existing pod partially match each other on AffinityTerms",
     "security=S1 -zone/security~Exists", kNode1, "node1: service=securityscan -zone/service~Exists -zone/security~Exists", "E"},
    {"PodAntiAffinity symmetry check b1: incoming pod and existing pod partially match each other on AffinityTerms",
     "abc= xyz= -zone/abc~Exists -zone/def~Exists", kNode1, "node1: def= xyz= -zone/abc~Exists -zone/def~Exists", "X"},
    {"PodAntiAffinity symmetry check b2: incoming pod and existing pod partially match each other on AffinityTerms",
     "def= xyz= -zone/abc~Exists -zone/def~Exists", kNode1, "node1: abc= xyz= -zone/abc~Exists -zone/def~Exists", "X"},
    {"affinity with NamespaceSelector", "security=S1 +region/" SCAN "?team1", kNode1, "node1: @subteam1.team1 service=securityscan", "o"},
    {"affinity with non-matching NamespaceSelector", "security=S1 +region/" SCAN "?team1", kNode1,
     "node1: @subteam1.team2 service=securityscan", "A"},
    {"anti-affinity with matching NamespaceSelector", "@subteam1.team1 security=S1 -zone/" SCAN "?team1", kNode1,
     "node1: @subteam2.team1 service=securityscan", "X"},
    {"anti-affinity with matching all NamespaceSelector", "@subteam1.team1 security=S1 -zone/" SCAN "?*", kNode1,
     "node1: @subteam2.team1 service=securityscan", "X"},
    {"anti-affinity with non-matching NamespaceSelector", "@subteam1.team1 security=S1 -zone/" SCAN "?team1", kNode1,
     "node1: @subteam1.team2 service=securityscan", "o"},
};

constexpr const char* kChina = "nodeA region=China | nodeB region=China az=az1 | nodeC region=India";
constexpr const char* kOneRegion = "nodeA region=r1 zone=z1 hostname=nodeA | nodeB region=r1 zone=z2 hostname=nodeB";
constexpr const char* kOneZone = "nodeA region=r1 zone=z1 hostname=nodeA | nodeB region=r1 zone=z1 hostname=nodeB";
#define COLLECTION "foo=bar service=securityscan +zone/foo~In~bar +zone/service~In~securityscan"

const NeighbourFilterRow kManyNodes[] = {
    {"A pod can be scheduled onto all the nodes that have the same topology key & label value with one of them has an existing pod that "
     "matches the affinity rules", "+region/foo~In~bar", kChina, "nodeA: foo=bar", "o o A"},
    {"The affinity rule is to schedule all of the pods of this collection to the same zone. The first pod of the collection should not be "
     "blocked from being scheduled onto any node, even there's no existing pod that matches the rule anywhere.", COLLECTION,
     "nodeA zone=az1 hostname=h1 | nodeB zone=az2 hostname=h2", "nodeA: foo=bar", "o o"},
    {"The first pod of the collection can only be scheduled on nodes labelled with the requested topology keys", COLLECTION,
     "nodeA zoneLabel=az1 hostname=h1 | nodeB zoneLabel=az2 hostname=h2", "nodeA: foo=bar", "A A"},
    {"NodeA and nodeB have same topologyKey and label value. NodeA has an existing pod that matches the inter pod affinity rule. The pod "
     "can not be scheduled onto nodeA and nodeB.", "-region/foo~In~abc", "nodeA region=r1 hostname=nodeA | nodeB region=r1 hostname=nodeB",
     "nodeA: foo=abc", "X X"},
    {"This test ensures that anti-affinity matches a pod when any term of the anti-affinity rule matches a pod.",
     "-region/foo~In~abc -zone/service~In~securityscan", kOneRegion, "nodeA: foo=abc service=securityscan", "X X"},
    {"NodeA and nodeB have same topologyKey and label value. NodeA has an existing pod that matches the inter pod affinity rule. The pod "
     "can not be scheduled onto nodeA and nodeB but can be scheduled onto nodeC", "-region/foo~In~abc", kChina, "nodeA: foo=abc", "X X o"},
    {"NodeA and nodeB have same topologyKey and label value. NodeA has an existing pod that matches the inter pod affinity rule. The pod "
     "can not be scheduled onto nodeA, nodeB, but can be scheduled onto nodeC (NodeC has an existing pod that match the inter pod affinity "
     "rule but in different namespace)", "@NS1 foo=123 -region/foo~In~bar", kChina, "nodeA: @NS1 foo=bar; nodeC: @NS2 -region/foo~In~123",
     "X X o"},
    {"Test existing pod's anti-affinity: if an existing pod has a term with invalid topologyKey, labelSelector of the term is firstly "
     "checked, and then topologyKey of the term is also checked", "foo=", kOneZone, "nodeA: -invalid-node-label/foo~Exists", "skip"},
    {"Test incoming pod's anti-affinity: even if labelSelector matches, we still check if topologyKey matches",
     "-invalid-node-label/foo~Exists", kOneZone, "nodeA: foo=", "o o"},
    {"Test existing pod's anti-affinity: incoming pod wouldn't considered as a fit as it violates each existingPod's terms on all nodes",
     "foo= bar=", kOneRegion, "nodeA: -zone/foo~Exists; nodeA: -region/bar~Exists", "E E"},
    {"Test incoming pod's anti-affinity: incoming pod wouldn't considered as a fit as it at least violates one anti-affinity rule of "
     "existingPod", "-zone/foo~Exists -region/bar~Exists", kOneRegion, "nodeA: foo=; nodeB: bar=", "X X"},
    {"Test existing pod's anti-affinity: only when labelSelector and topologyKey both match, it's counted as a single term match - case "
     "when one term has invalid topologyKey", "foo= bar=", kOneRegion, "nodeA: -invalid-node-label/foo~Exists -zone/bar~Exists", "E o"},
    {"Test incoming pod's anti-affinity: only when labelSelector and topologyKey both match, it's counted as a single term match - case "
     "when one term has invalid topologyKey", "-invalid-node-label/foo~Exists -zone/bar~Exists", kOneRegion, "nodeA: foo= bar=", "X o"},
    {"Test existing pod's anti-affinity: only when labelSelector and topologyKey both match, it's counted as a single term match - case "
     "when all terms have valid topologyKey", "foo= bar=", kOneRegion, "nodeA: -region/foo~Exists -zone/bar~Exists", "E E"},
    {"Test incoming pod's anti-affinity: only when labelSelector and topologyKey both match, it's counted as a single term match - case "
     "when all terms have valid topologyKey", "-region/foo~Exists -zone/bar~Exists", kOneRegion, "nodeA: foo= bar=", "X X"},
    {"Test existing pod's anti-affinity: existingPod on nodeA and nodeB has at least one anti-affinity term matches incoming pod, so "
     "incoming pod can only be scheduled to nodeC", "foo= bar=",
     "nodeA region=r1 zone=z1 hostname=nodeA | nodeB region=r1 zone=z2 hostname=nodeB | nodeC region=r1 zone=z3 hostname=nodeC",
     "nodeA: -zone/foo~Exists -zone/labelA~Exists; nodeB: -zone/bar~Exists -zone/labelB~Exists", "E E o"},
    {"Test incoming pod's affinity: firstly check if all affinityTerms match, and then check if all topologyKeys match",
     "+region/foo~Exists +zone/bar~Exists", kOneZone, "nodeA: foo= bar=", "o o"},
    {"Test incoming pod's affinity: firstly check if all affinityTerms match, and then check if all topologyKeys match, and the match logic "
     "should be satisfied on the same pod", "+region/foo~Exists +zone/bar~Exists", kOneRegion, "nodeA: foo=; nodeB: bar=", "A A"},
};

/// The counts that the upstream rows expect of PreFilter, as they show: of the whole pod, of its affinity alone, of its anti-
/// affinity alone.
struct NeighbourCountRow {
  const char* upstream;
  const char* pod;
  const char* placed;
  const char* whole;
  const char* affinity;
  const char* anti_affinity;
};

#define ON_HOST(sign, key) sign "hostname/" key "~Exists"
const NeighbourCountRow kNeighbourCounts[] = {
    {"nil test", "", "", "skip", "skip", "skip"},
    {"incoming pod without affinity/anti-affinity causes a no-op", "", "nodeA: aaa=", "skip", "skip", "skip"},
    {"no pod has label that violates incoming pod's affinity and anti-affinity", ON_HOST("+", "aaa") " " ON_HOST("-", "aaa"), "nodeA: bbb=",
     "A", "A", "o"},
    {"existing pod matches incoming pod's affinity and anti-affinity - single term case", ON_HOST("+", "aaa") " " ON_HOST("-", "aaa"),
     "nodeA: aaa=", "X", "o", "X"},
    {"existing pod matches incoming pod's affinity and anti-affinity - multiple terms case",
     ON_HOST("+", "aaa") " " ON_HOST("+", "bbb") " " ON_HOST("-", "aaa"), "nodeA: aaa= bbb=", "X", "o", "X"},
    {"existing pod not match incoming pod's affinity but matches anti-affinity",
     ON_HOST("+", "aaa") " " ON_HOST("+", "bbb") " " ON_HOST("-", "aaa") " " ON_HOST("-", "bbb"), "nodeA: aaa=", "A", "A", "X"},
    {"incoming pod's anti-affinity has more than one term - existing pod violates partial term - case 1",
     ON_HOST("+", "aaa") " " ON_HOST("+", "ccc") " " ON_HOST("-", "aaa") " " ON_HOST("-", "ccc"), "nodeA: aaa= bbb=", "A", "A", "X"},
    {"incoming pod's anti-affinity has more than one term - existing pod violates partial term - case 2",
     ON_HOST("+", "aaa") " " ON_HOST("+", "bbb") " " ON_HOST("-", "aaa") " " ON_HOST("-", "bbb"), "nodeA: bbb=", "A", "A", "X"},
};

/// A pod that is added on trial and removed.
struct NeighbourTrialRow {
  const char* upstream;
  const char* pod;
  const char* first;      // on nodeA
  const char* second;     // on nodeC
  const char* added;      // "NODE: WORDS"
  const char* before;
  const char* after;
  const char* neither;    // with `added` and then `first` removed
};

#define FOO_BAR "foo~In~bar"
#define BUZZ "foo~In~bar,buzz"
#define NO_SERVICE "service~NotIn~bar,security,test"
constexpr const char* kTrialNodes = "nodeA region=r1 zone=z11 | nodeB region=r1 zone=z12 | nodeC region=r2 zone=z21";
const NeighbourTrialRow kNeighbourTrials[] = {
    {"preFilterState anti-affinity terms are updated correctly after adding and removing a pod", "foo=bar -region/" FOO_BAR, "foo=bar",
     "-region/" FOO_BAR, "nodeB: foo=bar -region/" FOO_BAR, "X X E", "X X E", "o o E"},
    {"preFilterState anti-affinity terms are updated correctly after adding and removing a pod (2)",
     "foo=bar -region/" BUZZ " -zone/" NO_SERVICE, "foo=bar", "-region/" FOO_BAR, "nodeA: foo=bar -region/" BUZZ " -zone/" NO_SERVICE,
     "X X X", "X X X", "o o X"},
    {"preFilterState matching pod affinity and anti-affinity are updated correctly after adding and removing a pod",
     "foo=bar +region/" BUZZ " +zone/" NO_SERVICE, "foo=bar", "-region/" FOO_BAR " +region/" BUZZ " +zone/" NO_SERVICE,
     "nodeA: foo=bar -region/" BUZZ " -zone/" NO_SERVICE, "o A A", "E A A", "o o E"},
};

/// "a,b" as "a', 'b".
std::string quoted_list(std::string text) {
  for (std::size_t at = 0; (at = text.find(',', at)) != text.npos; at += 4) text.replace(at, 1, "', '");
  return text;
}

/// Of what follows "+" or "-".
std::string term_of(std::string text) {
  std::string extra;
  if (const std::size_t at = text.find_first_of("?!"); at != text.npos) {
    const std::string what = text.substr(at + 1);
    if (text[at] == '!') extra = base::cat(", namespaces: [", what, "]");
    else extra = what == "*" ? ", namespaceSelector: {}"
                             : base::cat(", namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [", what, "]}]}");
    text.resize(at);
  }
  const std::size_t slash = text.find('/');
  std::string expressions;
  for (const std::string& e : parts(text.substr(slash + 1), '&')) {
    const std::vector<std::string> words = parts(e, '~');
    expressions += base::cat(expressions.empty() ? "" : ", ", "{key: ", words[0], ", operator: ", words[1],
                             words.size() > 2 ? base::cat(", values: ['", quoted_list(words[2]), "']") : "", "}");
  }
  return base::cat("{topologyKey: '", text.substr(0, slash), "', labelSelector: {matchExpressions: [", expressions, "]}", extra, "}");
}

api::Pod affine_pod(std::string_view text) {
  std::string with, against;
  api::Pod pod;
  for (const std::string& word : parts(text, ' ')) {
    if (word.empty()) continue;
    if (word[0] == '@') pod.metadata.namespace_ = word.substr(1);
    else if (word[0] == '+') with += base::cat(with.empty() ? "" : ", ", term_of(word.substr(1)));
    else if (word[0] == '-') against += base::cat(against.empty() ? "" : ", ", term_of(word.substr(1)));
    else pod.metadata.labels.set(Str(word.substr(0, word.find('='))), Str(word.substr(word.find('=') + 1)));
  }
  constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution: [";
  if (with.empty() && against.empty()) return pod;
  pod.spec.edit().affinity.edit() = from_yaml<api::Affinity>(
      base::cat("{podAffinity: {", kRequired, with, "]}, podAntiAffinity: {", kRequired, against, "]}}"));
  return pod;
}

std::string affinity_verdicts(const char* letters) {
  std::string out;
  for (const std::string& letter : parts(letters, ' ')) {
    const char* said = letter == "skip" ? "skip" : letter == "o" ? "ok"
                       : letter == "A" ? "UnschedulableAndUnresolvable: node(s) didn't match pod affinity rules"
                       : letter == "X" ? "Unschedulable: node(s) didn't match pod anti-affinity rules"
                                       : "Unschedulable: node(s) didn't satisfy existing pods anti-affinity rules";
    out += base::cat(out.empty() ? "" : " | ", said);
  }
  return out;
}

void build_affinity_cluster(std::string_view nodes, std::string_view placed, PluginWorld& world) {
  for (const char* ns : {"subteam1.team1", "subteam2.team1", "subteam1.team2", "subteam2.team2", "NS1"}) {
    api::Namespace space;
    space.metadata.name = ns;
    if (std::string_view(ns) != "NS1") space.metadata.labels.set("team", std::string_view(ns).ends_with("1") ? "team1" : "team2");
    world.lister().set(api::make_object(std::move(space)));
  }
  for (const std::string& text : parts(nodes, '|')) {
    const std::vector<std::string> words = parts(text, ' ');
    api::Node node;
    node.metadata.name = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) {
      node.metadata.labels.set(Str(words[i].substr(0, words[i].find('='))), Str(words[i].substr(words[i].find('=') + 1)));
    }
    world.node(std::move(node));
  }
  for (const std::string& text : parts(placed, ';')) {
    const std::size_t colon = text.find(':');
    world.place(affine_pod(std::string_view(text).substr(colon + 1)), text.substr(0, colon));
  }
}

void check_affinity(std::span<const NeighbourFilterRow> rows) {
  for (const NeighbourFilterRow& row : rows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    build_affinity_cluster(row.nodes, row.placed, world);
    CHECK(world.verdicts("InterPodAffinity", world.pod(affine_pod(row.pod))) == affinity_verdicts(row.expected));
  }
}

/// The pod without its terms that begin with `sign`.
std::string without(char sign, std::string_view pod) {
  std::string out;
  for (const std::string& word : parts(pod, ' ')) {
    if (!word.empty() && word[0] != sign) out += base::cat(out.empty() ? "" : " ", word);
  }
  return out;
}

/// What InterPodAffinity's filter says to each node, in the letters of the tables.
std::string letters_of(const InterPodAffinity& plugin, const CycleState& state, const PodInfo& pod, const PluginWorld& world) {
  std::string out;
  for (const char* node : {"nodeA", "nodeB", "nodeC"}) {
    const Status s = plugin.filter(state, pod, *world.snapshot().find(node));
    const char* letter = s.ok() ? "o" : s.message() == plugin.affinity_status().message() ? "A"
                         : s.message() == plugin.anti_affinity_status().message() ? "X" : "E";
    out += base::cat(out.empty() ? "" : " ", letter);
  }
  return out;
}

const InterPodAffinity& affinity_plugin(const PluginWorld& world) {
  return *dynamic_cast<const InterPodAffinity*>(world.framework().find("InterPodAffinity"));
}

CycleState prefiltered(const InterPodAffinity& plugin, const PodInfo& pod) {
  CycleState state;
  NodeNames names;
  CHECK(plugin.pre_filter(state, pod, names).ok());
  return state;
}

}  // namespace

TEST_CASE("InterPodAffinity: TestRequiredAffinitySingleNode, TestRequiredAffinityMultipleNodes") {
  check_affinity(kSingleNode);
  check_affinity(kManyNodes);
}

TEST_CASE("InterPodAffinity: TestGetTPMapMatchingIncomingAffinityAntiAffinity") {
  for (const NeighbourCountRow& row : kNeighbourCounts) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    build_affinity_cluster("nodeA hostname=nodeA", row.placed, world);
    const auto says = [&](std::string_view pod) { return world.verdicts("InterPodAffinity", world.pod(affine_pod(pod))); };
    CHECK(says(row.pod) == affinity_verdicts(row.whole));
    CHECK(says(without('-', row.pod)) == affinity_verdicts(row.affinity));
    CHECK(says(without('+', row.pod)) == affinity_verdicts(row.anti_affinity));
  }
}

TEST_CASE("InterPodAffinity: TestPreFilterStateAddRemovePod, TestPreFilterStateClone") {
  for (const NeighbourTrialRow& row : kNeighbourTrials) {
    CAPTURE(std::string(row.upstream));
    const std::string placed = base::cat("nodeA: ", row.first, "; nodeC: ", row.second);
    PluginWorld all;
    build_affinity_cluster(kTrialNodes, base::cat(placed, "; ", row.added), all);
    const PodInfoRef in_all = all.pod(affine_pod(row.pod));
    CHECK(letters_of(affinity_plugin(all), prefiltered(affinity_plugin(all), *in_all), *in_all, all) == row.after);

    PluginWorld world;
    build_affinity_cluster(kTrialNodes, placed, world);
    const InterPodAffinity& plugin = affinity_plugin(world);
    const PodInfoRef pod = world.pod(affine_pod(row.pod));
    const std::string_view added_text = row.added;
    const PodInfoRef added = world.pod(affine_pod(added_text.substr(added_text.find(':') + 1)));
    const PodInfoRef first = world.pod(affine_pod(row.first));
    const NodeInfo& node = *world.snapshot().find(added_text.substr(0, added_text.find(':')));
    const CycleState original = prefiltered(plugin, *pod);
    CycleState state = original.clone();
    plugin.add_pod(state, *pod, *added, node);
    CHECK(letters_of(plugin, state, *pod, world) == row.after);
    CHECK(letters_of(plugin, original, *pod, world) == row.before);
    plugin.remove_pod(state, *pod, *added, node);
    CHECK(letters_of(plugin, state, *pod, world) == row.before);
    plugin.remove_pod(state, *pod, *first, *world.snapshot().find("nodeA"));
    CHECK(letters_of(plugin, state, *pod, world) == row.neither);
  }
}

#undef SCAN
#undef VIRUS
#undef COLLECTION
#undef ON_HOST
#undef FOO_BAR
#undef BUZZ
#undef NO_SERVICE
