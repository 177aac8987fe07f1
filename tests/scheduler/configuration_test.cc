// KubeSchedulerConfiguration: what files come to, and what is wrong with bad ones, with line, path and upstream's words.
#include <doctest/doctest.h>

#include "control/scheduler/config/configuration.h"
#include "model/base/str.h"

using namespace orrery;
using namespace orrery::scheduler;

namespace {

constexpr std::string_view kConfigHead = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

Configuration good(std::string_view body) {
  auto read = read_configuration(base::cat(kConfigHead, body));
  if (!read.ok()) FAIL(read.error().path << ": " << read.error().what);
  return std::move(*read);
}

std::string names_at(const Profile& p, Point point) {
  std::string out;
  for (const PluginLayout::Entry& e : p.config.layout.at(point)) {
    out += base::cat(out.empty() ? "" : " ", e.plugin);
    if (point == Point::kScore) out += base::cat(":", std::to_string(e.weight));
  }
  return out;
}

struct LayoutRow {
  const char* what;
  const char* plugins;   // below profiles[0].plugins
  Point point;
  const char* expected;
};

constexpr const char* kDefaultFilters = "NodeUnschedulable NodeName TaintToleration NodeAffinity NodePorts NodeResourcesFit "
                                        "VolumeRestrictions NodeVolumeLimits VolumeBinding VolumeZone PodTopologySpread InterPodAffinity";
constexpr const char* kDefaultScores = "TaintToleration:3 NodeAffinity:2 NodeResourcesFit:1 PodTopologySpread:2 InterPodAffinity:2 "
                                       "NodeResourcesBalancedAllocation:1 ImageLocality:1";

const LayoutRow kLayoutRows[] = {
    {"nothing said", "{}", Point::kScore, kDefaultScores},
    {"nothing said, filters", "{}", Point::kFilter, kDefaultFilters},
    {"one score off", "{score: {disabled: [{name: ImageLocality}]}}", Point::kScore,
     "TaintToleration:3 NodeAffinity:2 NodeResourcesFit:1 PodTopologySpread:2 InterPodAffinity:2 NodeResourcesBalancedAllocation:1"},
    {"all scores off, one back", "{score: {disabled: [{name: '*'}], enabled: [{name: NodeResourcesFit, weight: 5}]}}", Point::kScore,
     "NodeResourcesFit:5"},
    {"a weight given again goes first", "{score: {enabled: [{name: ImageLocality, weight: 7}]}}", Point::kScore,
     "ImageLocality:7 TaintToleration:3 NodeAffinity:2 NodeResourcesFit:1 PodTopologySpread:2 InterPodAffinity:2 "
     "NodeResourcesBalancedAllocation:1"},
    {"without a weight it is 1", "{score: {enabled: [{name: TaintToleration}]}}", Point::kScore,
     "TaintToleration:1 NodeAffinity:2 NodeResourcesFit:1 PodTopologySpread:2 InterPodAffinity:2 NodeResourcesBalancedAllocation:1 "
     "ImageLocality:1"},
    {"multiPoint keeps the place", "{multiPoint: {enabled: [{name: NodeAffinity, weight: 9}]}}", Point::kScore,
     "TaintToleration:3 NodeAffinity:9 NodeResourcesFit:1 PodTopologySpread:2 InterPodAffinity:2 NodeResourcesBalancedAllocation:1 "
     "ImageLocality:1"},
    {"multiPoint off everywhere", "{multiPoint: {disabled: [{name: TaintToleration}]}}", Point::kFilter,
     "NodeUnschedulable NodeName NodeAffinity NodePorts NodeResourcesFit VolumeRestrictions NodeVolumeLimits VolumeBinding VolumeZone "
     "PodTopologySpread InterPodAffinity"},
    {"all of multiPoint off, some back",
     "{multiPoint: {disabled: [{name: '*'}], enabled: [{name: PrioritySort}, {name: DefaultBinder}, {name: NodeResourcesFit}]}}",
     Point::kFilter, "NodeResourcesFit"},
    {"another order of filters", "{filter: {enabled: [{name: NodeResourcesFit}, {name: NodeName}]}}", Point::kFilter,
     "NodeResourcesFit NodeName NodeUnschedulable TaintToleration NodeAffinity NodePorts VolumeRestrictions NodeVolumeLimits "
     "VolumeBinding VolumeZone PodTopologySpread InterPodAffinity"},
};

struct BadRow {
  const char* body;
  const char* expected;   // "LINE: PATH: WHAT", of which the text read begins
};

const BadRow kBadRows[] = {
    {"profils: []\n", "3: profils: unknown field"},
    {"profiles:\n- schedulerName: a\n  plugin: {}\n", "5: profiles[0].plugin: unknown field"},
    {"parallelism: 0\n", "3: parallelism: Invalid value: 0: should be an integer value greater than zero"},
    {"percentageOfNodesToScore: 101\n", "3: percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]"},
    {"podInitialBackoffSeconds: 0\n", "3: podInitialBackoffSeconds: Invalid value: 0: must be greater than 0"},
    {"podInitialBackoffSeconds: 20\n", "1: podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds"},
    {"leaderElection: {resourceLock: endpoints}\n",
     "3: leaderElection.resourceLock: Invalid value: \"endpoints\": resourceLock value must be \"leases\""},
    {"extenders:\n- urlPrefix: http://x\n", "4: extenders[0]: extenders are not there yet"},
    {"extenders:\n- url: http://x\n", "4: extenders[0].url: unknown field"},
    {"profiles:\n- schedulerName: a\n- schedulerName: a\n",
     "5: profiles[1].schedulerName: Duplicate value: \"profiles[0].schedulerName\""},
    {"profiles:\n- schedulerName: a\n- {}\n", "5: profiles[1].schedulerName: Required value"},
    {"profiles:\n- percentageOfNodesToScore: -1\n", "4: profiles[0].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]"},
    {"profiles:\n- plugins:\n    score:\n      enabled:\n      - name: Nonesuch\n",
     "7: profiles[0].plugins.score.enabled[0].name: plugin \"Nonesuch\" does not exist"},
    {"profiles:\n- plugins:\n    filter:\n      enabled:\n      - name: DynamicResources\n",
     "7: profiles[0].plugins.filter.enabled[0].name: DynamicResources is not there yet"},
    {"profiles:\n- plugins:\n    filter:\n      enabled:\n      - name: EBSLimits\n",
     "7: profiles[0].plugins.filter.enabled[0].name: Invalid value: \"EBSLimits\": was invalid in version"},
    {"profiles:\n- plugins:\n    filter:\n      enabled:\n      - name: ImageLocality\n",
     "7: profiles[0].plugins.filter.enabled[0].name: plugin \"ImageLocality\" does not extend FilterPlugin plugin"},
    {"profiles:\n- plugins:\n    score:\n      enabled:\n      - {name: ImageLocality}\n      - {name: ImageLocality}\n",
     "8: profiles[0].plugins.score.enabled[1].name: plugin \"ImageLocality\" already registered as \"ScorePlugin\""},
    {"profiles:\n- plugins:\n    score:\n      enabled:\n      - {name: ImageLocality, weight: -1}\n",
     "7: profiles[0].plugins.score.enabled[0].weight: must not be negative"},
    {"profiles:\n- plugins: {multiPoint: {disabled: [{name: '*'}]}}\n",
     "4: profiles[0].plugins.queueSort: only one queue sort plugin required for profile with scheduler name \"default-scheduler\", but got 0"},
    {"profiles:\n- plugins: {bind: {disabled: [{name: '*'}]}}\n",
     "4: profiles[0].plugins.bind: at least one bind plugin is needed for profile with scheduler name \"default-scheduler\""},
    {"profiles:\n- plugins: {preFilter: {disabled: [{name: PodTopologySpread}]}}\n",
     "4: profiles[0].plugins.filter: plugin \"PodTopologySpread\" is called here but not at preFilter"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n  - name: NodeResourcesFit\n",
     "6: profiles[0].pluginConfig[1]: Duplicate value: \"NodeResourcesFit\""},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args:\n      scoringStrategy:\n        type: Best\n",
     "8: profiles[0].pluginConfig[0].args.scoringStrategy.type: Unsupported value: \"Best\": supported values: \"LeastAllocated\", "
     "\"MostAllocated\", \"RequestedToCapacityRatio\""},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 101}]}}\n",
     "6: profiles[0].pluginConfig[0].args.scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: RequestedToCapacityRatio}}\n",
     "6: profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: RequestedToCapacityRatio, "
     "requestedToCapacityRatio: {shape: [{utilization: 50, score: 3}, {utilization: 40, score: 11}]}}}\n",
     "6: profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 40: values must be "
     "sorted in increasing order"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: {type: LeastAllocated, requestedToCapacityRatio: {}}}\n",
     "6: profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {ignoredResourceGroups: [a/b]}\n",
     "6: profiles[0].pluginConfig[0].args.ignoredResourceGroups[0]: Invalid value: \"a/b\": resource group name can't contain '/'"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {ignored: [x]}\n",
     "6: profiles[0].pluginConfig[0].args.ignored: unknown field"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesFit\n    args: {kind: NodeAffinityArgs}\n",
     "6: profiles[0].pluginConfig[0].args.kind: args for plugin NodeResourcesFit were not of type NodeResourcesFitArgs, got NodeAffinityArgs"},
    {"profiles:\n- pluginConfig:\n  - name: NodeResourcesBalancedAllocation\n    args: {resources: [{name: cpu, weight: 2}]}\n",
     "6: profiles[0].pluginConfig[0].args.resources[0].weight: Invalid value: 2: must be 1"},
    {"profiles:\n- pluginConfig:\n  - name: InterPodAffinity\n    args: {hardPodAffinityWeight: 101}\n",
     "6: profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]"},
    {"profiles:\n- pluginConfig:\n  - name: DefaultPreemption\n    args: {minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0}\n",
     "6: profiles[0].pluginConfig[0].args.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute"},
    {"profiles:\n- pluginConfig:\n  - name: PodTopologySpread\n    args: {defaultConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]}\n",
     "6: profiles[0].pluginConfig[0].args.defaultingType: Invalid value: \"System\": when .defaultConstraints are not empty"},
    {"profiles:\n- pluginConfig:\n  - name: PodTopologySpread\n    args: {defaultingType: List, defaultConstraints: [{maxSkew: 0, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]}\n",
     "6: profiles[0].pluginConfig[0].args.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)"},
    {"profiles:\n- pluginConfig:\n  - name: VolumeBinding\n    args: {bindTimeoutSeconds: -1}\n",
     "6: profiles[0].pluginConfig[0].args.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value"},
    {"profiles:\n- pluginConfig:\n  - name: NodeName\n    args: {x: 1}\n", "6: profiles[0].pluginConfig[0].args: plugin \"NodeName\" takes no arguments"},
    {"profiles:\n- pluginConfig:\n  - name: Nonesuch\n", "5: profiles[0].pluginConfig[0].name: plugin \"Nonesuch\" does not exist"},
    {"profiles: 5\n", "3: : "},
    {"profiles: [\n", "4: : not YAML: "},
};

}  // namespace

TEST_CASE("plugins at their points") {
  for (const LayoutRow& row : kLayoutRows) {
    CAPTURE(std::string(row.what));
    const Configuration c = good(base::cat("profiles:\n- plugins: ", row.plugins, "\n"));
    CHECK(names_at(c.profiles[0], row.point) == row.expected);
  }
}

TEST_CASE("arguments and profiles") {
  const Configuration c = good(R"(
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 30
percentageOfNodesToScore: 40
clientConnection: {qps: 1000, burst: 2000}
leaderElection: {leaderElect: false}
parallelism: 8
profiles:
- schedulerName: packing
  percentageOfNodesToScore: 100
  pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      ignoredResources: [example.com/foo]
      scoringStrategy:
        type: RequestedToCapacityRatio
        resources: [{name: nvidia.com/gpu, weight: 3}, {name: cpu}]
        requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]}
  - name: PodTopologySpread
    args: {defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]}
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}
  - {name: InterPodAffinity, args: {hardPodAffinityWeight: 7, ignorePreferredTermsOfExistingPods: true}}
  - {name: VolumeBinding, args: {bindTimeoutSeconds: 5}}
  - {name: DefaultPreemption, args: {minCandidateNodesPercentage: 3}}
- schedulerName: plain
)");
  REQUIRE(c.profiles.size() == 2);
  CHECK(c.initial_backoff == 2 * base::kSecond);
  CHECK(c.max_backoff == 30 * base::kSecond);
  CHECK(c.qps == 1000);
  const ProfileConfig& packing = c.find("packing")->config;
  CHECK(packing.percentage_of_nodes_to_score == 100);
  CHECK(packing.fit.strategy == ScoringStrategy::kRequestedToCapacityRatio);
  CHECK(packing.fit.resources[0].weight == 3);
  CHECK(packing.fit.resources[1].weight == 1);
  CHECK(packing.fit.shape.size() == 2);
  CHECK(packing.fit.ignored_resources.size() == 1);
  CHECK(!packing.spread.system_defaults);
  CHECK(packing.spread.default_constraints.size() == 1);
  CHECK(packing.node_affinity.added.required_during_scheduling_ignored_during_execution.has_value());
  CHECK(packing.inter_pod_affinity.hard_pod_affinity_weight == 7);
  CHECK(packing.inter_pod_affinity.ignore_preferred_terms_of_existing_pods);
  CHECK(packing.volume_binding.bind_timeout == 5 * base::kSecond);
  CHECK(packing.preemption.min_candidate_nodes_percentage == 3);
  CHECK(packing.preemption.min_candidate_nodes_absolute == 100);
  CHECK(c.find("plain")->config.percentage_of_nodes_to_score == 40);
  CHECK(c.find("default-scheduler") == nullptr);
}

TEST_CASE("JSON is read, too; other kinds and versions are not") {
  CHECK(read_configuration(R"({"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"})").ok());
  CHECK(read_configuration("apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\n").error().path == "apiVersion");
  CHECK(read_configuration("apiVersion: v1\nkind: Pod\n").error().path == "kind");
  CHECK(!read_configuration("").ok());
}

TEST_CASE("bad configurations are told with line and path") {
  for (const BadRow& row : kBadRows) {
    CAPTURE(std::string(row.body));
    const auto read = read_configuration(base::cat(kConfigHead, row.body));
    REQUIRE(!read.ok());
    const std::string text = base::cat(std::to_string(read.error().line), ": ", read.error().path, ": ", read.error().what);
    CHECK_MESSAGE(text.starts_with(row.expected), text);
  }
}
