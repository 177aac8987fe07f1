// What a recorded driver may have done, done again: requests and kubectl lines of every form.
#include <doctest/doctest.h>

#include "tests/scenarios/story.h"

namespace orrery::test {
namespace {

const std::string kTook = R"("took":0.3)";

/// A field's value at a time, "" when absent.
std::string value_at(const cf::Track& track, const std::string& field, double t) {
  std::string value;
  if (const auto it = track.fields.find(field); it != track.fields.end())
    for (const cf::Change& c : it->second)
      if (in_seconds(c.t) <= t) value = c.value;
  return value;
}

std::string image_at(const Story& s, std::string_view resource, double t) {
  std::string image;
  for (const cf::Observation& o : s.seen)
    if (o.resource == resource && in_seconds(o.t) <= t)
      image = o.object["spec"]["template"]["spec"]["containers"].items()[0]["image"].text_or("");
  return image;
}

TEST_CASE("rollouts, scaling, patches and nodes by kubectl") {
  Story s(60, "shop");
  s.zone("za", 3).apply(1, "daemonsets", "agent", "").apply(1, "deployments", "web", R"("replicas":2,)");
  s.act(6, "kubectl -n shop set image daemonset/agent c=app:v2", "", kTook);
  s.act(7, "kubectl set image -n shop deployment/web '*=app:v2'", "", kTook);
  s.act(20, "kubectl -n shop rollout undo ds/agent --to-revision=1", "", kTook);
  s.act(21, "kubectl -n shop scale deployment web --replicas=4", "", kTook);
  s.act(24,
        "kubectl -n shop patch deploy web --type=json "
        "-p='[{\\\"op\\\":\\\"replace\\\",\\\"path\\\":\\\"/spec/replicas\\\",\\\"value\\\":1}]'",
        "", kTook);
  s.act(26, "kubectl taint nodes za-0 za-1 dedicated=x:NoSchedule", "", kTook);
  s.act(28, "kubectl taint node za-0 dedicated-", "", kTook);
  s.act(30, "kubectl label node za-2 role=edge", "", kTook).act(32, "kubectl label node/za-2 role-", "", kTook);
  s.act(34, "kubectl cordon za-2", "", kTook).act(36, "kubectl uncordon za-2", "", kTook);
  s.act(40, "kubectl -n shop set env deployment/web A=b", "", kTook);
  s.act(46, "kubectl -n shop delete ds agent --cascade=orphan", "", kTook);
  s.play(1);
  for (const std::string& line : s.refused) MESSAGE(line);
  CHECK(s.refused.empty());
  CHECK(image_at(s, "daemonsets", 15) == "app:v2");
  CHECK(image_at(s, "daemonsets", 30) == "app:v1");
  CHECK(image_at(s, "deployments", 15) == "app:v2");
  const cf::Track& web = s.one("deployments", "web");
  CHECK(value_at(web, "spec.replicas", 22) == "4");
  CHECK(value_at(web, "spec.replicas", 25) == "1");
  const cf::Track& za0 = s.one("nodes", "za-0");
  CHECK(value_at(za0, "spec.taints.dedicated:NoSchedule", 27) == "\"x\"");
  CHECK(value_at(za0, "spec.taints.dedicated:NoSchedule", 29).empty());
  CHECK(value_at(s.one("nodes", "za-1"), "spec.taints.dedicated:NoSchedule", 29) == "\"x\"");
  const cf::Track& za2 = s.one("nodes", "za-2");
  CHECK(value_at(za2, "metadata.labels.role", 31) == "\"edge\"");
  CHECK(value_at(za2, "metadata.labels.role", 33).empty());
  CHECK(value_at(za2, "spec.unschedulable", 35) == "true");
  CHECK(value_at(za2, "spec.unschedulable", 37).empty());
  CHECK(s.all("replicasets", "web-").size() == 3);
  CHECK(s.one("daemonsets", "agent").deleted > 0);
  for (const cf::Track* pod : s.all("pods", "agent-"))
    if (pod->deleted < 0) CHECK(value_at(*pod, "metadata.ownerReferences", 60).empty());
}

TEST_CASE("files, cascades and requests of every verb") {
  const std::string set = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
    "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
    "spec":{"containers":[{"name":"c","image":"app:v1"}]}}}})";
  const std::string list = base::cat(
      R"({"apiVersion":"v1","kind":"List","items":[)", set,
      R"(,{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"},)",
      R"("ports":[{"port":80}]}}]})");
  const auto one_line = [](std::string text) {
    std::erase(text, '\n');
    return text;
  };
  std::string three = set;
  three.replace(three.find(R"("replicas":2)"), 12, R"("replicas":3,"paused":true)");
  Story s(50, "shop");
  s.zone("za", 2);
  s.act(1, "kubectl -n shop apply -f web.yaml", one_line(list), kTook);
  s.act(6, "kubectl -n shop apply -f web.yaml", one_line(three), kTook);
  s.act(9, "kubectl -n shop apply -f web.yaml", one_line(set), kTook);
  s.act(10, "PUT /apis/apps/v1/namespaces/shop/deployments/web/scale",
        R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":4}})");
  s.act(14, "DELETE /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb", "");
  s.act(20, "kubectl -n shop delete deployment web --cascade=foreground", "", R"("took":2.3)");
  s.act(26, "PATCH /api/v1/nodes/za-0", R"([{"op":"add","path":"/metadata/labels/x","value":"y"}])",
        R"("ct":"application/json-patch+json")");
  s.act(28, "POST /api/v1/namespaces/shop/pods/none/eviction",
        R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"none"}})", R"("code":404)");
  s.act(30, "kubectl delete namespace shop --wait=false", "", kTook);
  s.play(2);
  for (const std::string& line : s.refused) MESSAGE(line);
  CHECK(s.refused.empty());
  const cf::Track& web = s.one("deployments", "web");
  CHECK(value_at(web, "spec.replicas", 5) == "2");
  CHECK(value_at(web, "spec.replicas", 8) == "3");
  CHECK(value_at(web, "spec.paused", 8) == "true");
  CHECK(value_at(web, "spec.paused", 10).empty());
  CHECK(value_at(web, "spec.replicas", 12) == "4");
  CHECK(s.all("pods", "web-").size() == 9);
  CHECK(value_at(web, "metadata.finalizers", 20.9) == "foregroundDeletion");
  CHECK(web.deleted > s.all("pods", "web-").back()->deleted);
  CHECK(value_at(s.one("nodes", "za-0"), "metadata.labels.x", 27) == "\"y\"");
  CHECK(s.one("services", "web").deleted > 0);
  CHECK(s.one("namespaces", "shop").deleted > 0);
}

TEST_CASE("a request that only the recorded apiserver refused, and one that it accepted, are told") {
  Story s(5, "shop");
  s.zone("za", 1);
  s.act(1, "DELETE /api/v1/namespaces/shop/pods/none", "", R"("code":200)");
  s.act(2, "POST /api/v1/namespaces/shop/configmaps", R"({"metadata":{"name":"m"}})", R"("code":403)");
  s.play(1);
  REQUIRE(s.refused.size() == 2);
  CHECK(s.refused[0].find("not found") != std::string::npos);
  CHECK(s.refused[1].find("accepted") != std::string::npos);
}

// kubectl drain: "unable to drain node ... due to error: ..., continuing command...".
TEST_CASE("a node that cannot be drained does not keep kubectl from the next one") {
  Story s(40, "shop");
  s.zone("za", 2).apply(1, "deployments", "web", R"("replicas":2,)");
  s.act(2, "POST /api/v1/namespaces/shop/pods",
        R"({"metadata":{"name":"bare"},"spec":{"nodeName":"za-0","containers":[{"name":"c","image":"a"}]}})");
  s.act(10, "kubectl drain za-0 za-1 --ignore-daemonsets", "", R"("took":5,"rc":1)");
  s.play(3);
  CHECK(s.refused.empty());
  CHECK(when(s.one("nodes", "za-0"), "spec.unschedulable", "true") > 10);
  int evicted = 0;
  for (const cf::Track* pod : s.all("pods", "web-")) {
    const bool gone = when(*pod, "status.conditions.DisruptionTarget", "True EvictionByEvictionAPI") > 10;
    if (when(*pod, "spec.nodeName", "za-1") > 0) CHECK(gone);
    else CHECK_FALSE(gone);
    evicted += gone;
  }
  CHECK(evicted > 0);
  CHECK(s.one("pods", "bare").deleted < 0);
}

TEST_CASE("kubectl rollout restart of a type restarts all of it") {
  Story s(20, "shop");
  s.zone("za", 1).apply(1, "deployments", "web", R"("replicas":1,)").apply(1, "deployments", "api", R"("replicas":1,)");
  s.act(8, "kubectl -n shop rollout restart deployment", "", kTook).play(2);
  CHECK(s.refused.empty());
  for (const char* name : {"web", "api"}) CHECK(value_at(s.one("deployments", name), "metadata.generation", 12) == "2");
}

TEST_CASE("raw requests, selectors and rollouts of all") {
  Story s(30, "shop");
  s.zone("za", 1).apply(1, "deployments", "web", R"("replicas":1,)").apply(1, "deployments", "api", R"("replicas":1,)");
  s.act(2, "POST /api/v1/namespaces/shop/services", R"({"metadata":{"name":"web"},"spec":{"selector":{"app":"web","v":"1"},"ports":[{"port":80}]}})");
  s.act(5, "kubectl -n shop set selector svc web app=web", "", kTook);
  s.act(8, "kubectl -n shop rollout restart deployment", "", kTook);
  s.act(14, "kubectl -n shop delete deploy api --cascade=false", "", kTook);
  s.act(16, "kubectl delete --raw /api/v1/namespaces/shop/services/web", "", kTook);
  s.act(18, "kubectl create --raw /api/v1/namespaces/shop/configmaps -f -", R"({"metadata":{"name":"m"}})", kTook);
  s.act(20, "DELETE /api/v1/namespaces/shop", "").act(21, "kubectl replace --raw /api/v1/namespaces/shop/finalize -f -",
                                                       R"({"metadata":{"name":"shop"},"spec":{"finalizers":[]}})", kTook);
  s.play(1);
  for (const std::string& line : s.refused) MESSAGE(line);
  CHECK(s.refused.empty());
  const cf::Track& slices = s.one("endpointslices", "web (all");
  CHECK(value_at(slices, "endpoints.ready", 4.9).empty());
  CHECK(value_at(slices, "endpoints.ready", 7) == "1");
  CHECK(s.all("replicasets", "web-").size() == 2);
  CHECK(s.all("replicasets", "api-").size() == 2);
  CHECK(value_at(*s.all("replicasets", "api-").back(), "metadata.ownerReferences", 15).empty());
  CHECK(in_seconds(s.one("services", "web").deleted) == doctest::Approx(16).epsilon(0.01));
  CHECK(in_seconds(s.one("namespaces", "shop").deleted) == doctest::Approx(21).epsilon(0.01));
}

TEST_CASE("what did nothing, or nothing that is watched, is left out or done plainly") {
  Story s(12, "shop");
  s.zone("za", 1);
  s.act(1, "kubectl -n shop create configmap settings --from-literal a=b", "", kTook);
  s.act(1.5, "kubectl create secret generic key -n shop --from-literal=a=b", "", kTook);
  s.act(2, "kubectl -n shop exec web-0 -- ls", "", R"("rc":1)");
  s.act(3, "kubectl -n shop debug none", "", R"("rc":1)");
  s.act(4, "POST /api/v1/namespaces/shop/replicationcontrollers", R"({"metadata":{"name":"m"}})", R"("code":404)");
  s.act(5, "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", R"({"metadata":{"name":"m"}})", R"("code":201)");
  s.act(6, "POST /api/v1/namespaces/shop/configmaps", R"({"metadata":{"name":"settings"}})", R"("code":409)");
  s.act(7, "DELETE /api/v1/namespaces/shop/secrets/key", "", R"("code":200)");
  // Somebody made it before the history began.
  s.act(8, "POST /apis/scheduling.k8s.io/v1/priorityclasses", R"({"metadata":{"name":"high"},"value":1000})", R"("code":409)");
  s.act(9, "POST /api/v1/namespaces/shop/pods",
        R"({"metadata":{"name":"p"},"spec":{"priorityClassName":"high","containers":[{"name":"c","image":"a"}]}})", R"("code":201)");
  s.play(1);
  for (const std::string& line : s.refused) MESSAGE(line);
  CHECK(s.refused.empty());
  CHECK(s.all("pods", "p").size() == 1);
}

/// A pod that may not preempt waits; one of lower priority preempts and makes room for both but for one at a time. Pods that come
/// and go wake the first one often, so that it backs off for long.
Story race() {
  Story s(30, "shop");
  s.zone("za", 2);
  for (const char* c : {R"({"metadata":{"name":"low"},"value":100})", R"({"metadata":{"name":"high"},"value":10000})",
                        R"({"metadata":{"name":"never"},"value":20000,"preemptionPolicy":"Never"})"})
    s.act(1, "POST /apis/scheduling.k8s.io/v1/priorityclasses", c);
  const auto spec = [](const std::string& of, const std::string& cpu) {
    return base::cat(R"("spec":{"priorityClassName":")", of, R"(","containers":[{"name":"c","image":"a","resources":{"requests":{"cpu":")",
                     cpu, R"("}}}]})");
  };
  s.act(2, "POST /apis/apps/v1/namespaces/shop/replicasets",
        base::cat(R"({"metadata":{"name":"low"},"spec":{"replicas":8,"selector":{"matchLabels":{"app":"low"}},"template":{"metadata":)",
                  R"({"labels":{"app":"low"},"annotations":{"fake/term-delay":"3s"}},)", spec("low", "1"), "}}}"));
  const std::string pods = "POST /api/v1/namespaces/shop/pods";
  s.act(8, pods, base::cat(R"({"metadata":{"name":"waits"},)", spec("never", "2"), "}"));
  for (int i = 0; i < 6; ++i) {
    const std::string name = base::cat("tiny", std::to_string(i));
    s.act(8.3 + i * 0.5, pods, base::cat(R"({"metadata":{"name":")", name, R"("},"spec":{"nodeName":"za-0","containers":[{"name":"c","image":"a"}]}})"));
    s.act(8.5 + i * 0.5, base::cat("DELETE /api/v1/namespaces/shop/pods/", name), R"({"gracePeriodSeconds":0})");
  }
  s.act(12, pods, base::cat(R"({"metadata":{"name":"takes"},)", spec("high", "2"), "}"));
  return s;
}

// Which of the two is woken more often hangs on pods of others, whom a history does not show.
TEST_CASE("who of two waiting pods gets the room is as recorded, when it is the one of higher priority") {
  Story plain = race();
  plain.play(1);
  CHECK(when(plain.one("pods", "takes"), "spec.nodeName", "za") == doctest::Approx(15.2).epsilon(0.05));
  CHECK(when(plain.one("pods", "waits"), "spec.nodeName", "za") < 0);
  const auto seen = [](double t, const char* type, const char* node) {
    return base::cat(R"({"t":)", std::to_string(t), R"(,"res":"pods","type":")", type,
                     R"(","object":{"metadata":{"name":"waits","namespace":"shop"},"spec":{)", node, "}}}\n");
  };
  const cf::History history = cf::parse_history(
      "story", race().text() + seen(8.01, "ADDED", "") + seen(15.2, "MODIFIED", R"("nodeName":"za-0")"));
  const std::vector<cf::Track> tracks = cf::distill(cf::replay(history, cf::plan_of(history), 1).seen);
  const auto bound = [&tracks](std::string_view name) {
    for (const cf::Track& t : tracks)
      if (t.resource == "pods" && t.name == name) return when(t, "spec.nodeName", "za");
    return -1.0;
  };
  CHECK(bound("waits") == doctest::Approx(15.2).epsilon(0.05));
  CHECK(bound("takes") > bound("waits") + 2);
}

TEST_CASE("a restart writes the time that the history shows") {
  Story s(20, "shop");
  s.zone("za", 1).apply(1, "deployments", "web", R"("replicas":1,)");
  s.act(8, "kubectl -n shop rollout restart deployment/web", "", kTook);
  const std::string seen =
      R"({"t":8.3,"res":"deployments","type":"MODIFIED","object":{"metadata":{"name":"web","namespace":"shop"},)"
      R"("spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-11-22T18:18:37+01:00"}}}}}})";
  const cf::History history = cf::parse_history("story", s.text() + seen + "\n");
  const std::vector<cf::Step> plan = cf::plan_of(history);
  REQUIRE(plan.size() == 3);
  CHECK(plan[2].restarted_at == "2026-11-22T18:18:37+01:00");
}

}  // namespace
}  // namespace orrery::test
