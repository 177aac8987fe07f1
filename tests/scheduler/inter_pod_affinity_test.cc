// InterPodAffinity's scores against upstream's own tables (plugins/interpodaffinity/scoring_test.go: TestPreferredAffinity,
// TestPreferredAffinityWithHardPodAffinitySymmetricWeight). The rows about selectors that the API refuses are left out.
#include <doctest/doctest.h>

#include "model/api/namespace.h"
#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

#define SOFT "preferredDuringSchedulingIgnoredDuringExecution"
#define HARD "requiredDuringSchedulingIgnoredDuringExecution"
#define SECURITY(value) "{matchExpressions: [{key: security, operator: In, values: [" value "]}]}"
#define TEAM1 "namespaces: [subteam2.team2], namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [team1]}]}"

/// The affinities that upstream's rows share, by name.
constexpr std::pair<std::string_view, const char*> kAffinities[] = {
    {"with-S1", "{podAffinity: {" SOFT ": [{weight: 5, podAffinityTerm: {topologyKey: region, labelSelector: " SECURITY("S1") "}}]}}"},
    {"with-S2", "{podAffinity: {" SOFT ": [{weight: 6, podAffinityTerm: {topologyKey: region, labelSelector: " SECURITY("S2") "}}]}}"},
    {"operators",
     "{podAffinity: {" SOFT ": [{weight: 8, podAffinityTerm: {topologyKey: region, labelSelector: {matchExpressions: "
     "[{key: security, operator: NotIn, values: [S1]}, {key: security, operator: In, values: [S2]}]}}}, "
     "{weight: 2, podAffinityTerm: {topologyKey: region, labelSelector: {matchExpressions: [{key: security, operator: Exists}, "
     "{key: wrongkey, operator: DoesNotExist}]}}}]}}"},
    {"hard",
     "{podAffinity: {" HARD ": [{topologyKey: region, labelSelector: " SECURITY("S1, value2") "}, {topologyKey: region, labelSelector: "
     "{matchExpressions: [{key: security, operator: Exists}, {key: wrongkey, operator: DoesNotExist}]}}]}}"},
    {"not-S1", "{podAntiAffinity: {" SOFT ": [{weight: 5, podAffinityTerm: {topologyKey: az, labelSelector: " SECURITY("S1") "}}]}}"},
    {"not-S2", "{podAntiAffinity: {" SOFT ": [{weight: 5, podAffinityTerm: {topologyKey: az, labelSelector: " SECURITY("S2") "}}]}}"},
    {"with-S1-not-S2",
     "{podAffinity: {" SOFT ": [{weight: 8, podAffinityTerm: {topologyKey: region, labelSelector: " SECURITY("S1") "}}]}, "
     "podAntiAffinity: {" SOFT ": [{weight: 5, podAffinityTerm: {topologyKey: az, labelSelector: " SECURITY("S2") "}}]}}"},
    {"with-teams",
     "{podAffinity: {" SOFT ": [{weight: 5, podAffinityTerm: {topologyKey: region, labelSelector: " SECURITY("S1") ", " TEAM1 "}}]}}"},
    {"not-teams",
     "{podAntiAffinity: {" SOFT ": [{weight: 5, podAffinityTerm: {topologyKey: region, labelSelector: " SECURITY("S1") ", " TEAM1 "}}]}}"},
    {"hard-service",
     "{podAffinity: {" HARD ": [{topologyKey: region, labelSelector: {matchExpressions: [{key: service, operator: In, values: [S1]}]}, "
     "namespaces: ['', subteam2.team2], namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [team1]}]}}]}}"},
};

struct NeighbourRow {
  const char* upstream;
  const char* pod;         // "SECURITY AFFINITY NAMESPACE", "-" for none
  const char* nodes;       // labels, "|" between
  const char* placed;      // "NODE SECURITY AFFINITY NAMESPACE", ";" between
  const char* expected;
  std::int32_t hard_weight = 1;
  bool ignore_existing = false;
};

constexpr const char* kChinaIndiaAz = "{region: China} | {region: India} | {az: az1}";
constexpr const char* kChinaIndia = "{region: China} | {region: India}";

const NeighbourRow kNeighbours[] = {
    {"all nodes are same priority as Affinity is nil", "S1 - -", kChinaIndiaAz, "", "skip"},
    {"Affinity: pod that matches topology key & pods in nodes will get high score comparing to others which doesn't match either pods in "
     "nodes or in topology key", "S1 with-S1 -", kChinaIndiaAz, "1 S1 - -; 2 S2 - -; 3 S1 - -", "100 0 0"},
    {"All the nodes that have the same topology key & label value with one of them has an existing pod that match the affinity rules, have "
     "the same score", "- with-S1 -", "{region: China} | {region: China, az: az1} | {region: India}", "1 S1 - -", "100 100 0"},
    {"Affinity: nodes in one region has more matching pods comparing to other region, so the region which has more matches will get high "
     "score", "S1 with-S2 -", "{region: China} | {region: India} | {region: China} | {region: China} | {region: India}",
     "1 S2 - -; 1 S2 - -; 2 S2 - -; 3 S2 - -; 4 S2 - -; 5 S2 - -", "100 0 100 100 0"},
    {"Affinity: different Label operators and values for pod affinity scheduling preference, including some match failures", "S1 operators -",
     kChinaIndiaAz, "1 S1 - -; 2 S2 - -; 3 S1 - -", "20 100 0"},
    {"Affinity symmetry: considered only the preferredDuringSchedulingIgnoredDuringExecution in pod affinity symmetry", "S2 - -",
     kChinaIndiaAz, "1 S1 with-S1 -; 2 S2 with-S2 -", "0 100 0"},
    {"Affinity symmetry with namespace selector", "S1 - subteam1.team1", kChinaIndiaAz, "1 S1 with-teams -; 2 S2 with-S2 -", "100 0 0"},
    {"AntiAffinity symmetry with namespace selector", "S1 - subteam1.team1", kChinaIndiaAz, "1 S1 not-teams -; 2 S2 with-S2 -", "0 100 100"},
    {"Affinity symmetry: considered RequiredDuringSchedulingIgnoredDuringExecution in pod affinity symmetry", "S1 - -", kChinaIndiaAz,
     "1 S1 hard -; 2 S2 hard -", "100 100 0"},
    {"Anti Affinity: pod that does not match existing pods in node will get high score", "S1 not-S1 -", "{az: az1} | {region: China}",
     "1 S1 - -; 2 S2 - -", "0 100"},
    {"Anti Affinity: pod that does not match topology key & match the pods in nodes will get higher score comparing to others",
     "S1 not-S1 -", "{az: az1} | {region: China}", "1 S1 - -; 2 S1 - -", "0 100"},
    {"Anti Affinity: one node has more matching pods comparing to other node, so the node which has more unmatches will get high score",
     "S1 not-S1 -", "{az: az1} | {region: India}", "1 S1 - -; 1 S1 - -; 2 S2 - -", "0 100"},
    {"Anti Affinity symmetry: the existing pods in node which has anti affinity match will get high score", "S2 - -",
     "{az: az1} | {az: az2}", "1 S1 not-S2 -; 2 S2 not-S1 -", "0 100"},
    {"Affinity and Anti Affinity: considered only preferredDuringSchedulingIgnoredDuringExecution in both pod affinity & anti affinity",
     "S1 with-S1-not-S2 -", "{region: China} | {az: az1}", "1 S1 - -; 2 S1 - -", "100 0"},
    {"Affinity and Anti Affinity: considering both affinity and anti-affinity, the pod to schedule and existing pods have the same labels",
     "S1 with-S1-not-S2 -", "{region: China, az: az1} | {region: India} | {region: China} | {region: China} | {region: India}",
     "1 S1 - -; 1 S1 - -; 2 S1 - -; 3 S1 - -; 3 S1 - -; 4 S1 - -; 5 S1 - -", "100 0 100 100 0"},
    {"Affinity and Anti Affinity and symmetry: considered only preferredDuringSchedulingIgnoredDuringExecution in both pod affinity & anti "
     "affinity & symmetry", "S1 with-S1-not-S2 -", "{region: China} | {az: az1} | {region: India} | {az: az2}",
     "1 S1 - -; 2 S2 - -; 3 - with-S1-not-S2 -; 4 - not-S1 -", "100 0 100 0"},
    {"Avoid panic when partial nodes in a topology don't have pods with affinity", "S1 - -", "{region: China} | {region: China}",
     "1 S1 - -; 2 - with-S1-not-S2 -", "0 0"},
    {"Affinity with pods matching NamespaceSelector", "S1 with-teams subteam1.team1", kChinaIndia,
     "1 S1 - subteam1.team1; 1 S1 - subteam1.team1; 1 S1 - subteam1.team2; 2 S1 - subteam2.team1", "100 0"},
    {"Affinity with pods matching both NamespaceSelector and Namespaces fields", "S1 with-teams subteam1.team1", kChinaIndia,
     "1 S1 - subteam1.team1; 1 S1 - subteam1.team1; 1 S1 - subteam2.team2; 2 S1 - subteam2.team1", "100 0"},
    {"Affinity with pods matching NamespaceSelector (anti)", "S1 not-teams subteam1.team1", kChinaIndia,
     "1 S1 - subteam1.team1; 1 S1 - subteam1.team1; 1 S1 - subteam1.team2; 2 S1 - subteam2.team1", "0 100"},
    {"Affinity with pods matching both NamespaceSelector and Namespaces fields (anti)", "S1 not-teams subteam1.team1", kChinaIndia,
     "1 S1 - subteam1.team1; 1 S1 - subteam1.team1; 1 S1 - subteam2.team2; 2 S1 - subteam2.team1", "0 100"},
    {"Ignore preferred terms of existing pods", "S2 - -", kChinaIndia, "1 S1 with-S1-not-S2 -; 2 S2 with-S2 -", "skip", 1, true},
    {"Do not ignore preferred terms of existing pods", "S2 - -", kChinaIndia, "1 S1 with-S1-not-S2 -; 2 S2 with-S2 -", "0 100"},
    {"No nodes to score", "S2 - -", "", "", "skip"},
    // With the label service=S1 in place of security.
    {"with default weight", "service - -", kChinaIndiaAz, "1 - hard-service -; 2 - hard-service -", "100 100 0"},
    {"with zero weight", "service - -", kChinaIndiaAz, "1 - hard-service -; 2 - hard-service -", "skip", 0},
    {"with no matching namespace", "service - subteam1.team2", kChinaIndiaAz, "1 - hard-service -; 2 - hard-service -", "skip"},
    {"with matching NamespaceSelector", "service - subteam1.team1", kChinaIndiaAz, "1 - hard-service -; 2 - hard-service -", "100 100 0"},
    {"with matching Namespaces", "service - subteam2.team2", kChinaIndiaAz, "1 - hard-service -; 2 - hard-service -", "100 100 0"},
};

/// Of "SECURITY AFFINITY NAMESPACE", from word `at` on.
api::Pod neighbour(const std::vector<std::string>& words, std::size_t at) {
  api::Pod pod;
  if (words[at] == "service") pod.metadata.labels.set("service", "S1");
  else if (words[at] != "-") pod.metadata.labels.set("security", Str(words[at]));
  if (words[at + 2] != "-") pod.metadata.namespace_ = words[at + 2];
  for (const auto& [name, yaml] : kAffinities) {
    if (words[at + 1] == name) pod.spec.edit().affinity.edit() = from_yaml<api::Affinity>(yaml);
  }
  return pod;
}

}  // namespace

TEST_CASE("InterPodAffinity: TestPreferredAffinity, ...WithHardPodAffinitySymmetricWeight") {
  for (const NeighbourRow& row : kNeighbours) {
    CAPTURE(std::string(row.upstream));
    ProfileConfig config;
    config.inter_pod_affinity = {row.hard_weight, row.ignore_existing};
    PluginWorld world(config);
    for (const char* ns : {"subteam1.team1", "subteam2.team1", "subteam1.team2", "subteam2.team2"}) {
      api::Namespace space;
      space.metadata.name = ns;
      space.metadata.labels.set("team", std::string_view(ns).ends_with("1") ? "team1" : "team2");
      world.lister().set(api::make_object(std::move(space)));
    }
    for (const std::string& labels : parts(row.nodes, '|')) world.node(from_yaml<api::Node>(base::cat("{metadata: {labels: ", labels, "}}")));
    for (const std::string& placed : parts(row.placed, ';')) {
      const std::vector<std::string> words = parts(placed, ' ');
      world.place(neighbour(words, 1), base::cat("node", words[0]));
    }
    CHECK(world.scores("InterPodAffinity", world.pod(neighbour(parts(row.pod, ' '), 0))) == row.expected);
  }
}
