#include "control/controllers/replica_set.h"

#include "control/client/owner.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

api::ReplicaSet web_set(int replicas) {
  api::ReplicaSet rs;
  rs.metadata.namespace_ = "default";
  rs.metadata.name = "web";
  rs.spec.edit().replicas = replicas;
  rs.spec.edit().selector = web_selector();
  rs.spec.edit().template_ = web_template();
  return rs;
}

/// A pod of "web" that nobody controls.
api::Pod orphan() {
  api::Pod pod;
  pod.metadata.namespace_ = "default";
  pod.metadata.name = "orphan";
  pod.metadata.labels.set("app", "web");
  pod.spec.edit().containers = web_template().spec->containers;
  pod.status.edit().phase = "Pending";
  return pod;
}

struct ReplicaSetWorld : Cluster {
  explicit ReplicaSetWorld(int replicas, bool begin = true) {
    add<controllers::ReplicaSetController>();
    api.put(web_set(replicas));
    if (begin) start();
  }
  api::Handle<api::ReplicaSet> rs() { return api.get<api::ReplicaSet>("default", "web"); }
  void scale(int n) {
    api.edit<api::ReplicaSet>("default", "web", [n](auto& x) {
      x.spec.edit().replicas = n;
      ++x.metadata.generation;
    });
  }
};

TEST_CASE("ReplicaSet: makes its pods, and tells so") {
  ReplicaSetWorld w(5);
  w.run(5 * kSecond);
  CHECK(w.pods().size() == 5);
  const auto status = w.rs()->status;
  CHECK(status->replicas == 5);
  CHECK(status->fully_labeled_replicas == 5);
  CHECK(status->ready_replicas == 5);
  CHECK(status->available_replicas == 5);
  CHECK(status->observed_generation == 1);
  CHECK(w.events("SuccessfulCreate").size() == 5);
  const auto pod = w.api.all<api::Pod>()[0];
  CHECK(w.events("SuccessfulCreate")[0].starts_with("Created pod: web-"));
  CHECK(pod->metadata.generate_name == "web-");
  CHECK(client::controlled_by(pod->metadata, w.rs()->metadata.uid));
}

TEST_CASE("ReplicaSet: follows its size in both directions and replaces what is lost") {
  ReplicaSetWorld w(4);
  w.run(3 * kSecond);
  w.scale(1);
  w.run(3 * kSecond);
  CHECK(w.pods().size() == 1);
  CHECK(w.events("SuccessfulDelete").size() == 3);
  w.scale(3);
  w.run(3 * kSecond);
  CHECK(w.pods().size() == 3);
  w.api.erase(KindId::kPod, "default", w.pods()[0]);
  w.run(3 * kSecond);
  CHECK(w.pods().size() == 3);
  w.api.edit<api::Pod>("default", w.pods()[0], [](auto& p) { p.status.edit().phase = "Failed"; });
  w.run(3 * kSecond);
  CHECK(w.rs()->status->replicas == 3);
  CHECK(w.pods().size() == 4);
}

TEST_CASE("ReplicaSet: does not repeat itself while its own writes are not seen; the planted bug does") {
  for (const bool bug : {false, true}) {
    ReplicaSetWorld w(0, false);
    if (bug) w.process.faults.plant(env::Site::kReplicaSetIgnoresExpectations);
    w.start();
    w.process.network.watch_latency = 2 * kSecond;
    w.scale(3);
    w.run(500 * kMillisecond);
    // Seen after the creations and before the pods that they made.
    w.api.edit<api::ReplicaSet>("default", "web", [](auto& x) { x.metadata.annotations.set("a", "b"); });
    w.run(3 * kSecond);
    CHECK((w.pods().size() > 3) == bug);
  }
}

TEST_CASE("ReplicaSet: a refused creation sets ReplicaFailure, is told, and is retried with growing delays") {
  ReplicaSetWorld w(3, false);
  int refused = 0;
  w.api.intercept = [&](const api::ApiRequest& r) {
    if (r.verb != api::Verb::kCreate || r.kind != KindId::kPod) return Response();
    ++refused;
    return FakeApiserver::failure(403, "Forbidden", "pods \"web-\" is forbidden: exceeded quota: q");
  };
  w.start();
  w.run(kSecond);
  // One creation per sync: slow start goes no further than its first failure.
  CHECK((refused >= 7 && refused <= 10));
  const auto* failure = api::find_condition(*w.rs()->status, "ReplicaFailure");
  REQUIRE(failure);
  CHECK(failure->reason == "FailedCreate");
  CHECK(failure->message == "pods \"web-\" is forbidden: exceeded quota: q");
  CHECK(w.events("FailedCreate") ==
        std::vector<std::string>{"Error creating: pods \"web-\" is forbidden: exceeded quota: q"});
  w.api.intercept = nullptr;
  w.run(10 * kSecond);
  CHECK(w.pods().size() == 3);
  CHECK_FALSE(api::find_condition(*w.rs()->status, "ReplicaFailure"));
}

TEST_CASE("ReplicaSet: adopts orphans that match and releases pods that no longer do") {
  ReplicaSetWorld w(2, false);
  w.api.put(orphan());
  w.start();
  w.run(3 * kSecond);
  CHECK(w.pods().size() == 2);
  CHECK(client::controlled_by(w.api.get<api::Pod>("default", "orphan")->metadata, w.rs()->metadata.uid));
  w.api.edit<api::Pod>("default", "orphan", [](auto& p) { p.metadata.labels.set("app", "other"); });
  w.run(3 * kSecond);
  CHECK(w.pods().size() == 3);
  CHECK(w.api.get<api::Pod>("default", "orphan")->metadata.owner_references.empty());
}

TEST_CASE("ReplicaSet: a pod is available after minReadySeconds, and the set is looked at then") {
  ReplicaSetWorld w(1, false);
  w.api.edit<api::ReplicaSet>("default", "web", [](auto& x) { x.spec.edit().min_ready_seconds = 5; });
  w.start();
  w.run(3 * kSecond);
  CHECK(w.rs()->status->ready_replicas == 1);
  CHECK(w.rs()->status->available_replicas == 0);
  w.run(6 * kSecond);
  CHECK(w.rs()->status->available_replicas == 1);
}

TEST_CASE("ReplicationController: makes, adopts and deletes pods as a ReplicaSet does") {
  Cluster w;
  w.add<controllers::ReplicationManager>();
  api::ReplicationController rc;
  rc.metadata.namespace_ = "default";
  rc.metadata.name = "web";
  rc.spec.edit().replicas = 3;
  rc.spec.edit().selector.set("app", "web");
  rc.spec.edit().template_ = web_template();
  w.api.put(rc);
  w.api.put(orphan());
  w.start();
  w.run(5 * kSecond);
  const auto now = [&w] { return w.api.get<api::ReplicationController>("default", "web"); };
  CHECK(w.pods().size() == 3);
  CHECK(now()->status->replicas == 3);
  CHECK(now()->status->fully_labeled_replicas == 3);
  CHECK(now()->status->observed_generation == 1);
  CHECK(w.events("SuccessfulCreate").size() == 2);
  const api::OwnerReference* owner = api::controller_of(w.api.get<api::Pod>("default", "orphan")->metadata);
  REQUIRE(owner);
  CHECK(owner->api_version == "v1");
  CHECK(owner->kind == "ReplicationController");
  w.api.edit<api::ReplicationController>("default", "web", [](auto& x) {
    x.spec.edit().replicas = 1;
    ++x.metadata.generation;
  });
  w.run(3 * kSecond);
  CHECK(w.pods().size() == 1);
  CHECK(now()->status->replicas == 1);
}

TEST_CASE("ReplicaSet: at most `burst` pods per sync, in batches that double") {
  ReplicaSetWorld w(0, false);
  w.config.replicaset_burst = 10;
  w.scale(25);
  w.start();
  w.run(10 * kSecond);
  CHECK(w.pods().size() == 25);
}

TEST_CASE("ReplicaSet: pods on crowded nodes go first") {
  std::vector<client::PodHandle> pods, related;
  for (int i = 0; i < 6; ++i) {
    api::Pod p;
    p.metadata.name = std::to_string(i);
    p.metadata.uid = std::to_string(i);
    p.status.edit().phase = "Running";
    p.spec.edit().node_name = i < 4 ? "full" : "empty";
    related.emplace_back(api::make_object(p));
    if (i % 2 == 0) pods.push_back(related.back());
  }
  const base::Instant wall{base::kHour};
  const auto gone = controllers::pods_to_delete(pods, related, 2, wall);
  REQUIRE(gone.size() == 2);
  CHECK(gone[0]->spec->node_name == "full");
  CHECK(gone[1]->spec->node_name == "full");
  CHECK(controllers::pods_to_delete(pods, related, 3, wall).size() == 3);
}

}  // namespace
}  // namespace orrery::test
