// DefaultPreemption against upstream's own tables (plugins/defaultpreemption/default_preemption_test.go: TestPostFilter,
// TestDryRunPreemption, TestSelectBestCandidate, TestPodEligibleToPreemptOthers, TestPreempt; framework/preemption/preemption_test.go:
// TestDryRunPreemption). Left out: rows with extenders and with plugins whose AddPod fails, which do not exist here, and those about
// hooks that do not: TestCustomSelection, TestCustomOrdering, TestSelectCandidate.
#include <doctest/doctest.h>

#include <algorithm>
#include <climits>

#include "control/scheduler/plugins/default_preemption.h"
#include "model/api/pod_disruption_budget.h"
#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

/// Says the same to every node, and counts; the first filter of the profile, as upstream's FakeFilter is.
class CountingFilter final : public Plugin, public FilterPlugin {
 public:
  CountingFilter(Code code, int& calls) : code_(code), calls_(calls) {}
  std::string_view name() const override { return "CountingFilter"; }
  Status filter(const CycleState&, const PodInfo&, const NodeInfo&) const override {
    ++calls_;
    return code_ == Code::kSuccess ? Status() : Status(code_, name(), Str("injecting failure"));
  }

 private:
  Code code_;
  int& calls_;
};

#define HAS_FOO "{matchExpressions: [{key: foo, operator: Exists}]}"

/// A pod is words: NAME NODE ("-" for none) PRIORITY (neg low mid high very) SIZE (s 100, m 200, l 300, v 500 of both resources,
/// x more than any node has, - nothing), then "tN" (started after N s), "key" or "key=value" (label), "not-foo" (required anti-
/// affinity by hostname), "spread" (over zone and hostname by foo), "dying", "preempted", "never", "lower", "@NODE" (nominated).
api::Pod preemptible(const std::string& text) {
  const std::vector<std::string> words = parts(text, ' ');
  api::Pod pod;
  pod.metadata.name = words[0];
  pod.metadata.uid = words[0];
  pod.metadata.namespace_ = "default";
  api::PodSpec& spec = pod.spec.edit();
  if (words[1] != "-") spec.node_name = words[1];
  spec.priority = words[2] == "neg" ? -100 : words[2] == "low" ? 0 : words[2] == "mid" ? 100 : words[2] == "high" ? 1000 : 10000;
  const char* amount = words[3] == "s" ? "100" : words[3] == "m" ? "200" : words[3] == "l" ? "300" : words[3] == "v" ? "500" : "9000";
  api::Container container;
  container.name = "c";
  if (words[3] != "-") container.resources.requests = amounts(base::cat("cpu=", amount, "m,memory=", amount));
  spec.containers.push_back(std::move(container));
  for (std::size_t i = 4; i < words.size(); ++i) {
    const std::string& w = words[i];
    if (w.size() == 2 && w[0] == 't') pod.status.edit().start_time = api::Time(100 + w[1] - '0');
    else if (w == "dying" || w == "preempted") pod.metadata.deletion_timestamp = api::Time(1);
    else if (w == "never" || w == "lower") spec.preemption_policy = Str(w == "never" ? "Never" : "PreemptLowerPriority");
    else if (w[0] == '@') pod.status.edit().nominated_node_name = w.substr(1);
    else if (w == "not-foo") {
      spec.affinity.edit() = from_yaml<api::Affinity>(
          "{podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: hostname, labelSelector: " HAS_FOO "}]}}");
    } else if (w == "spread") {
      for (const char* key : {"zone", "hostname"}) {
        spec.topology_spread_constraints.push_back(from_yaml<api::TopologySpreadConstraint>(
            base::cat("{maxSkew: 1, topologyKey: ", key, ", whenUnsatisfiable: DoNotSchedule, labelSelector: " HAS_FOO "}")));
      }
    } else {
      pod.metadata.labels.set(Str(w.substr(0, w.find('='))), Str(w.find('=') == w.npos ? "" : w.substr(w.find('=') + 1)));
    }
    if (w == "preempted") {
      pod.status.edit().conditions.push_back(
          from_yaml<api::PodCondition>("{type: DisruptionTarget, status: 'True', reason: PreemptionByScheduler}"));
    }
  }
  return pod;
}

/// "KEY=VALUE ALLOWED DISRUPTED", the last may be missing.
void add_budget(PluginWorld& world, const std::string& text, int number) {
  const std::vector<std::string> words = parts(text, ' ');
  const std::vector<std::string> label = parts(words[0], '=');
  world.lister().set(api::make_object(from_yaml<api::PodDisruptionBudget>(base::cat(
      "{metadata: {name: b", std::to_string(number), ", namespace: default}, spec: {selector: {matchLabels: {", label[0], ": ", label[1],
      "}}}, status: {disruptionsAllowed: ", words[1],
      words.size() > 2 ? base::cat(", disruptedPods: {", words[2], ": '2025-01-01T00:00:00Z'}") : "", "}}"))));
}

struct PreemptionWorld {
  PreemptionWorld(const PreemptionConfig& args, Code code) : world(config(args), filters(code)) {
    plugin = dynamic_cast<const DefaultPreemption*>(world.framework().find("DefaultPreemption"));
  }
  static ProfileConfig config(const PreemptionConfig& args) {
    ProfileConfig out;
    out.preemption = args;
    auto& at = out.layout.at(Point::kFilter);
    at.insert(at.begin(), {Str("CountingFilter"), 0});
    return out;
  }
  std::vector<std::unique_ptr<Plugin>> filters(Code code) {
    std::vector<std::unique_ptr<Plugin>> out;
    out.push_back(std::make_unique<CountingFilter>(code, calls));
    return out;
  }
  /// Nodes "NAME/ZONE", blanks between; each takes 500 of both resources and 32 pods unless `capacity` says else.
  void fill(const char* nodes, const char* placed, const char* capacity = "cpu=500m,memory=500,pods=32") {
    for (const std::string& text : parts(nodes, ' ')) {
      const std::vector<std::string> names = parts(text, '/');
      api::Node node;
      node.metadata.name = names[0];
      node.metadata.labels.set("hostname", Str(names[0]));
      if (names.size() > 1) node.metadata.labels.set("zone", Str(names[1]));
      node.status.edit().allocatable = amounts(capacity);
      world.node(std::move(node));
      order.push_back(names[0]);
    }
    for (const std::string& p : parts(placed, ';')) world.place(preemptible(p), parts(p, ' ')[1]);
  }
  /// PreFilter's state, and a diagnosis in which every node named has this code.
  void prepare(const PodInfoRef& pod, const std::vector<std::pair<std::string, Code>>& codes) {
    state = CycleState();
    diagnosis = Diagnosis();
    NodeNames names;
    PluginSet restricting = 0;
    world.snapshot().nodes();
    REQUIRE(world.framework().run_pre_filter(state, *pod, names, restricting).ok());
    for (const auto& [name, code] : codes) diagnosis.nodes.push_back({world.snapshot().find(name), Status(code, "CountingFilter", Str("no"))});
    calls = 0;
  }
  std::vector<std::pair<std::string, Code>> all(Code code) const {
    std::vector<std::pair<std::string, Code>> out;
    for (const std::string& n : order) out.emplace_back(n, code);
    return out;
  }

  int calls = 0;
  PluginWorld world;
  const DefaultPreemption* plugin = nullptr;
  std::vector<std::string> order;
  CycleState state;
  Diagnosis diagnosis;
};

/// "NODE: VICTIM VICTIM [!VIOLATIONS]" by name of the node and the victims, " | " between.
std::string text_of(std::vector<PreemptionCandidate> found) {
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.node->name() < b.node->name(); });
  std::string out;
  for (PreemptionCandidate& c : found) {
    std::sort(c.victims.begin(), c.victims.end(), [](const PodInfoRef& a, const PodInfoRef& b) { return a->meta().name < b->meta().name; });
    out += base::cat(out.empty() ? "" : " | ", c.node->name(), ":");
    for (const PodInfoRef& v : c.victims) out += base::cat(" ", v->meta().name);
    if (c.pdb_violations > 0) out += base::cat(" !", std::to_string(c.pdb_violations));
  }
  return out;
}

/// A stream whose first draws below 5 are upstream's offsets of these tests: 4, 1, 3.
base::RandomStream upstream_offsets() {
  for (std::uint64_t key = 1;; ++key) {
    base::RandomStream probe(key);
    if (probe.below(5) == 4 && probe.below(5) == 1 && probe.below(5) == 3) return base::RandomStream(key);
  }
}

struct DryRunRow {
  const char* upstream;
  const char* pods;        // one cycle each, ";" between
  const char* nodes;
  const char* placed;
  const char* expected;    // per cycle, ";" between
  const char* calls;       // of the first filter, per cycle, ";" between
  const char* budgets = "";
  bool limited = false;    // minCandidateNodesPercentage 40, minCandidateNodesAbsolute 1 (2 in the last row)
  Code code = Code::kSuccess;
  int absolute = 1;
};

constexpr const char* kTwoNodes = "node1 node2";
constexpr const char* kFiveNodes = "node1 node2 node3 node4 node5";
constexpr const char* kTwoMid = "p1 node1 mid l; p2 node2 mid l";
constexpr const char* kFiveMid = "p1 node1 mid l; p2 node2 mid l; p3 node3 mid l; p4 node4 mid l; p5 node5 mid l";
constexpr const char* kTwoFoo = "p1.1 node1 mid m app=foo; p1.2 node1 mid m app=foo";

const DryRunRow kDryRuns[] = {
    {"a pod that does not fit on any node", "p - high x", kTwoNodes, "p1 node1 mid -; p2 node2 mid -", "", "2"},
    {"a pod that fits with no preemption", "p - high -", kTwoNodes, "p1 node1 mid -; p2 node2 mid -", "", "2", "", false, Code::kUnschedulable},
    {"a pod that fits on one node with no preemption", "node1 - high -", kTwoNodes, "p1 node1 mid -; p2 node2 mid -", "", "2", "", false,
     Code::kUnschedulable},
    {"a pod that fits on both nodes when lower priority pods are preempted", "p - high l", kTwoNodes, kTwoMid, "node1: p1 | node2: p2", "4"},
    {"a pod that would fit on the nodes, but other pods running are higher priority, no preemption would happen", "p - low l", kTwoNodes,
     kTwoMid, "", "0"},
    {"medium priority pod is preempted, but lower priority one stays as it is small", "p - high l", kTwoNodes,
     "p1.1 node1 low s; p1.2 node1 mid l; p2 node2 mid l", "node1: p1.2 | node2: p2", "5"},
    {"mixed priority pods are preempted", "p - high l", kTwoNodes,
     "p1.1 node1 mid s; p1.2 node1 low s; p1.3 node1 mid m; p1.4 node1 high s; p2 node2 high l", "node1: p1.2 p1.3", "4"},
    {"mixed priority pods are preempted, pick later StartTime one when priorities are equal", "p - high l", kTwoNodes,
     "p1.1 node1 low s t5; p1.2 node1 low s t4; p1.3 node1 mid m t3; p1.4 node1 high s t2; p2 node2 high l t1", "node1: p1.1 p1.3", "4"},
    {"pod with anti-affinity is preempted", "p - high s foo", kTwoNodes,
     "p1.1 node1 low s foo not-foo; p1.2 node1 mid s; p1.3 node1 high s; p2 node2 high s", "node1: p1.1", "3"},
    {"preemption to resolve pod topology spread filter failure", "p - high - foo spread", "node-a/zone1 node-b/zone1 node-x/zone2",
     "pod-a1 node-a mid - foo; pod-a2 node-a low - foo; pod-b1 node-b low - foo; pod-x1 node-x high - foo; pod-x2 node-x high - foo",
     "node-a: pod-a2 | node-b: pod-b1", "5"},
    {"get Unschedulable in the preemption phase when the filter plugins filtering the nodes", "p - high l", kTwoNodes, kTwoMid, "", "2", "",
     false, Code::kUnschedulable},
    {"preemption with violation of same pdb", "p - high v", "node1", kTwoFoo, "node1: p1.1 p1.2 !1", "3", "app=foo 1"},
    {"preemption with violation of the pdb with pod whose eviction was processed, the victim doesn't belong to DisruptedPods", "p - high v",
     "node1", kTwoFoo, "node1: p1.1 p1.2 !1", "3", "app=foo 1 p2"},
    {"preemption with violation of the pdb with pod whose eviction was processed, the victim belongs to DisruptedPods", "p - high v", "node1",
     kTwoFoo, "node1: p1.1 p1.2", "3", "app=foo 1 p1.2"},
    {"preemption with violation of the pdb with pod whose eviction was processed, the victim which belongs to DisruptedPods is treated as "
     "'nonViolating'", "p - high v", "node1", "p1.1 node1 mid m app=foo; p1.2 node1 mid m app=foo; p1.3 node1 mid m app=foo",
     "node1: p1.1 p1.2 p1.3 !1", "4", "app=foo 1 p1.3"},
    {"all nodes are possible candidates, but DefaultPreemptionArgs limits to 2", "p - high l", kFiveNodes, kFiveMid, "node1: p1 | node5: p5",
     "4", "", true},
    {"some nodes are not possible candidates, DefaultPreemptionArgs limits to 2", "p - high l", kFiveNodes,
     "p1 node1 mid l; p2 node2 very l; p3 node3 mid l; p4 node4 mid l; p5 node5 very l", "node1: p1 | node3: p3", "4", "", true},
    {"preemption offset across multiple scheduling cycles and wrap around", "tp1 - high l; tp2 - high l; tp3 - high l", kFiveNodes, kFiveMid,
     "node1: p1 | node5: p5; node2: p2 | node3: p3; node4: p4 | node5: p5", "4;4;4", "", true},
    {"preemption looks past numCandidates until a non-PDB violating node is found", "p - high l", kFiveNodes,
     "p1 node1 mid l app=foo; p2 node2 mid l app=foo; p3 node3 mid l; p4 node4 mid l; p5 node5 mid l app=foo",
     "node1: p1 !1 | node2: p2 !1 | node3: p3 | node5: p5 !1", "8", "app=foo 0", true, Code::kSuccess, 2},
    // framework/preemption/preemption_test.go: TestDryRunPreemption; there the first pod of a node is always the victim.
    {"no pdb violation", "p - high l", kTwoNodes, kTwoMid, "node1: p1 | node2: p2", "4"},
    {"pdb violation on each node", "p - high l", kTwoNodes, "p1 node1 mid l app=foo; p2 node2 mid l app=foo", "node1: p1 !1 | node2: p2 !1",
     "4", "app=foo 0"},
};

struct BestRow {
  const char* upstream;
  const char* pod;
  const char* nodes;
  const char* placed;
  const char* expected;    // any of these nodes
};
constexpr const char* kThreeNodes = "node1 node2 node3";
const BestRow kBest[] = {
    {"a pod that fits on both nodes when lower priority pods are preempted", "p - high l", kTwoNodes, "p1 node1 mid l t0; p2 node2 mid l t0",
     "node1 node2"},
    {"node with min highest priority pod is picked", "p - high v", kThreeNodes,
     "p1.1 node1 mid m t0; p1.2 node1 mid l t0; p2.1 node2 mid m t0; p2.2 node2 low m t0; p3.1 node3 low m t0; p3.2 node3 low m t0", "node3"},
    {"when highest priorities are the same, minimum sum of priorities is picked", "p - high v", kThreeNodes,
     "p1.1 node1 mid m t0; p1.2 node1 mid l t0; p2.1 node2 mid l t0; p2.2 node2 low m t0; p3.1 node3 mid m t0; p3.2 node3 mid m t0", "node2"},
    {"when highest priority and sum are the same, minimum number of pods is picked", "p - high v", kThreeNodes,
     "p1.1 node1 mid s t0; p1.2 node1 neg s t0; p1.3 node1 mid s t0; p1.4 node1 neg s t0; p2.1 node2 mid l t0; p2.2 node2 neg m t0; "
     "p3.1 node3 mid m t0; p3.2 node3 neg s t0; p3.3 node3 low s t0", "node2"},
    {"sum of adjusted priorities is considered", "p - high v", kThreeNodes,
     "p1.1 node1 mid s t0; p1.2 node1 neg s t0; p1.3 node1 neg s t0; p2.1 node2 mid l t0; p2.2 node2 neg m t0; p3.1 node3 mid m t0; "
     "p3.2 node3 neg s t0; p3.3 node3 low s t0", "node2"},
    {"non-overlapping lowest high priority, sum priorities, and number of pods", "p - very v", "node1 node2 node3 node4",
     "p1.1 node1 mid s t0; p1.2 node1 low s t0; p1.3 node1 low s t0; p2.1 node2 high l t0; p3.1 node3 mid m t0; p3.2 node3 low s t0; "
     "p3.3 node3 low s t0; p3.4 node3 low m t0; p4.1 node4 mid m t0; p4.2 node4 mid s t0; p4.3 node4 mid s t0; p4.4 node4 neg s t0", "node1"},
    {"same priority, same number of victims, different start time for each node's pod", "p - high v", kThreeNodes,
     "p1.1 node1 mid m t2; p1.2 node1 mid m t2; p2.1 node2 mid m t3; p2.2 node2 mid m t3; p3.1 node3 mid m t1; p3.2 node3 mid m t1", "node2"},
    {"same priority, same number of victims, different start time for all pods", "p - high v", kThreeNodes,
     "p1.1 node1 mid m t4; p1.2 node1 mid m t2; p2.1 node2 mid m t5; p2.2 node2 mid m t1; p3.1 node3 mid m t3; p3.2 node3 mid m t6", "node3"},
    {"different priority, same number of victims, different start time for all pods", "p - high v", kThreeNodes,
     "p1.1 node1 low m t4; p1.2 node1 mid m t2; p2.1 node2 mid m t6; p2.2 node2 low m t1; p3.1 node3 low m t3; p3.2 node3 mid m t5", "node2"},
};

struct PostFilterRow {
  const char* upstream;
  const char* pod;
  const char* nodes;       // "NAME CODE CAPACITY", ";" between; CODE: U, R (unresolvable), - (absent)
  const char* placed;
  const char* expected;    // "NODE: VICTIMS", or the message
  const char* budgets = "";
};
#define ONE "pods=1"
#define SMALL "cpu=200m,memory=400,pods=32"
#define ALL "cpu=500m,memory=500,pods=32"
constexpr const char* kPreemptNodes = "node1 U " ALL "; node2 U " ALL "; node3 U " ALL;
constexpr const char* kPreemptPods = "p1.1 node1 low s; p1.2 node1 low s; p2.1 node2 high l; p3.1 node3 mid m";

const PostFilterRow kPostFilters[] = {
    {"pod with higher priority can be made schedulable", "p - high -", "node1 U " ONE, "p1 node1 low -", "node1: p1"},
    {"pod with tied priority is still unschedulable", "p - low -", "node1 U " ONE, "p1 node1 low -",
     "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."},
    {"preemption should respect filteredNodesStatuses", "p - high -", "node1 R " ONE, "p1 node1 low -",
     "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."},
    {"preemption should respect absent NodeToStatusReader entry meaning UnschedulableAndUnresolvable", "p - high -", "node1 - " ONE,
     "p1 node1 low -", "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."},
    {"pod can be made schedulable on one node", "p - mid -", "node1 U " ONE "; node2 U " ONE, "p1 node1 high -; p2 node2 low -", "node2: p2"},
    {"pod can be made schedulable on minHighestPriority node", "p - very -", "node1 U " ONE "; node2 U " ONE,
     "p1 node1 high - pdb=non-violating; p2 node1 low - pdb=violating; p3 node2 mid - pdb=violating", "node2: p3",
     "pdb=violating 0; pdb=non-violating 2147483647"},
    {"no candidate nodes found, no enough resource after removing low priority pods", "p - high l", "node1 U " SMALL "; node2 U " SMALL,
     "p1 node1 low -; p2 node2 low -", "preemption: 0/2 nodes are available: 2 Insufficient cpu."},
    {"no candidate nodes found with mixed reasons, no lower priority pod and no enough CPU resource", "p - high l",
     "node1 U " ONE "; node2 U " SMALL "; node3 U " ONE, "p1 node1 high -; p2 node2 low -; p3 node3 high -",
     "preemption: 0/3 nodes are available: 1 Insufficient cpu, 2 No preemption victims found for incoming pod."},
    {"no candidate nodes found with mixed reason, 2 UnschedulableAndUnresolvable nodes and 2 nodes don't have enough CPU resource",
     "p - high l", "node1 U " SMALL "; node2 U " SMALL "; node3 - " SMALL "; node4 R " SMALL, "p1 node1 low -; p2 node2 low -",
     "preemption: 0/4 nodes are available: 2 Insufficient cpu, 2 Preemption is not helpful for scheduling."},
    // TestPodEligibleToPreemptOthers
    {"Pod with nominated node", "p - high - @node1", "node1 R " ONE, "p1 node1 low - dying",
     "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."},
    {"Pod without nominated node", "p - high -", "", "", "preemption: 0/0 nodes are available:"},
    {"Pod with 'PreemptNever' preemption policy", "p - high - never", "", "", "preemption: not eligible due to preemptionPolicy=Never."},
    {"preemption victim pod terminating, as indicated by the dedicated DisruptionTarget condition", "p - high - @node1", "node1 U " ONE,
     "p1 node1 low - preempted", "preemption: not eligible due to a terminating pod on the nominated node."},
    {"non-victim Pods terminating", "p - high - @node1", "node1 U " ONE, "p1 node1 low - dying", "node1: p1"},
    // TestPreempt
    {"basic preemption logic", "p - high v lower", kPreemptNodes, kPreemptPods, "node1: p1.1 p1.2"},
    {"preemption for topology spread constraints", "p - high - foo spread",
     "node-a/zone1 U " ALL "; node-b/zone1 U " ALL "; node-x/zone2 U " ALL,
     "p-a1 node-a high - foo; p-a2 node-a high - foo; p-b1 node-b low - foo; p-x1 node-x high - foo; p-x2 node-x high - foo", "node-b: p-b1"},
    {"no preempting in pod", "p - high v never", kPreemptNodes, kPreemptPods, "preemption: not eligible due to preemptionPolicy=Never."},
    {"PreemptionPolicy is nil", "p - high v", kPreemptNodes, kPreemptPods, "node1: p1.1 p1.2"},
};

std::string outcome(const Status& status, const PostFilterResult& result) {
  if (!status.ok()) return status.message();
  std::vector<Str> names;
  for (const PodInfoRef& v : result.victims) names.push_back(v->meta().name);
  std::sort(names.begin(), names.end());
  std::string out = base::cat(*result.nominated_node, ":");
  for (const Str& n : names) out += base::cat(" ", n);
  return out;
}

}  // namespace

TEST_CASE("DefaultPreemption: TestDryRunPreemption") {
  for (const DryRunRow& row : kDryRuns) {
    CAPTURE(std::string(row.upstream));
    PreemptionConfig args;
    if (row.limited) args = {40, row.absolute, {}};
    PreemptionWorld w(args, row.code);
    w.fill(row.nodes, row.placed);
    int budgets = 0;
    for (const std::string& b : parts(row.budgets, ';')) add_budget(w.world, b, budgets++);
    const std::vector<std::string> pods = parts(row.pods, ';');
    std::vector<std::string> expected = parts(row.expected, ';');
    expected.resize(pods.size());
    const std::vector<std::string> calls = parts(row.calls, ';');
    base::RandomStream random = upstream_offsets();
    for (std::size_t cycle = 0; cycle < pods.size(); ++cycle) {
      const PodInfoRef pod = w.world.pod(preemptible(pods[cycle]));
      w.prepare(pod, w.all(Code::kUnschedulable));
      CHECK(text_of(w.plugin->candidates(w.state, *pod, w.diagnosis, random, nullptr)) == expected[cycle]);
      CHECK(std::to_string(w.calls) == calls[cycle]);
    }
  }
}

TEST_CASE("DefaultPreemption: TestSelectBestCandidate") {
  for (const BestRow& row : kBest) {
    CAPTURE(std::string(row.upstream));
    PreemptionWorld w({}, Code::kSuccess);
    w.fill(row.nodes, row.placed);
    const PodInfoRef pod = w.world.pod(preemptible(row.pod));
    w.prepare(pod, w.all(Code::kUnschedulable));
    base::RandomStream random = upstream_offsets();
    const auto found = w.plugin->candidates(w.state, *pod, w.diagnosis, random, nullptr);
    const PreemptionCandidate* best = w.plugin->best(*pod, found);
    REQUIRE(best != nullptr);
    const std::vector<std::string> allowed = parts(row.expected, ' ');
    CHECK_MESSAGE(std::find(allowed.begin(), allowed.end(), best->node->name().str()) != allowed.end(), best->node->name().str());
  }
}

TEST_CASE("DefaultPreemption: TestPostFilter, TestPodEligibleToPreemptOthers, TestPreempt") {
  for (const PostFilterRow& row : kPostFilters) {
    CAPTURE(std::string(row.upstream));
    PreemptionWorld w({}, Code::kSuccess);
    std::vector<std::pair<std::string, Code>> codes;
    for (const std::string& text : parts(row.nodes, ';')) {
      const std::vector<std::string> words = parts(text, ' ');
      w.fill(words[0].c_str(), "", words[2].c_str());
      if (words[1] != "-") codes.emplace_back(w.order.back(), words[1] == "U" ? Code::kUnschedulable : Code::kUnschedulableAndUnresolvable);
    }
    w.fill("", row.placed);
    int budgets = 0;
    for (const std::string& b : parts(row.budgets, ';')) add_budget(w.world, b, budgets++);
    const PodInfoRef pod = w.world.pod(preemptible(row.pod));
    w.prepare(pod, codes);
    base::RandomStream random = upstream_offsets();
    PostFilterResult result;
    const Status status = w.plugin->post_filter(w.state, *pod, w.diagnosis, random, result);
    CHECK(outcome(status, result) == row.expected);
  }
}

#undef ONE
#undef SMALL
#undef ALL
#undef HAS_FOO
