// What upstream's controllers do that nobody would design so, each case with the function that does it.
#include <doctest/doctest.h>

#include <set>

#include "scenarios/conform/rollout_order.h"
#include "tests/scenarios/story.h"

namespace orrery::test {
namespace {

constexpr const char* kClaims = "POST /api/v1/namespaces/shop/persistentvolumeclaims";

std::string claim(const std::string& name, const std::string& class_member) {
  return base::cat(R"({"metadata":{"name":")", name, R"("},"spec":{)", class_member,
                   R"("accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})");
}

/// "" when absent.
std::string value_of(const cf::Track& track, const std::string& field, double t) {
  std::string value;
  if (const auto it = track.fields.find(field); it != track.fields.end())
    for (const cf::Change& c : it->second)
      if (in_seconds(c.t) <= t) value = c.value;
  return value;
}

// namespaced_resources_deleter.go, deleteAllContent: with pods left it returns before ProcessContentTotals.
TEST_CASE("a namespace whose pods are ending says that all content is removed; then it tells of the rest") {
  Story s(60, "shop");
  s.zone("za", 2).apply(1, "deployments", "web", R"("replicas":2,)");
  s.act(2, "POST /api/v1/namespaces/shop/configmaps",
        R"({"metadata":{"name":"kept","finalizers":["example.com/keep"]}})");
  s.act(10, "DELETE /api/v1/namespaces/shop").play(3);
  const cf::Track& ns = s.one("namespaces", "shop");
  const std::string remaining = "status.conditions.NamespaceContentRemaining";
  CHECK(when(ns, "status.phase", "Terminating") < 10.5);
  const double pass = when(ns, remaining, "False ContentRemoved");
  CHECK(pass == doctest::Approx(15).epsilon(0.05));
  CHECK(when(ns, remaining, "", 0) == pass);
  CHECK(when(ns, remaining, "True SomeResourcesRemain «Some resources are remaining: configmaps. has 1 resource instances»") ==
        doctest::Approx(pass + 6).epsilon(0.1));
  CHECK(when(ns, "status.conditions.NamespaceFinalizersRemaining",
             "True SomeFinalizersRemain «Some content in the namespace has finalizers remaining: example.com/keep in 1 "
             "resource instances»") > pass);
  CHECK(ns.deleted < 0);
}

// deleteAllContentForGroupVersionResource: no estimate counts when nothing is left.
TEST_CASE("pods that are gone at once do not hold their namespace up") {
  Story s(40, "shop");
  s.zone("za", 1).act(1, "POST /api/v1/namespaces/shop/pods",
                      R"({"metadata":{"name":"waits"},"spec":{"nodeSelector":{"no":"where"},"containers":[{"name":"c","image":"a"}]}})");
  s.act(5, "DELETE /api/v1/namespaces/shop").play(3);
  const double gone = in_seconds(s.one("namespaces", "shop").deleted);
  CHECK(gone > 10);
  CHECK(gone < 12);
}

// resource_quota_controller.go and evaluator/core/registry.go: DefaultUpdateFilter; evaluator/core/pods.go: Constraints.
TEST_CASE("a quota counts again when a service gives its node ports back, and wants every container to say what it takes") {
  Story s(20, "shop");
  s.zone("za", 1);
  s.act(1.5, "POST /api/v1/namespaces/shop/resourcequotas",
        R"({"metadata":{"name":"q"},"spec":{"hard":{"services.nodeports":"2","limits.memory":"1Gi","requests.cpu":"1"}}})");
  s.act(3, "POST /api/v1/namespaces/shop/services",
        R"({"metadata":{"name":"web"},"spec":{"type":"NodePort","selector":{"app":"web"},"ports":[{"port":80}]}})");
  s.act(6, "PATCH /api/v1/namespaces/shop/services/web", R"({"spec":{"type":"ClusterIP"}})");
  s.act(8, "POST /apis/apps/v1/namespaces/shop/replicasets",
        R"({"metadata":{"name":"rs"},"spec":{"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},)"
        R"("spec":{"containers":[{"name":"b","image":"i"},{"name":"a","image":"i","resources":{"requests":{"cpu":"1"}}}]}}}})");
  s.play(1);
  CHECK(s.refused.empty());
  const cf::Track& quota = s.one("resourcequotas", "q");
  CHECK(value_of(quota, "status.used.services.nodeports", 5) == "1");
  CHECK(value_of(quota, "status.used.services.nodeports", 7) == "0");
  CHECK_FALSE(events(s.one("replicasets", "rs"), "is forbidden: failed quota: q: must specify limits.memory for: a,b; requests.cpu "
                                                 "for: b»").empty());
}

// endpointslicemirroring/reconciler.go: reconcile, newEndpointSlice; endpointslicemirroring_controller.go: syncEndpoints.
TEST_CASE("Endpoints that a user keeps are mirrored in slices, one for each set of ports") {
  const auto endpoints = [](const std::string& ips, const std::string& more) {
    std::string list;
    for (const char ip : ips) list += base::cat(list.empty() ? "" : ",", R"({"ip":"10.1.0.)", std::string(1, ip), "\"}");
    return base::cat(R"({"metadata":{"name":"db","labels":{"team":"x"},"annotations":{"note":"y"}},"subsets":[{"addresses":[)", list,
                     R"(],"ports":[{"port":5432}])", more, "}]}");
  };
  Story s(40, "shop");
  s.zone("za", 1);
  s.act(1, "POST /api/v1/namespaces/shop/services", R"({"metadata":{"name":"db"},"spec":{"ports":[{"port":5432}]}})");
  s.act(5, "POST /api/v1/namespaces/shop/endpoints", endpoints("12", R"(,"notReadyAddresses":[{"ip":"10.1.0.3"}])"));
  s.act(10, "PATCH /api/v1/namespaces/shop/endpoints/db", R"({"subsets":[{"addresses":[{"ip":"10.1.0.1"}],"ports":[{"port":6432}]}]})");
  s.act(15, "PATCH /api/v1/namespaces/shop/services/db", R"({"spec":{"selector":{"app":"db"}}})");
  s.act(25, "DELETE /api/v1/namespaces/shop/services/db");
  s.play(1);
  CHECK(s.refused.empty());
  const cf::Track& sum = s.one("endpointslices", "db (all");
  CHECK(value_of(sum, "endpoints.all", 6) == "3");
  CHECK(value_of(sum, "endpoints.ready", 6) == "2");
  CHECK(value_of(sum, "endpoints.all", 11) == "1");
  const auto slices = s.all("endpointslices", "db-");
  REQUIRE(slices.size() == 2);  // the mirror, and the service's own once it selects
  const cf::Track& mirror = *slices[0];
  CHECK(value_of(mirror, "metadata.ownerReferences", 6) == "Endpoints/db*");
  CHECK(value_of(mirror, "metadata.labels.team", 6) == "\"x\"");
  CHECK(value_of(mirror, "metadata.annotations.note", 6) == "\"y\"");
  CHECK(value_of(mirror, "metadata.labels.endpointslice.kubernetes.io/managed-by", 6) ==
        "\"endpointslicemirroring-controller.k8s.io\"");
  CHECK(value_of(mirror, "ports", 11).find("6432") != std::string::npos);
  CHECK(in_seconds(mirror.deleted) == doctest::Approx(15).epsilon(0.03));
  CHECK(in_seconds(slices[1]->deleted) == doctest::Approx(25).epsilon(0.03));
}

// pv_controller.go: syncUnboundClaim, provisionClaim, emitEventForUnboundDelayBindingClaim; resync every 15 s.
TEST_CASE("claims without a volume are told about every 15 s, and only then see a new one") {
  Story s(70, "shop");
  s.zone("za", 1);
  const auto storage_class = [&s](const char* name, const char* provisioner, const char* mode) {
    s.act(1, "POST /apis/storage.k8s.io/v1/storageclasses",
          base::cat(R"({"metadata":{"name":")", name, R"("},"provisioner":")", provisioner,
                    R"(","volumeBindingMode":")", mode, "\"}"));
  };
  storage_class("local", "kubernetes.io/no-provisioner", "Immediate");
  storage_class("late", "kubernetes.io/no-provisioner", "WaitForFirstConsumer");
  storage_class("outside", "example.com/disks", "Immediate");
  s.act(2, kClaims, claim("plain", R"("storageClassName":"",)")).act(2, kClaims, claim("missing", R"("storageClassName":"none",)"));
  s.act(2, kClaims, claim("local", R"("storageClassName":"local",)")).act(2, kClaims, claim("late", R"("storageClassName":"late",)"));
  s.act(2, kClaims, claim("outside", R"("storageClassName":"outside",)"));
  s.act(20, "POST /api/v1/namespaces/shop/pods",
        R"({"metadata":{"name":"user"},"spec":{"nodeSelector":{"no":"where"},"containers":[{"name":"c","image":"a"}],)"
        R"("volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"late"}}]}})");
  s.act(50, "POST /api/v1/persistentvolumes",
        R"({"metadata":{"name":"pv"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}}})");
  s.play(3);
  CHECK(s.refused.empty());
  const auto told = [&s](const char* name, const char* text) { return events(s.one("persistentvolumeclaims", name), text); };
  const auto none = told("plain", "Normal FailedBinding «no persistent volumes available for this claim and no storage class is set»");
  REQUIRE(none.size() >= 3);
  CHECK(none[0] < 3);
  CHECK(none[2] - none[1] == doctest::Approx(15).epsilon(0.05));
  CHECK(told("missing", "Warning ProvisioningFailed «storageclass.storage.k8s.io \"none\" not found»").size() >= 4);
  CHECK(told("local", "Warning ProvisioningFailed «no volume plugin matched name: kubernetes.io/no-provisioner»").size() >= 4);
  CHECK(told("late", "Normal WaitForFirstConsumer").size() >= 2);
  const auto scheduled = told("late", "Normal WaitForPodScheduled «waiting for pod user to be scheduled»");
  REQUIRE(!scheduled.empty());
  CHECK(scheduled[0] > 20);
  CHECK(told("outside", "Normal ExternalProvisioning «Waiting for a volume to be created either by the external provisioner "
                        "'example.com/disks' or manually").size() >= 4);
  const cf::Track& outside = s.one("persistentvolumeclaims", "outside");
  for (const char* key : {"volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"})
    CHECK(when(outside, base::cat("metadata.annotations.", key), "\"example.com/disks\"") > 0);
  const double bound = when(s.one("persistentvolumeclaims", "plain"), "status.phase", "Bound");
  CHECK(bound > 50.5);
  CHECK(bound - none.back() == doctest::Approx(15).epsilon(0.05));
}

// endpointslice reconciler.go, reconcileByAddressType: the pod of a node that is not there is left out, told about, and tried again.
TEST_CASE("a service leaves out the pods of a deleted node until they are collected") {
  Story s(100, "shop");
  s.zone("za", 2).apply(1, "deployments", "web", R"("replicas":2,)");
  s.act(1, "POST /api/v1/namespaces/shop/services",
        R"({"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}})");
  s.act(10, "FAKE KUBELET STOPPED: za-0").act(12, "DELETE /api/v1/nodes/za-0");
  s.act(20, "PATCH /apis/apps/v1/namespaces/shop/deployments/web", R"({"spec":{"replicas":3}})").play(3);
  int lost = 0;
  for (const cf::Track* pod : s.all("pods", "web-")) lost += when(*pod, "spec.nodeName", "za-0") > 0;
  REQUIRE(lost == 1);
  const auto told = events(s.one("services", "web"),
                           "Warning FailedToUpdateEndpointSlices «Error updating Endpoint Slices for Service shop/web: skipping Pod web-");
  REQUIRE(told.size() >= 4);
  CHECK(told[0] > 20);
  CHECK(told[0] < 21);
  CHECK(told.back() - told.front() > 6);
  const cf::Track& slices = s.one("endpointslices", "web (all");
  CHECK(value_of(slices, "endpoints.all", 19) == "2");
  CHECK(value_of(slices, "endpoints.all", 20.9) == "1");
  CHECK(value_of(slices, "endpoints.all", 30) == "2");
  CHECK(value_of(slices, "endpoints.all", 99) == "3");
}

// kubectl: createJobFromCronJob; set resources.
TEST_CASE("kubectl starts a CronJob's Job and sets resources") {
  Story s(30, "shop");
  s.zone("za", 1).apply(1, "deployments", "web", R"("replicas":1,)");
  s.act(1, "POST /apis/batch/v1/namespaces/shop/cronjobs",
        R"({"metadata":{"name":"tick"},"spec":{"schedule":"0 0 1 1 *","jobTemplate":{"metadata":{"annotations":{"a":"b"}},)"
        R"("spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"a"}]}}}}}})");
  s.act(5, "kubectl -n shop create job now --from=cronjob/tick", "", R"("took":0.3)");
  s.act(10, "kubectl -n shop set resources deployment web --limits=cpu=500m,memory=1Gi --requests=cpu=100m", "", R"("took":0.3)");
  s.play(3);
  CHECK(s.refused.empty());
  const cf::Track& job = s.one("jobs", "now");
  CHECK(when(job, "metadata.annotations.cronjob.kubernetes.io/instantiate", "\"manual\"") > 0);
  CHECK(when(job, "metadata.annotations.a", "\"b\"") > 0);
  CHECK(when(job, "metadata.ownerReferences", "CronJob/tick") > 0);
  CHECK(!events(s.one("cronjobs", "tick"), "Warning UnexpectedJob «Saw a job that the controller did not create or forgot: now»").empty());
  std::string resources;
  for (const cf::Observation& o : s.seen)
    if (o.resource == "deployments") resources = o.object["spec"]["template"]["spec"]["containers"].items()[0]["resources"].dump(true);
  CHECK(resources == R"({"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":"100m"}})");
}

TEST_CASE("manifests as text, server-side apply, and nodes that join") {
  Story s(20, "shop");
  s.zone("za", 1);
  s.act(1, "kubectl -n shop apply -f -", "",
        R"("took":0.3,"stdin":"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Service\n)"
        R"(metadata: {name: web}\nspec: {ports: [{port: 80}]}\n")");
  for (const double t : {3.0, 5.0})
    s.act(t, "PATCH /apis/apps/v1/namespaces/shop/deployments/web?fieldManager=me",
          base::cat(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":)", t < 4 ? "1" : "2",
                    R"(,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},)"
                    R"("spec":{"containers":[{"name":"c","image":"a"}]}}}})"),
          R"("ct":"application/apply-patch+yaml")");
  s.act(7, "FAKE KUBELET NODE ADDED: za-7").act(8, "sleep 2");
  s.play(3);
  CHECK(s.refused.empty());
  s.one("services", "web");
  CHECK(when(s.one("deployments", "web"), "spec.replicas", "2") > 5);
  CHECK(s.all("pods", "web-").size() == 2);
}

TEST_CASE("what kubectl made is taken from the history") {
  Story s(20, "shop");
  s.zone("za", 1).apply(1, "deployments", "web", R"("replicas":1,)");
  s.act(5, "kubectl -n shop expose deployment web --port=80", "", R"("took":0.4)");
  const std::string service =
      R"({"t":5.3,"res":"services","type":"ADDED","object":{"apiVersion":"v1","kind":"Service","metadata":{"name":"web",)"
      R"("namespace":"shop","uid":"6a1fdd2c-0a5a-4f5c-8a55-3d3c5dd4c9c7"},"spec":{"clusterIP":"10.9.8.7","clusterIPs":["10.9.8.7"],)"
      R"("selector":{"app":"web"},"ports":[{"port":80,"protocol":"TCP","targetPort":80}]}}})";
  const cf::History history = cf::parse_history("story", s.text() + service + "\n");
  const std::vector<cf::Step> plan = cf::plan_of(history);
  REQUIRE(plan.size() == 3);
  CHECK(plan[2].resource == "services");
  const cf::ReplayResult result = cf::replay(history, plan, 3);
  CHECK(result.refused.empty());
  CHECK(std::any_of(result.seen.begin(), result.seen.end(), [](const cf::Observation& o) {
    return o.resource == "services" && o.object["spec"]["clusterIP"].text_or("") != "10.9.8.7";
  }));
  CHECK_THROWS(cf::plan_of(cf::parse_history("story", s.text())));
}

// daemon/update.go, rollingUpdate: `for nodeName, pods := range nodeToDaemonPods`.
TEST_CASE("rolling updates go through the nodes as recorded, and as drawn where nothing was") {
  std::vector<cf::Track> recorded;
  const auto pod = [&recorded](const char* node, std::int64_t created, std::int64_t deleted) {
    cf::Track t;
    t.resource = "pods";
    t.group = base::cat("pods/shop/agent-*@", node);
    t.created = created * base::kSecond;
    if (deleted > 0) t.fields["metadata.deletionTimestamp"] = {{deleted * base::kSecond, "grace 30"}};
    recorded.push_back(std::move(t));
  };
  pod("za-0", 1, 9), pod("za-1", 1, 5), pod("za-2", 1, 7), pod("za-1", 6, 20), pod("za-2", 8, 0);
  cf::RolloutOrder order(recorded, base::RandomStream(1));
  using Nodes = std::vector<base::Str>;
  const std::string agents = "pods/shop/agent-*@";
  for (const char* node : {"za-0", "za-1", "za-2"}) order.made(agents + node);
  Nodes nodes{"za-0", "za-1", "za-2"};
  order.sort(agents, nodes);
  CHECK(nodes == Nodes{"za-1", "za-2", "za-0"});
  order.made(agents + "za-1"), order.made(agents + "za-2");  // their successors
  order.sort(agents, nodes);
  CHECK(nodes == Nodes{"za-0", "za-1", "za-2"});
  std::set<Nodes> drawn;
  for (int i = 0; i < 100; ++i) {
    order.sort("pods/shop/other-*@", nodes);
    drawn.insert(nodes);
  }
  CHECK(drawn.size() == 6);
}

TEST_CASE("whole zones stop") {
  Story s(90, "shop");
  s.zone("za", 2).zone("zb", 2).act(5, "FAKE KUBELET STOPPED (no lease renewal): zone za").act(80, "FAKE KUBELET STARTED AGAIN: za-*");
  s.play(3);
  for (const char* node : {"za-0", "za-1"}) {
    const double lost = when(s.one("nodes", node), "status.conditions.Ready", "Unknown");
    CHECK(lost > 45);
    CHECK(lost < 65);
    CHECK(when(s.one("nodes", node), "status.conditions.Ready", "True", lost) > 80);
  }
  CHECK(when(s.one("nodes", "zb-0"), "status.conditions.Ready", "Unknown") < 0);
}

// A new holder of the Lease does what waited for one.
TEST_CASE("processes of the control plane are killed, stopped and started") {
  Story s(90, "shop");
  s.zone("za", 2).act(5, "SIGKILL kube-controller-manager").act(6, "kube-scheduler STOPPED");
  s.apply(8, "deployments", "web", R"("replicas":1,)").act(45, "START kube-scheduler");
  s.play(3);
  CHECK(s.refused.empty());
  REQUIRE(s.all("pods", "web-").size() == 1);
  const cf::Track& pod = *s.all("pods", "web-")[0];
  CHECK(in_seconds(pod.created) > 15);
  CHECK(in_seconds(pod.created) < 30);
  CHECK(when(pod, "spec.nodeName", "za-") > 60);  // a candidate waits for 15 s from when it first saw the Lease
}

}  // namespace
}  // namespace orrery::test
