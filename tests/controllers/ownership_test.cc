#include "control/client/owner.h"
#include "control/controllers/disruption.h"
#include "control/controllers/garbage_collector.h"
#include "control/controllers/namespace_conditions.h"
#include "control/controllers/pod_gc.h"
#include "control/controllers/volume_binder.h"
#include "control/controllers/volume_matching.h"
#include "model/api/replica_set.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using namespace controllers;

api::Pod plain_pod(const char* name) {
  api::Pod pod;
  pod.metadata.namespace_ = "default";
  pod.metadata.name = name;
  pod.spec = web_template().spec;
  pod.metadata.labels.set("app", "web");
  return pod;
}

api::OwnerReference owner(const char* name, const char* uid) {
  api::OwnerReference r;
  r.api_version = "apps/v1";
  r.kind = "ReplicaSet";
  r.name = name;
  r.uid = uid;
  r.block_owner_deletion = true;
  return r;
}

api::ReplicaSet replica_set(const char* name, const char* uid) {
  api::ReplicaSet rs;
  rs.metadata.namespace_ = "default";
  rs.metadata.name = name;
  rs.metadata.uid = uid;
  return rs;
}

TEST_CASE("owner graph: unseen owners are verified, gone ones bring up their dependents") {
  OwnerGraph graph;
  OwnerGraph::Work work;
  base::UniqueFunction<bool(const ObjectPlace&)> none = [](const ObjectPlace&) { return false; };
  api::Pod pod = plain_pod("p");
  pod.metadata.uid = "pod";
  const ObjectRef lone = api::make_object(pod);
  graph.changed({}, lone, work, none);
  CHECK(graph.size() == 0);
  pod.metadata.owner_references.push_back(owner("rs", "o"));
  const ObjectRef owned = api::make_object(pod);
  graph.changed(lone, owned, work, none);
  CHECK(work.attempt == std::vector<Str>{"o"});
  CHECK(graph.find("o")->virtual_);
  graph.changed({}, api::make_object(replica_set("rs", "o")), work, none);
  CHECK_FALSE(graph.find("o")->virtual_);
  CHECK(graph.blocking_dependents("o") == std::vector<Str>{"pod"});
  work = {};
  graph.removed("o", work);
  CHECK(work.attempt == std::vector<Str>{"pod"});
  work = {};
  graph.removed("pod", work);
  CHECK(graph.size() == 0);
}

TEST_CASE(
    "owner graph: foreground deletion examines the dependents and, when one goes, the owner") {
  OwnerGraph graph;
  OwnerGraph::Work work;
  base::UniqueFunction<bool(const ObjectPlace&)> all = [](const ObjectPlace&) { return true; };
  api::Pod pod = plain_pod("p");
  pod.metadata.uid = "pod";
  pod.metadata.owner_references.push_back(owner("rs", "o"));
  graph.changed({}, api::make_object(pod), work, all);
  CHECK(work.attempt.empty());
  api::ReplicaSet rs = replica_set("rs", "o");
  const ObjectRef before = api::make_object(rs);
  rs.metadata.deletion_timestamp = api::Time(1);
  rs.metadata.finalizers.push_back(kForegroundFinalizer);
  graph.changed(before, api::make_object(rs), work, all);
  CHECK(work.attempt == std::vector<Str>{"pod", "o"});
  work = {};
  graph.removed("pod", work);
  CHECK(work.attempt == std::vector<Str>{"o"});
  REQUIRE(graph.find("o"));
}

TEST_CASE("garbage collector: only objects all of whose owners are gone") {
  Cluster w;
  w.kubelets = false;
  w.add<GarbageCollector>();
  w.api.put(replica_set("lives", "lives"));
  w.api.put(replica_set("goes", "goes"));
  api::Pod orphan = plain_pod("orphan"), shared = plain_pod("shared"),
           successor = plain_pod("successor");
  orphan.metadata.owner_references.push_back(owner("goes", "goes"));
  shared.metadata.owner_references.push_back(owner("goes", "goes"));
  shared.metadata.owner_references.push_back(owner("lives", "lives"));
  successor.metadata.owner_references.push_back(owner("lives", "former uid"));
  w.api.put(orphan);
  w.api.put(shared);
  w.api.put(plain_pod("unowned"));
  w.start();
  w.run(2 * kSecond);
  CHECK(w.pods() == std::vector<std::string>{"orphan", "shared", "unowned"});
  w.api.erase(KindId::kReplicaSet, "default", "goes");
  w.api.put(successor);
  w.run(3 * kSecond);
  CHECK(w.pods() == std::vector<std::string>{"shared", "unowned"});
  const auto kept = w.api.get<api::Pod>("default", "shared");
  REQUIRE(kept->metadata.owner_references.size() == 1);
  CHECK(kept->metadata.owner_references[0].uid == "lives");
}

// reportInvalidNamespaceOwnerRef of pkg/controller/garbagecollector/graph_builder.go; the owner counts as absent.
TEST_CASE("garbage collector: an owner that stands in another namespace is told") {
  Cluster w;
  w.kubelets = false;
  w.add<GarbageCollector>();
  api::ReplicaSet elsewhere = replica_set("web", "u-web");
  elsewhere.metadata.namespace_ = "other";
  w.api.put(elsewhere);
  w.start();
  api::Pod pod = plain_pod("p"), lost = plain_pod("lost");
  pod.metadata.owner_references.push_back(owner("web", "u-web"));
  lost.metadata.owner_references.push_back(owner("web", "u-nobody"));
  w.api.put(pod);
  w.api.put(lost);
  w.run(3 * kSecond);
  CHECK(w.pods().empty());
  CHECK(w.events("OwnerRefInvalidNamespace") ==
        std::vector<std::string>{"ownerRef [apps/v1/ReplicaSet, namespace: default, name: web, uid: u-web] does not exist in "
                                 "namespace \"default\""});
}

TEST_CASE("pod GC: pods of a vanished node fail and go after the quarantine") {
  Cluster w;
  w.kubelets = false;
  w.add<PodGcController>();
  api::Node node;
  node.metadata.name = "node-0";
  w.api.put(node);
  api::Pod pod = plain_pod("p");
  pod.spec.edit().node_name = "node-0";
  pod.status.edit().phase = "Running";
  w.api.put(pod);
  w.start();
  w.run(60 * kSecond);
  CHECK(w.pods().size() == 1);
  w.api.erase(KindId::kNode, "", "node-0");
  w.run(39 * kSecond);
  CHECK(w.pods().size() == 1);
  w.run(42 * kSecond);
  CHECK(w.pods().empty());
  CHECK(std::count(w.api.writes.begin(), w.api.writes.end(), "patch pods/status") == 1);
}

// gc_controller.go, gcTerminating: whatever the pod's phase is.
TEST_CASE("pod GC: pods that are going on a node out of service go at the next pass") {
  for (const char* phase : {"Running", "Succeeded"}) {
    CAPTURE(phase);
    Cluster w;
    w.kubelets = false;
    w.add<PodGcController>();
    api::Node node;
    node.metadata.name = "node-0";
    api::Taint taint;
    taint.key = "node.kubernetes.io/out-of-service";
    taint.effect = "NoExecute";
    node.spec.edit().taints.push_back(taint);
    w.api.put(node);
    api::Pod pod = plain_pod("p");
    pod.spec.edit().node_name = "node-0";
    pod.status.edit().phase = phase;
    pod.metadata.deletion_timestamp = api::Time(1);
    pod.metadata.deletion_grace_period_seconds = 30;
    w.start();
    w.api.put(pod);
    w.run(22 * kSecond);
    CHECK(w.pods().empty());
    const auto patched = std::count(w.api.writes.begin(), w.api.writes.end(), "patch pods/status");
    CHECK(patched == (phase == std::string("Running") ? 1 : 0));
  }
}

TEST_CASE("budget: healthy pods over what is wanted may go") {
  struct Row {
    std::optional<api::IntOrString> min, max;
    int healthy, unhealthy, scale, allowed, desired, expected;
  };
  const Row rows[] = {{api::IntOrString(2), {}, 3, 0, 0, 1, 2, 3},
                      {api::IntOrString(2), {}, 2, 1, 0, 0, 2, 3},
                      {api::IntOrString("50%"), {}, 3, 0, 5, 0, 3, 5},
                      {api::IntOrString("50%"), {}, 4, 0, 5, 1, 3, 5},
                      {{}, api::IntOrString(1), 3, 0, 3, 1, 2, 3},
                      {{}, api::IntOrString("30%"), 10, 0, 10, 3, 7, 10},
                      {{}, api::IntOrString("35%"), 10, 0, 10, 4, 6, 10},
                      {{}, api::IntOrString(5), 0, 0, 0, 0, 0, 0}};
  for (const Row& r : rows) {
    api::PodDisruptionBudget pdb;
    pdb.spec.edit().min_available = r.min;
    pdb.spec.edit().max_unavailable = r.max;
    BudgetInput in;
    in.scale = r.scale;
    for (int i = 0; i < r.healthy + r.unhealthy; ++i) {
      api::Pod pod = plain_pod(std::to_string(i).c_str());
      api::PodCondition ready;
      ready.type = "Ready";
      ready.status = i < r.healthy ? "True" : "False";
      pod.status.edit().conditions.push_back(ready);
      in.pods.emplace_back(api::make_object(std::move(pod)));
    }
    const BudgetPlan plan = plan_budget(pdb, in);
    CHECK(plan.status.disruptions_allowed == r.allowed);
    CHECK(plan.status.desired_healthy == r.desired);
    CHECK(plan.status.expected_pods == r.expected);
    CHECK(plan.status.conditions[0].reason ==
          (r.allowed > 0 ? "SufficientPods" : "InsufficientPods"));
  }
}

TEST_CASE("budget: an announced deletion counts for two minutes") {
  api::PodDisruptionBudget pdb;
  pdb.spec.edit().min_available = api::IntOrString(0);
  pdb.status.edit().disrupted_pods.set("p", api::Time(1000));
  api::Pod pod = plain_pod("p");
  api::PodCondition ready;
  ready.type = "Ready";
  ready.status = "True";
  pod.status.edit().conditions.push_back(ready);
  BudgetInput in;
  in.pods.emplace_back(api::make_object(pod));
  in.wall = base::Instant{1060 * kSecond};
  BudgetPlan plan = plan_budget(pdb, in);
  CHECK(plan.status.current_healthy == 0);
  CHECK(plan.recheck == 60 * kSecond);
  in.wall = base::Instant{1121 * kSecond};
  plan = plan_budget(pdb, in);
  CHECK(plan.status.current_healthy == 1);
  CHECK(plan.not_deleted.size() == 1);
  CHECK(plan.status.disrupted_pods.empty());
}

TEST_CASE("disruption controller: settles, and follows the pods") {
  Cluster w;
  w.kubelets = false;
  w.add<DisruptionController>();
  api::PodDisruptionBudget pdb;
  pdb.metadata.namespace_ = "default";
  pdb.metadata.name = "b";
  pdb.spec.edit().min_available = api::IntOrString(1);
  pdb.spec.edit().selector = web_selector();
  w.api.put(pdb);
  w.start();
  const auto allowed = [&w] {
    return w.api.get<api::PodDisruptionBudget>("default", "b")->status->disruptions_allowed;
  };
  CHECK(allowed() == 0);
  CHECK(w.events("NoPods").size() == 1);
  for (const char* name : {"a", "b"}) {
    api::Pod pod = plain_pod(name);
    api::PodCondition ready;
    ready.type = "Ready";
    ready.status = "True";
    pod.status.edit().conditions.push_back(ready);
    w.api.put(pod);
  }
  w.run(2 * kSecond);
  CHECK(allowed() == 1);
  const std::int64_t settled = w.api.revision();
  w.run(60 * kSecond);
  CHECK(w.api.revision() == settled);
}

TEST_CASE("namespace conditions: fine ones first, complaints with their counts") {
  api::NamespaceStatus status;
  NamespaceRemains left;
  left.resources["pods."] = 2;
  left.resources["jobs.batch"] = 1;
  left.finalizers["f"] = 3;
  CHECK(set_deletion_conditions(status, left, api::Time(1)));
  REQUIRE(status.conditions.size() == 5);
  CHECK(status.conditions[2].status == "False");
  CHECK(status.conditions[3].message ==
        "Some resources are remaining: jobs.batch has 1 resource instances, pods. has 2 resource "
        "instances");
  CHECK(status.conditions[4].message ==
        "Some content in the namespace has finalizers remaining: f in 3 resource instances");
  CHECK_FALSE(set_deletion_conditions(status, left, api::Time(2)));
  CHECK(set_deletion_conditions(status, {}, api::Time(3)));
  CHECK(status.conditions[3].reason == "ContentRemoved");
  CHECK(status.conditions[3].last_transition_time == api::Time(3));
  CHECK(status.conditions[2].last_transition_time == api::Time(1));
}

/// A volume whose claim is gone.
api::PersistentVolume released(const char* name, const char* path) {
  api::PersistentVolume v;
  v.metadata.name = name;
  api::ObjectReference claim;
  claim.namespace_ = "default";
  claim.name = "gone";
  claim.uid = "u-gone";
  api::PersistentVolumeSpec& spec = v.spec.edit();
  spec.claim_ref = claim;
  spec.persistent_volume_reclaim_policy = "Delete";
  if (path) {
    api::HostPathVolumeSource source;
    source.path = path;
    spec.source.edit().host_path = source;
  } else {
    api::CSIPersistentVolumeSource source;
    source.driver = "example.com/csi";
    spec.source.edit().csi = source;
  }
  v.status.edit().phase = "Bound";
  return v;
}

// deleteVolumeOperation and findDeletablePlugin of pkg/controller/volume/persistentvolume/pv_controller.go, Delete of
// pkg/volume/hostpath.
TEST_CASE("volumes: who deletes one that nobody keeps") {
  Cluster w;
  w.config.provision_delay = -1;
  w.add<VolumeBinder>();
  w.api.put(released("scratch", "/tmp/a"));
  w.api.put(released("path", "/data"));
  w.api.put(released("csi", nullptr));
  api::PersistentVolume provisioned = released("provisioned", nullptr), kept = released("kept", "/tmp/b");
  provisioned.metadata.annotations.set(kProvisionedBy, "example.com/csi");
  kept.spec.edit().persistent_volume_reclaim_policy = "Retain";
  w.api.put(provisioned);
  w.api.put(kept);
  w.start();
  w.run(40 * kSecond);
  const auto state = [&w](const char* name) {
    const auto v = w.api.get<api::PersistentVolume>("", name);
    return v ? base::cat(v->status->phase, " ", v->status->message) : std::string("gone");
  };
  CHECK(state("scratch") == "gone");
  CHECK(state("path") == "Failed host_path deleter only supports /tmp/.+ but received provided /data");
  CHECK(state("csi") == "Failed error getting deleter volume plugin for volume \"csi\": no volume plugin matched");
  CHECK(state("provisioned") == "Released ");
  CHECK(state("kept") == "Released ");
  CHECK(w.events("VolumeFailedDelete").size() == 2);
}

TEST_CASE("volumes: the smallest that suits, or the one reserved") {
  const auto volume = [](const char* name, const char* size, const char* mode) {
    api::PersistentVolume v;
    v.metadata.name = name;
    v.spec.edit().capacity.set("storage", api::Quantity::must_parse(size));
    v.spec.edit().access_modes.push_back(mode);
    v.status.edit().phase = "Available";
    return v;
  };
  std::vector<ObjectRef> volumes;
  for (const api::PersistentVolume& v :
       {volume("big", "10Gi", "ReadWriteOnce"), volume("small", "1Gi", "ReadWriteOnce"),
        volume("fits", "5Gi", "ReadWriteOnce"), volume("many", "4Gi", "ReadWriteMany")}) {
    volumes.push_back(api::make_object(v));
  }
  api::PersistentVolumeClaim claim;
  claim.metadata.namespace_ = "ns";
  claim.metadata.name = "c";
  claim.metadata.uid = "u";
  claim.spec.edit().access_modes.push_back("ReadWriteOnce");
  claim.spec.edit().resources.requests.set("storage", api::Quantity::must_parse("3Gi"));
  CHECK(best_volume(volumes, claim, false)->meta().name == "fits");
  CHECK_FALSE(best_volume(volumes, claim, true));
  volumes[0] = api::make_object(reserved(volumes[0]->as<api::PersistentVolume>(), claim));
  CHECK(best_volume(volumes, claim, true)->meta().name == "big");
  claim.metadata.uid = "successor";
  CHECK(best_volume(volumes, claim, false)->meta().name == "fits");
  claim.spec.edit().storage_class_name = Str("fast");
  CHECK_FALSE(best_volume(volumes, claim, false));
}

}  // namespace
}  // namespace orrery::test
