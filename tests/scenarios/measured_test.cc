// Periods and sequences measured on a real 1.33.13 control plane with fake kubelets (data/histories, README), and what upstream
// tells of budgets that it cannot keep.
#include <doctest/doctest.h>

#include "tests/scenarios/story.h"

namespace orrery::test {
namespace {

constexpr const char* kSilent = "FAKE KUBELET STOPPED (no lease renewal, no status updates): ";
constexpr const char* kBack = "FAKE KUBELET STARTED AGAIN: ";
const std::string kUnknown = "Unknown NodeStatusUnknown";
const std::string kReady = "status.conditions.Ready";
const std::string kNoSchedule = "spec.taints.node.kubernetes.io/unreachable:NoSchedule";
const std::string kNoExecute = "spec.taints.node.kubernetes.io/unreachable:NoExecute";
const std::string kDeletion = "metadata.deletionTimestamp";
const std::string kDisruption = "status.conditions.DisruptionTarget";

bool within(double value, double low, double high) {
  if (value >= low && value <= high) return true;
  MESSAGE(value, " is not between ", low, " and ", high);
  return false;
}

std::vector<double> taint_times(const Story& s, std::string_view zone, const std::string& field) {
  std::vector<double> out;
  for (const cf::Track* t : s.all("nodes", zone))
    if (const double at = when(*t, field, "\""); at >= 0) out.push_back(at);
  std::sort(out.begin(), out.end());
  return out;
}

TEST_CASE("a lost node: Unknown, its taints, its pods; then it returns") {
  Story s(170, "shop");
  s.zone("za", 3).apply(1, "daemonsets", "agent", "");
  s.act(20, std::string(kSilent) + "za-1").act(110, std::string(kBack) + "za-1");
  s.play(3);
  const cf::Track& node = s.one("nodes", "za-1");
  const double lost = when(node, kReady, kUnknown);
  // 50 s from the pass that saw the last renewal, which was up to 10.4 s before.
  CHECK(within(lost, 20 - 10.4 + 50, 20 + 56));
  CHECK(within(when(node, kNoSchedule, "\""), lost, lost + 0.2));
  CHECK(within(when(node, kNoExecute, "\""), lost + 4.5, lost + 5.7));
  CHECK(within(when_gone(node, kNoSchedule, 110), 110, 110.5));
  CHECK(within(when_gone(node, kNoExecute, 110), 110, 115.7));
  bool unready = false;
  for (const cf::Track* pod : s.all("pods", "agent-"))
    unready = unready || within(when(*pod, kReady, "False", lost - 0.1), lost - 0.1, lost + 0.3);
  CHECK(unready);
}

// The taint itself wakes no DaemonSet (syncNodeUpdate); its pod does, which is marked unready when it is its turn. Were it the
// first of the node, it could come before the taint.
TEST_CASE("a DaemonSet on an unreachable node: fewer desired, one misscheduled, its pod stays") {
  Story s(120, "shop");
  s.zone("za", 3).apply(1, "daemonsets", "watch", "").apply(1, "deployments", "other", R"("replicas":9,)");
  s.act(20, std::string(kSilent) + "za-1").play(5);
  const cf::Track& set = s.one("daemonsets", "watch");
  const double lost = when(s.one("nodes", "za-1"), kReady, kUnknown);
  CHECK(when(set, "status.desiredNumberScheduled", "3") >= 0);
  CHECK(within(when(set, "status.desiredNumberScheduled", "2", lost - 1), lost - 0.1, lost + 1));
  CHECK(within(when(set, "status.numberMisscheduled", "1", lost - 1), lost - 0.1, lost + 1));
  for (const cf::Track* pod : s.all("pods", "watch-")) CHECK(pod->deleted < 0);
}

/// When the first node of a dark zone of four is to get NoExecute: one pass after it was found lost, at the normal rate;
/// 10 s after the zone is dark when three of them were lost a pass earlier (partial disruption, whose rate is 0).
double first_taint(std::vector<double> lost) {
  std::sort(lost.begin(), lost.end());
  const bool partial = lost[3] - lost[2] > 1;
  return partial ? lost[3] + 10 : lost[0] + 5;
}

TEST_CASE("zone outage: one NoExecute taint per 10 s, the first as the way into darkness was") {
  int partial = 0, full = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Story s(160, "shop");
    s.zone("za", 4).zone("zb", 4).zone("zc", 4);
    s.act(20, std::string(kSilent) + "za-0, za-1, za-2, za-3").play(seed);
    std::vector<double> losses;
    for (const cf::Track* node : s.all("nodes", "za-")) {
      const double lost = when(*node, kReady, kUnknown);
      CHECK(within(lost, 59, 76));
      CHECK(within(when(*node, kNoSchedule, "\""), lost, lost + 0.5));
      losses.push_back(lost);
    }
    const std::vector<double> taints = taint_times(s, "za-", kNoExecute);
    REQUIRE(taints.size() == 4);
    const double first = first_taint(losses);
    ++(first - *std::min_element(losses.begin(), losses.end()) > 6 ? partial : full);
    CHECK(within(taints[0], first - 0.3, first + 1));
    for (std::size_t i = 1; i < taints.size(); ++i) CHECK(within(taints[i] - taints[i - 1], 9.8, 10.3));
  }
  CHECK(partial > 0);
  CHECK(full > 0);
}

TEST_CASE("zone outage with a survivor: a small zone's nodes get no NoExecute") {
  Story s(200, "shop");
  s.zone("za", 4).zone("zb", 4).act(20, std::string(kSilent) + "za-0, za-1, za-2").play(2);
  CHECK(taint_times(s, "za-", kNoSchedule).size() == 3);
  CHECK(taint_times(s, "za-", kNoExecute).size() <= 1);
}

TEST_CASE("a deleted node: its pods stay for the collector's quarantine, then fail and go") {
  Story s(110, "shop");
  s.zone("za", 3).apply(1, "deployments", "web", R"("replicas":3,)");
  s.act(19, std::string(kSilent) + "za-1").act(20, "DELETE /api/v1/nodes/za-1").play(4);
  int orphans = 0;
  for (const cf::Track* pod : s.all("pods", "web-")) {
    if (when(*pod, "spec.nodeName", "za-1") < 0) continue;
    ++orphans;
    const double failed = when(*pod, "status.phase", "Failed");
    CHECK(within(failed, 20 + 40, 20 + 61));
    CHECK(when(*pod, kDisruption, "True DeletionByPodGC «PodGC: node no longer exists»") == failed);
    CHECK(within(in_seconds(pod->deleted), failed, failed + 0.5));
  }
  CHECK(orphans > 0);
}

TEST_CASE("out of service: the pods are deleted at once and forced at the collector's next pass") {
  Story s(140, "shop");
  s.zone("za", 3).apply(1, "statefulsets", "db", R"("serviceName":"db","replicas":3,"podManagementPolicy":"Parallel",)");
  s.act(20, std::string(kSilent) + "za-1");
  s.act(100, "kubectl taint nodes za-1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute", "", R"("took":0.2)");
  s.play(6);
  int stranded = 0;
  for (const cf::Track* pod : s.all("pods", "db-")) {
    if (when(*pod, "spec.nodeName", "za-1") < 0) continue;
    ++stranded;
    const double deleted = when(*pod, kDeletion, "grace");
    CHECK(within(deleted, 100, 101));
    CHECK(within(in_seconds(pod->deleted), deleted, deleted + 21));
  }
  CHECK(stranded > 0);
  // As recorded: the patch sets the order of all conditions ($setElementOrder), the new one comes last.
  int announced = 0;
  for (const cf::Observation& o : s.seen) {
    const auto& conditions = o.object["status"]["conditions"].items();
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      if (conditions[i]["type"].text_or("") != "DisruptionTarget") continue;
      ++announced;
      CHECK(i + 1 == conditions.size());
    }
  }
  CHECK(announced > 0);
}

TEST_CASE("namespace deletion: contents after 5 s; what is held back by a finalizer is retried") {
  Story s(60, "shop");
  s.zone("za", 2).apply(1, "deployments", "web", R"("replicas":2,)");
  s.act(2, "POST /api/v1/namespaces/shop/configmaps", R"({"metadata":{"name":"held","finalizers":["example.com/hold"]}})");
  s.act(20, "DELETE /api/v1/namespaces/shop");
  s.act(33, "PATCH /api/v1/namespaces/shop/configmaps/held", R"({"metadata":{"finalizers":null}})");
  s.play(2);
  CHECK(s.refused.empty());
  const cf::Track& ns = s.one("namespaces", "shop");
  CHECK(within(when(ns, "status.phase", "Terminating"), 20, 20.3));
  // Pods first; what else there is when they are gone, 5 s after the status that told of them.
  for (const cf::Track* pod : s.all("pods", "web-")) CHECK(within(when(*pod, kDeletion, "grace"), 25, 26));
  CHECK(within(in_seconds(s.one("deployments", "web").deleted), 30, 31));
  CHECK(within(when(ns, "status.conditions.NamespaceFinalizersRemaining", "True SomeFinalizersRemain"), 30, 31));
  // Looked at 8 s after each try, and 5 s after its status changed.
  CHECK(within(in_seconds(ns.deleted), 33, 33 + 8.5));
}

TEST_CASE("a ReplicaSet blocked by a quota retries with doubling delays and is not woken by a bigger quota") {
  Story s(80, "shop");
  s.zone("za", 2);
  s.act(1, "POST /api/v1/namespaces/shop/resourcequotas", R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"1"}}})");
  s.apply(5, "deployments", "web", R"("replicas":3,)");
  s.act(30, "PATCH /api/v1/namespaces/shop/resourcequotas/q", R"({"spec":{"hard":{"pods":"5"}}})");
  s.play(3);
  const cf::Track& set = s.one("replicasets", "web-");
  const std::vector<double> failures = events(set, "FailedCreate");
  REQUIRE(failures.size() >= 10);
  CHECK(when(set, "status.conditions.ReplicaFailure", "True FailedCreate") >= 0);
  // 5 ms * 2^n: the last pauses before 30 s are 5.1 and 10.2 s long; 20.5 s after the last failure comes success.
  const double last = failures.back();
  CHECK(last < 30);
  CHECK(within(last - failures[failures.size() - 2], 10, 10.6));
  CHECK(within(failures[failures.size() - 2] - failures[failures.size() - 3], 5, 5.4));
  double made = 0;
  for (const cf::Track* pod : s.all("pods", "web-")) made = std::max(made, in_seconds(pod->created));
  CHECK(within(made, last + 20, last + 21.5));
  CHECK(s.all("pods", "web-").size() == 3);
}

TEST_CASE("a drain asks every 5 s while a budget refuses") {
  Story s(70, "shop");
  s.zone("za", 2).apply(1, "deployments", "web", R"("replicas":4,)");
  s.act(2, "POST /apis/policy/v1/namespaces/shop/poddisruptionbudgets",
        R"({"metadata":{"name":"web"},"spec":{"minAvailable":4,"selector":{"matchLabels":{"app":"web"}}}})");
  s.act(20, "kubectl drain za-0 --ignore-daemonsets --timeout=60s", "", R"("took":40)");
  s.act(32, "PATCH /apis/policy/v1/namespaces/shop/poddisruptionbudgets/web", R"({"spec":{"minAvailable":3}})");
  s.play(7);
  std::vector<double> evicted;
  for (const cf::Track* pod : s.all("pods", "web-"))
    if (const double at = when(*pod, kDisruption, "True EvictionByEvictionAPI"); at >= 0) evicted.push_back(at);
  std::sort(evicted.begin(), evicted.end());
  REQUIRE(evicted.size() == 2);
  const double began = when(s.one("nodes", "za-0"), "spec.unschedulable", "true");
  for (const double at : evicted) {
    const double tries = (at - began) / 5;
    CHECK(within(tries - static_cast<double>(static_cast<int>(tries + 0.5)), -0.2, 0.2));  // 1 s of 5
  }
  CHECK(within(evicted[0], 32, 37.5));
}

TEST_CASE("the progress deadline counts from the last progress") {
  Story s(60, "shop");
  s.zone("za", 2).apply(1, "deployments", "web", R"("replicas":2,"progressDeadlineSeconds":30,)");
  s.act(10, "PATCH /apis/apps/v1/namespaces/shop/deployments/web",
        R"({"spec":{"template":{"metadata":{"annotations":{"fake/never-ready":"1"}}}}})");
  s.play(8);
  const cf::Track& web = s.one("deployments", "web");
  const std::string progressing = "status.conditions.Progressing";
  const double last = when(web, progressing, "True ReplicaSetUpdated", 10);
  REQUIRE(last >= 10);
  CHECK(within(when(web, progressing, "False ProgressDeadlineExceeded"), last + 29, last + 32));
}

std::string budget(const std::string& name, const std::string& app, const std::string& bound) {
  return base::cat(R"({"metadata":{"name":")", name, R"("},"spec":{)", bound, R"(,"selector":{"matchLabels":{"app":")", app,
                   R"("}}}})");
}

constexpr const char* kBudgets = "POST /apis/policy/v1/namespaces/shop/poddisruptionbudgets";

// getScaleController, failSafe: told again with each change of a pod.
TEST_CASE("a budget over a DaemonSet's pods cannot be calculated") {
  Story s(30, "shop");
  s.zone("za", 2).act(1, kBudgets, budget("agent", "agent", R"("maxUnavailable":1)")).apply(5, "daemonsets", "agent", "");
  s.play(3);
  const cf::Track& pdb = s.one("poddisruptionbudgets", "agent");
  CHECK(!events(pdb, "Normal NoPods «No matching pods found» from controllermanager").empty());
  const std::string why = "daemonsets.apps does not implement the scale subresource";
  CHECK(when(pdb, "status.conditions.DisruptionAllowed", base::cat("False SyncFailed «", why, "»"), 5) > 5);
  CHECK(events(pdb, base::cat("Warning CalculateExpectedPodCountFailed «Failed to calculate the number of expected pods: ", why)).size() >= 5);
}

// getPodReplicationController.
TEST_CASE("a budget over a ReplicationController's pods goes by its size") {
  Story s(30, "shop");
  s.zone("za", 2).act(1, kBudgets, budget("web", "web", R"("maxUnavailable":1)"));
  s.act(5, "POST /api/v1/namespaces/shop/replicationcontrollers",
        R"({"metadata":{"name":"web"},"spec":{"replicas":4,"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[)"
        R"({"name":"c","image":"web:v1"}]}}}})");
  s.play(3);
  CHECK(s.all("pods", "web-").size() == 4);
  CHECK(when(s.one("poddisruptionbudgets", "web"), "status.expectedPods", "4") > 5);
  CHECK(when(s.one("poddisruptionbudgets", "web"), "status.disruptionsAllowed", "1") > 5);
}

// getPdbForPod.
TEST_CASE("a pod of two budgets counts for one of them, and is told of") {
  Story s(20, "shop");
  s.zone("za", 1).act(1, kBudgets, budget("a", "web", R"("minAvailable":1)")).act(2, kBudgets, budget("b", "web", R"("minAvailable":1)"));
  s.apply(5, "deployments", "web", R"("replicas":1,)").play(3);
  REQUIRE(s.all("pods", "web-").size() == 1);
  CHECK(events(*s.all("pods", "web-")[0], "Warning MultiplePodDisruptionBudgets «Pod \"shop\"/\"web-").size() >= 3);
  CHECK(when(s.one("poddisruptionbudgets", "a"), "status.currentHealthy", "1") > 5);
}

// endpointslice_controller.go, StaleSlices; endpoints_controller.go, staleEndpointsTracker: no recording has such an event.
TEST_CASE("pods that come and go quickly: nothing is written over what a copy does not show yet") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Story s(60, "shop");
    s.zone("za", 4).act(1, "POST /api/v1/namespaces/shop/services",
                        R"({"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}})");
    s.apply(2, "deployments", "web", R"("replicas":60,)");
    s.act(20, "PATCH /apis/apps/v1/namespaces/shop/deployments/web", R"({"spec":{"replicas":5}})").play(seed);
    for (const cf::Track& t : s.tracks) CHECK(events(t, "Warning FailedToUpdateEndpoint").empty());
    CHECK(when(s.one("endpointslices", "web (all"), "endpoints.ready", "60") > 2);
    CHECK(when(s.one("endpoints", "web"), "endpoints.addresses", "5", 20) > 20);
  }
}

}  // namespace
}  // namespace orrery::test
