// The cycle with made-up plugins against upstream's own tables (schedule_one_test.go: TestSchedulerSchedulePod, TestFindFitAllError,
// TestFindFitSomeError, TestFindFitPredicateCallCounts, Test_prioritizeNodes, Test_SelectHost, TestNumFeasibleNodesToFind,
// TestFairEvaluationForNodes, TestPreferNominatedNodeFilterCallCounts). Left out: rows with extenders, and with scores that fail (they
// cannot here).
#include <doctest/doctest.h>

#include <algorithm>

#include "control/scheduler/cycle.h"
#include "tests/scheduler/plugin_world.h"

namespace cycle_decisions_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

/// "NAME/WHAT/ARGUMENT/WEIGHT". WHAT at Filter: true, false, match (pod and node of one name), no-pods, codes ("NODE=U", "NODE=R");
/// at PreFilter: names ("NODE,NODE", "-": all), none (no node), reject, error, skip (and then its Filter fails); at Score: num (the
/// node's name as a number), reverse (of it), equal, node2 (10, and 100 for node2), skipped (by PreScore; it would fail).
class Decider final : public Plugin, public PreFilterPlugin, public FilterPlugin, public PreScorePlugin, public NormalizeScorePlugin {
 public:
  explicit Decider(const std::string& text) : words_(parts(text, '/')) { words_.resize(4); }
  std::string_view name() const override { return words_[0]; }
  const std::string& what() const { return words_[1]; }
  std::int64_t weight() const { return words_[3].empty() ? 1 : std::stoi(words_[3]); }

  Status pre_filter(CycleState&, const PodInfo&, NodeNames& nodes) const override {
    if (what() == "reject") return Status(Code::kUnschedulableAndUnresolvable, name(), Str("injected unschedulable status"));
    if (what() == "error") return Status(Code::kError, name(), Str("injected error status"));
    if (what() == "skip") return Status::skip();
    if (what() == "none") nodes.emplace();
    if (what() != "names" || words_[2] == "-") return {};
    nodes.emplace();
    for (const std::string& n : parts(words_[2], ',')) nodes->insert(Str(n));
    return {};
  }
  Status filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const override {
    ++calls;
    const auto rejected = [&](Code code) { return Status(code, name(), Str("no")); };
    if (what() == "skip") return rejected(Code::kError);
    if (what() == "codes") {
      for (const std::string& one : parts(words_[2], ',')) {
        if (!one.starts_with(base::cat(node.name(), "="))) continue;
        return rejected(one.back() == 'U' ? Code::kUnschedulable : Code::kUnschedulableAndUnresolvable);
      }
    }
    const bool bad = what() == "false" || (what() == "match" && !(pod.meta().name == node.name())) ||
                     (what() == "no-pods" && !node.pods().empty());
    return bad ? rejected(Code::kUnschedulable) : Status();
  }
  Status pre_score(CycleState&, const PodInfo&, std::span<const NodeInfo* const>) const override {
    return what() == "skipped" ? Status::skip() : Status();
  }
  std::int64_t score(const CycleState&, const PodInfo&, const NodeInfo& node) const override {
    if (what() == "skipped") return -1;
    if (what() == "equal") return 1;
    if (what() == "node2") return node.name() == "node2" ? 100 : 10;
    return std::stoi(node.name().str());
  }
  void normalize(const CycleState&, const PodInfo&, std::span<const NodeInfo* const>, std::span<std::int64_t> scores) const override {
    if (what() != "reverse") return;
    const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
    const std::int64_t sum = *low + *high;
    for (std::int64_t& s : scores) s = sum - s;
  }

  mutable int calls = 0;

 private:
  std::vector<std::string> words_;
};

/// Plugins by their text, and upstream's by their name: VolumeBinding at PreFilter, PodTopologySpread at PreFilter and Filter, two scores.
class DecisionWorld {
 public:
  explicit DecisionWorld(std::string_view plugins, int percentage = 0) {
    ProfileConfig config;
    config.percentage_of_nodes_to_score = percentage;
    config.layout = PluginLayout();
    config.layout.at(Point::kQueueSort).push_back({Str("PrioritySort"), 0});
    std::vector<std::unique_ptr<Plugin>> made_up;
    for (const std::string& text : parts(plugins, ' ')) {
      if (text.find('/') == text.npos) {
        if (text == "VolumeBinding" || text == "PodTopologySpread") config.layout.at(Point::kPreFilter).push_back({Str(text), 0});
        if (text == "PodTopologySpread") config.layout.at(Point::kFilter).push_back({Str(text), 0});
        if (text == "NodeResourcesBalancedAllocation") config.layout.at(Point::kPreScore).push_back({Str(text), 0});
        if (text == "NodeResourcesBalancedAllocation" || text == "ImageLocality") config.layout.at(Point::kScore).push_back({Str(text), 1});
        continue;
      }
      auto p = std::make_unique<Decider>(text);
      for (const Point point : points_of(p->what())) config.layout.at(point).push_back({Str(p->name()), p->weight()});
      deciders.push_back(p.get());
      made_up.push_back(std::move(p));
    }
    framework_ = default_profile({snapshot, lister, nominator, running_, nullptr, nullptr}, config, std::move(made_up));
  }
  /// Each with its name as hostname, unless `yaml` (one line for all; "NAME" stands for the name) says else.
  void nodes(std::string_view names) {
    for (const std::string& name : parts(names, ' ')) {
      node(base::cat("{metadata: {name: '", name, "', labels: {kubernetes.io/hostname: '", name, "'}}}"));
    }
  }
  void node(std::string_view yaml) { snapshot.set_node(NodeHandle(api::make_object(from_yaml<api::Node>(yaml)))); }
  static PodInfoRef pod(std::string_view yaml) {
    auto p = from_yaml<api::Pod>(yaml);
    if (p.metadata.uid.empty()) p.metadata.uid = p.metadata.name;
    if (p.metadata.namespace_.empty()) p.metadata.namespace_ = "default";
    return base::make_ref<PodInfo>(api::make_object(std::move(p)));
  }
  CycleResult run(const PodInfoRef& p, CycleDetail* detail = nullptr) {
    CycleState state;
    return schedule_pod(*framework_, snapshot, nominator, *p, memory, state, detail);
  }
  /// The node, or of a pod that fits nowhere "NODE CODE PLUGIN" by name, then what holds for other nodes, then the plugins; or the error.
  std::string outcome(const CycleResult& r) const {
    if (r.node) return r.node->name().str();
    if (r.status.code() == Code::kError) return r.message;
    std::vector<std::string> lines;
    for (const Diagnosis::Rejection& n : r.diagnosis.nodes) {
      lines.push_back(base::cat(n.node->name(), n.status.code() == Code::kUnschedulable ? " U " : " R ", n.status.plugin()));
    }
    std::sort(lines.begin(), lines.end());
    if (!r.diagnosis.absent.message().empty()) lines.push_back(r.diagnosis.absent.message());
    std::string out;
    for (const std::string& l : lines) out += base::cat(l, "; ");
    out += "by";
    for (const std::string_view n : framework_->names_of(r.diagnosis.unschedulable)) out += base::cat(" ", n);
    return out;
  }

  Snapshot snapshot;
  FixedLister lister;
  Nominator nominator;
  CycleMemory memory;
  std::vector<Decider*> deciders;

 private:
  static std::vector<Point> points_of(std::string_view what) {
    if (what == "skip") return {Point::kPreFilter, Point::kFilter};
    if (what == "names" || what == "none" || what == "reject" || what == "error") return {Point::kPreFilter};
    if (what == "skipped") return {Point::kPreScore, Point::kScore};
    if (what == "num" || what == "reverse" || what == "equal" || what == "node2") return {Point::kScore};
    return {Point::kFilter};
  }

  RunningPreemptions running_;
  std::unique_ptr<Framework> framework_;
};

struct DecisionRow {
  const char* upstream;
  const char* plugins;
  const char* nodes;
  const char* pod;          // YAML
  const char* expected;     // nodes, blanks between; or what DecisionWorld::outcome() says
  const char* placed = "";  // "POD NODE [LABEL]", ";" between
  const char* claims = "";  // of the pod: YAML of a claim, fully bound
  const char* volume = "";  // YAML
};
#define POD(name) "{metadata: {name: '" name "'}}"
#define CLAIMED(claim) "{metadata: {name: ignore}, spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: " claim "}}]}}"
#define SPREAD(skew) "{metadata: {name: p, labels: {foo: ''}}, spec: {topologySpreadConstraints: [{maxSkew: " skew \
  ", topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchExpressions: [{key: foo, operator: Exists}]}}]}}"
#define ON_HOST1 "{nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [host1]}]}]}"

const DecisionRow kDecisions[] = {
    {"test 1", "FalseFilter/false", "node1 node2", POD("2"), "node1 U FalseFilter; node2 U FalseFilter; by FalseFilter"},
    {"test 2", "TrueFilter/true Equal/equal", "node1 node2", POD("ignore"), "node1 node2"},
    {"test 3", "MatchFilter/match", "node1 node2", POD("node2"), "node2"},
    {"test 4", "TrueFilter/true NumericMap/num", "3 2 1", POD("ignore"), "3"},
    {"test 5", "MatchFilter/match NumericMap/num", "3 2 1", POD("2"), "2"},
    {"test 6", "TrueFilter/true NumericMap/num//1 ReverseNumericMap/reverse//2", "3 2 1", POD("2"), "1"},
    {"test 7", "TrueFilter/true FalseFilter/false NumericMap/num", "3 2 1", POD("2"),
     "1 U FalseFilter; 2 U FalseFilter; 3 U FalseFilter; by FalseFilter"},
    {"test 8", "NoPodsFilter/no-pods MatchFilter/match NumericMap/num", "1 2", POD("2"),
     "1 U MatchFilter; 2 U NoPodsFilter; by MatchFilter NoPodsFilter", "2 2"},
    {"existing PVC", "VolumeBinding TrueFilter/true Equal/equal", "node1 node2", CLAIMED("existingPVC"), "node1 node2", "",
     "{metadata: {name: existingPVC}, spec: {volumeName: existingPV}}", "{metadata: {name: existingPV}}"},
    {"unknown PVC", "VolumeBinding TrueFilter/true", "node1 node2", CLAIMED("unknownPVC"),
     "persistentvolumeclaim \"unknownPVC\" not found; by VolumeBinding"},
    {"deleted PVC", "VolumeBinding TrueFilter/true", "node1 node2", CLAIMED("existingPVC"),
     "persistentvolumeclaim \"existingPVC\" is being deleted; by VolumeBinding", "",
     "{metadata: {name: existingPVC, deletionTimestamp: '2025-01-01T00:00:00Z'}}"},
    {"test podtopologyspread plugin - 2 nodes with maxskew=1", "PodTopologySpread", "node1 node2", SPREAD("1"), "node2", "pod1 node1 foo"},
    {"test podtopologyspread plugin - 3 nodes with maxskew=2", "PodTopologySpread Equal/equal", "node1 node2 node3", SPREAD("2"),
     "node2 node3", "pod1a node1 foo; pod1b node1 foo; pod2 node2 foo"},
    {"test with filter plugin returning Unschedulable status", "FakeFilter/codes/3=U NumericMap/num", "3", POD("test-filter"),
     "3 U FakeFilter; by FakeFilter"},
    {"test with filter plugin returning UnschedulableAndUnresolvable status", "FakeFilter/codes/3=R NumericMap/num", "3", POD("test-filter"),
     "3 R FakeFilter; by FakeFilter"},
    {"test with partial failed filter plugin", "FakeFilter/codes/1=U NumericMap/num", "1 2", POD("test-filter"), "2"},
    {"test prefilter plugin returning Unschedulable status", "FakePreFilter/reject", "1 2", POD("test-prefilter"),
     "injected unschedulable status; by FakePreFilter"},
    {"test prefilter plugin returning error status", "FakePreFilter/error", "1 2", POD("test-prefilter"),
     "running PreFilter plugin \"FakePreFilter\": injected error status"},
    {"test prefilter plugin returning node", "FakePreFilter1/names/- FakePreFilter2/names/node2 FakePreFilter3/names/node1,node2",
     "node1 node2 node3", POD("test-prefilter"), "node2"},
    {"test prefilter plugin returning non-intersecting nodes",
     "FakePreFilter1/names/- FakePreFilter2/names/node2 FakePreFilter3/names/node1", "node1 node2 node3", POD("test-prefilter"),
     "node(s) didn't satisfy plugin(s) [FakePreFilter2 FakePreFilter3] simultaneously; by FakePreFilter2 FakePreFilter3"},
    {"test prefilter plugin returning empty node set", "FakePreFilter1/names/- FakePreFilter2/none", "node1", POD("test-prefilter"),
     "node(s) didn't satisfy plugin FakePreFilter2; by FakePreFilter2"},
    {"test some nodes are filtered out by prefilter plugin and other are filtered out by filter plugin",
     "FakePreFilter/names/node2 FakeFilter/codes/node2=U", "node1 node2", POD("test-prefilter"),
     "node2 U FakeFilter; node(s) didn't satisfy plugin(s) [FakePreFilter]; by FakeFilter FakePreFilter"},
    {"test prefilter plugin returning skip", "FakePreFilter1/names/- FakeFilter1/codes/node1=U FakeFilter2/skip Equal/equal",
     "node1 node2 node3", POD("test-prefilter"), "node2 node3"},
    {"test all prescore plugins return skip", "TrueFilter/true FakePreScoreAndScorePlugin/skipped", "node1 node2", POD("ignore"),
     "node1 node2"},
    {"test prefilter plugin returned an invalid node", "FakePreFilter/names/invalid-node TrueFilter/true", "1 2", POD("test-prefilter"),
     "node(s) didn't satisfy plugin(s) [FakePreFilter]; by FakePreFilter"},
    {"hostname and nodename of the node do not match", "VolumeBinding TrueFilter/true Equal/equal", "", CLAIMED("PVC1"), "node1", "",
     "{metadata: {name: PVC1}, spec: {volumeName: PV1}}", "{metadata: {name: PV1}, spec: {nodeAffinity: {required: " ON_HOST1 "}}}"},
    {"TestFindFitAllError", "TrueFilter/true MatchFilter/match", "3 2 1", POD("p"),
     "1 U MatchFilter; 2 U MatchFilter; 3 U MatchFilter; by MatchFilter"},
};

struct PriorityRow {
  const char* upstream;
  const char* plugins;
  const char* image;
  const char* expected;   // "NODE: PLUGIN SCORE, PLUGIN SCORE = TOTAL" by name
};
#define BALANCED "NodeResourcesBalancedAllocation"
/// Upstream's rows have BalancedAllocation beside it, which gives 0 to pods that ask for nothing: here it skips them.
constexpr const char* kBothScores = "node1: Node2Prioritizer 10 = 10; node2: Node2Prioritizer 100 = 100; ";
const PriorityRow kPriorities[] = {
    {"the score from all plugins should be recorded in PluginToNodeScores", BALANCED " Node2Prioritizer/node2", "", kBothScores},
    {"plugin which returned skip in preScore shouldn't be executed in the score phase",
     BALANCED " Node2Prioritizer/node2 FakePreScoreAndScorePlugin/skipped", "", kBothScores},
    {"all score plugins are skipped", "FakePreScoreAndScorePlugin/skipped", "", "node1: = 0; node2: = 0; "},
    {"the score from Image Locality plugin with image in all nodes", "ImageLocality", "gcr.io/40",
     "node1: ImageLocality 5 = 5; node2: ImageLocality 5 = 5; node3: ImageLocality 5 = 5; "},
    {"the score from Image Locality plugin with image in partial nodes", "ImageLocality", "gcr.io/300",
     "node1: ImageLocality 18 = 18; node2: ImageLocality 18 = 18; node3: ImageLocality 0 = 0; "},
};
constexpr const char* kImages[] = {"{names: ['gcr.io/40:latest', 'gcr.io/40:v1'], sizeBytes: 83886080}, "
                                   "{names: ['gcr.io/300:latest', 'gcr.io/300:v1'], sizeBytes: 314572800}",
                                   "{names: ['gcr.io/300:latest'], sizeBytes: 314572800}, "
                                   "{names: ['gcr.io/40:latest', 'gcr.io/40:v1'], sizeBytes: 83886080}",
                                   "{names: ['gcr.io/600:latest'], sizeBytes: 629145600}, {names: ['gcr.io/40:latest'], sizeBytes: 83886080}, "
                                   "{names: ['gcr.io/900:latest'], sizeBytes: 943718400}"};

std::string scores_of(const CycleDetail& detail) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < detail.feasible.size(); ++i) {
    std::vector<std::string> plugins;
    for (const ScoredPlugin& p : detail.plugins) plugins.push_back(base::cat(p.plugin->name(), " ", std::to_string(p.weighted[i])));
    std::sort(plugins.begin(), plugins.end(), std::greater<>());   // upstream's order in these rows
    std::string line = base::cat(detail.feasible[i]->name(), ":");
    for (std::size_t k = 0; k < plugins.size(); ++k) line += base::cat(k == 0 ? " " : ", ", plugins[k]);
    lines.push_back(base::cat(line, " = ", std::to_string(detail.totals[i]), "; "));
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& l : lines) out += l;
  return out;
}

bool among(const std::string& name, std::string_view names) {
  const std::vector<std::string> all = parts(names, ' ');
  return std::find(all.begin(), all.end(), name) != all.end();
}

}  // namespace

TEST_CASE("cycle: TestSchedulerSchedulePod, TestFindFitAllError") {
  for (const DecisionRow& row : kDecisions) {
    CAPTURE(std::string(row.upstream));
    DecisionWorld w(row.plugins);
    w.nodes(row.nodes);
    if (!*row.nodes) w.node("{metadata: {name: node1, labels: {kubernetes.io/hostname: host1}}}");
    for (const std::string& text : parts(row.placed, ';')) {
      const std::vector<std::string> words = parts(text, ' ');
      const std::string labels = words.size() > 2 ? base::cat(", labels: {", words[2], ": ''}") : "";
      w.snapshot.add_pod(DecisionWorld::pod(base::cat("{metadata: {name: '", words[0], "'", labels, "}, spec: {nodeName: '", words[1], "'}}")),
                         Str(words[1]));
    }
    if (*row.claims) {
      auto claim = from_yaml<api::PersistentVolumeClaim>(row.claims);
      claim.metadata.namespace_ = "default";
      claim.metadata.annotations.set("pv.kubernetes.io/bind-completed", "true");
      w.lister.set(api::make_object(std::move(claim)));
    }
    if (*row.volume) w.lister.set(api::make_object(from_yaml<api::PersistentVolume>(row.volume)));
    const CycleResult r = w.run(DecisionWorld::pod(row.pod));
    const std::string outcome = w.outcome(r);
    if (r.node) CHECK_MESSAGE(among(outcome, row.expected), outcome);
    else CHECK(outcome == row.expected);
  }
}

TEST_CASE("cycle: TestSchedulerSchedulePod, where nothing scores") {
  const struct {
    const char* upstream;
    const char* plugins;
    const char* nodes;
    std::size_t evaluated;
  } rows[] = {{"test without score plugin no extra nodes are evaluated", "TrueFilter/true", "node1 node2 node3", 1},
              {"test no score plugin, prefilter plugin returning 2 nodes", "FakePreFilter/names/node1,node2", "node1 node2", 1},
              {"test prefilter plugin returning node",
               "FakePreFilter1/names/- FakePreFilter2/names/node2 FakePreFilter3/names/node1,node2", "node2", 1},
              // Of our own.
              {"those before it that do not fit count", "FakeFilter/codes/node1=U", "node2", 2}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.upstream));
    DecisionWorld w(row.plugins);
    w.nodes("node1 node2 node3");
    const CycleResult r = w.run(DecisionWorld::pod(POD("p")));
    REQUIRE(r.node);
    CHECK(among(r.node->name().str(), row.nodes));
    CHECK(r.feasible + r.diagnosis.nodes.size() == row.evaluated);
  }
  // The next pod goes on where this one has stopped.
  DecisionWorld w("TrueFilter/true");
  w.nodes("node1 node2 node3");
  for (const char* node : {"node1", "node2", "node3", "node1"}) CHECK(w.run(DecisionWorld::pod(POD("p"))).node->name() == node);
}

TEST_CASE("cycle: TestFindFitSomeError") {
  DecisionWorld w("TrueFilter/true MatchFilter/match");
  w.nodes("3 2 1");
  const CycleResult r = w.run(DecisionWorld::pod(POD("1")));
  REQUIRE(r.node);
  CHECK(r.node->name() == "1");
  CHECK(r.diagnosis.nodes.size() == 2);
  for (const Diagnosis::Rejection& n : r.diagnosis.nodes) {
    CHECK(n.status.plugin() == "MatchFilter");
    CHECK(n.status.message() == "no");
  }
}

TEST_CASE("cycle: Test_prioritizeNodes") {
  for (const PriorityRow& row : kPriorities) {
    CAPTURE(std::string(row.upstream));
    DecisionWorld w(row.plugins);
    for (int i = 0; i < (*row.image ? 3 : 2); ++i) {
      w.node(base::cat("{metadata: {name: node", std::to_string(i + 1), "}, status: {allocatable: {cpu: 1, memory: 2000Mi, pods: 100}, images: [",
                       *row.image ? kImages[i] : "", "]}}"));
    }
    CycleDetail detail;
    w.run(DecisionWorld::pod(base::cat("{metadata: {name: p}", *row.image ? ", spec: {containers: [{name: c, image: " : "", row.image,
                                       *row.image ? "}]}" : "", "}")),
          &detail);
    CHECK(scores_of(detail) == row.expected);
  }
}

TEST_CASE("cycle: TestFindFitPredicateCallCounts") {
  const struct {
    const char* upstream;
    int priority, calls;
  } rows[] = {{"nominated pods have lower priority, predicate is called once", 1000, 1},
              {"nominated pods have higher priority, predicate is called twice", 0, 2}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.upstream));
    DecisionWorld w("FakeFilter/true");
    w.nodes("1");
    w.nominator.add(DecisionWorld::pod("{metadata: {name: nominated}, spec: {priority: 100}}"), "1");
    w.run(DecisionWorld::pod(base::cat("{metadata: {name: '1'}, spec: {priority: ", std::to_string(row.priority), "}}")));
    CHECK(w.deciders[0]->calls == row.calls);
  }
}

TEST_CASE("cycle: TestPreferNominatedNodeFilterCallCounts") {
  const struct {
    const char *upstream, *nominated, *filter;
    int calls;
  } rows[] = {{"pod has the nominated node set, filter is called only once", "node1", "FakeFilter/true", 1},
              {"pod without the nominated pod, filter is called for each node", "", "FakeFilter/true", 3},
              {"nominated pod cannot pass the filter, filter is called for each node", "node1", "FakeFilter/codes/node1=U", 4}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.upstream));
    DecisionWorld w(base::cat(row.filter, " Equal/equal"));
    w.nodes("node1 node2 node3");
    w.run(DecisionWorld::pod(base::cat("{metadata: {name: p}, spec: {priority: 1000}, status: {nominatedNodeName: '", row.nominated, "'}}")));
    CHECK(w.deciders[0]->calls == row.calls);
  }
}

TEST_CASE("cycle: Test_SelectHost") {
  const struct {
    const char *upstream, *nodes, *best;
  } rows[] = {{"unique properly ordered scores", "1 2", "2"}, {"equal scores", "2.2 2.1 2.3", "2.2 2.1 2.3"},
              {"out of order scores", "3.1 2.1 1.1 3.2", "3.1 3.2"}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.upstream));
    DecisionWorld w("TrueFilter/true NumericMap/num");
    w.nodes(row.nodes);
    base::BTreeSet<std::string> seen;
    for (int i = 0; i < 50; ++i) seen.insert(w.run(DecisionWorld::pod(POD("p"))).node->name().str());
    for (const std::string& name : seen) CHECK(among(name, row.best));
    CHECK(seen.size() == parts(row.best, ' ').size());
  }
}

TEST_CASE("cycle: TestNumFeasibleNodesToFind") {
  const struct {
    const char* upstream;
    int percentage;          // the profile's, or else the one of all
    std::size_t nodes, wanted;
  } rows[] = {{"not set percentageOfNodesToScore and nodes number not more than 50", 0, 10, 10},
              {"set profile percentageOfNodesToScore and nodes number not more than 50", 40, 10, 10},
              {"not set percentageOfNodesToScore and nodes number more than 50", 0, 1000, 420},
              {"set profile percentageOfNodesToScore and nodes number more than 50", 40, 1000, 400},
              {"set global and profile percentageOfNodesToScore and nodes number more than 50", 40, 1000, 400},
              {"set global percentageOfNodesToScore and nodes number more than 50", 40, 1000, 400},
              {"not set profile percentageOfNodesToScore and nodes number more than 50*125", 0, 6000, 300},
              {"set profile percentageOfNodesToScore and nodes number more than 50*125", 40, 6000, 2400}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.upstream));
    CHECK(feasible_nodes_wanted(row.nodes, row.percentage) == row.wanted);
  }
}

TEST_CASE("cycle: TestFairEvaluationForNodes") {
  constexpr std::size_t kNodes = 500;
  DecisionWorld w("TrueFilter/true Equal/equal", 30);
  for (std::size_t i = 0; i < kNodes; ++i) w.nodes(std::to_string(i));
  const std::size_t wanted = feasible_nodes_wanted(kNodes, 30);
  for (std::size_t i = 0; i < 2 * (kNodes / wanted + 1); ++i) {
    CHECK(w.run(DecisionWorld::pod(POD("p"))).feasible == wanted);
    CHECK(w.memory.next_start == (i + 1) * wanted % kNodes);
  }
}

#undef POD
#undef CLAIMED
#undef SPREAD
#undef ON_HOST1
#undef BALANCED

}  // namespace cycle_decisions_test
