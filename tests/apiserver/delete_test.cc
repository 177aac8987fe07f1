// Deletion: grace, finalizers, propagation, preconditions, namespaces.
#include <algorithm>

#include "model/api/config_map.h"
#include "model/api/job.h"
#include "model/api/replication_controller.h"
#include "model/api/scale.h"
#include "server_world.h"

using namespace orrery;
using namespace orrery::test;

namespace {

api::ConfigMap finalized_map(const char* name, std::initializer_list<const char*> finalizers = {}) {
  api::ConfigMap c;
  c.metadata.namespace_ = "default";
  c.metadata.name = name;
  for (const char* f : finalizers) c.metadata.finalizers.push_back(f);
  return c;
}

}  // namespace

TEST_CASE("pods end gracefully, once they are on a node") {
  struct Case {
    const char* node;
    const char* phase;
    std::optional<std::int64_t> asked;
    bool gone;
    std::int64_t grace;
  };
  const Case cases[] = {{"", "", {}, true, 0},
                        {"n1", "", {}, false, 30},
                        {"n1", "", 5, false, 5},
                        {"n1", "", 0, true, 0},
                        {"n1", "Succeeded", {}, true, 0},
                        {"n1", "Failed", 60, true, 0},
                        {"n1", "Running", -7, false, 1}};
  for (const Case& c : cases) {
    CAPTURE(c.node);
    CAPTURE(c.phase);
    ServerWorld w;
    add_namespace(w, "default");
    api::Pod p = pod("default", "a");
    p.spec.edit().node_name = c.node;
    Response made = w.create(p);
    REQUIRE(made->code == 201);
    if (*c.phase) {
      w.update(edited<api::Pod>(api::Handle<api::Pod>(made->object),
                                [&](api::Pod& x) { x.status.edit().phase = c.phase; }),
               "status");
    }
    w.settle();
    Response r = w.remove(KindId::kPod, "default", "a",
                          [&](api::ApiRequest& q) { q.grace_period_seconds = c.asked; });
    CHECK(r->code == 200);
    const auto left = w.get<api::Pod>("default", "a");
    CHECK(static_cast<bool>(left) == !c.gone);
    if (c.gone) continue;
    CHECK(left->metadata.deletion_grace_period_seconds == c.grace);
    const std::int64_t now = w.fake.time.wall().ns / base::kSecond;
    CHECK(left->metadata.deletion_timestamp.seconds - now == c.grace);
    CHECK(left->metadata.generation == 2);
  }
}

TEST_CASE("a second delete may only shorten the grace period") {
  ServerWorld w;
  add_namespace(w, "default");
  run_pod(w, "default", "a", "n1");
  const auto with = [](std::optional<std::int64_t> grace) {
    return [grace](api::ApiRequest& q) { q.grace_period_seconds = grace; };
  };
  w.remove(KindId::kPod, "default", "a", with(20));
  const auto first = w.get<api::Pod>("default", "a");
  w.run(3 * base::kSecond);
  w.remove(KindId::kPod, "default", "a", with(25));
  w.remove(KindId::kPod, "default", "a", with({}));
  auto now = w.get<api::Pod>("default", "a");
  CHECK(now->metadata.resource_version == first->metadata.resource_version);
  w.remove(KindId::kPod, "default", "a", with(10));
  now = w.get<api::Pod>("default", "a");
  CHECK(now->metadata.deletion_grace_period_seconds == 10);
  CHECK(now->metadata.deletion_timestamp.seconds ==
        first->metadata.deletion_timestamp.seconds - 10);
  CHECK(now->metadata.generation == first->metadata.generation);
  // The kubelet's confirmation.
  w.remove(KindId::kPod, "default", "a", with(0));
  CHECK_FALSE(w.get<api::Pod>("default", "a"));
}

TEST_CASE("an object with finalizers lives until the last one is taken away") {
  ServerWorld w;
  CHECK(w.create(finalized_map("a", {"x.io/one", "x.io/two"}))->code == 201);
  w.settle();
  Response marked = w.remove(KindId::kConfigMap, "default", "a");
  CHECK(marked->code == 200);
  CHECK(marked->object->meta().deleting());
  const auto held = w.get<api::ConfigMap>("default", "a");
  REQUIRE(held);
  CHECK(held->metadata.deletion_grace_period_seconds == 0);
  Response added = w.update(edited<api::ConfigMap>(
      held, [](api::ConfigMap& c) { c.metadata.finalizers.push_back("x.io/new"); }));
  CHECK_FAILURE(added, 422, "Invalid",
                "ConfigMap \"a\" is invalid: metadata.finalizers: Forbidden: no new finalizers can "
                "be added if the object "
                "is being deleted, found new finalizers []string{\"x.io/new\"}");
  Response unset = w.update(edited<api::ConfigMap>(held, [](api::ConfigMap& c) {
    c.metadata.deletion_timestamp = api::Time();
    c.metadata.finalizers = {"x.io/two"};
  }));
  CHECK(unset->code == 200);
  CHECK(unset->object->meta().deletion_timestamp == held->metadata.deletion_timestamp);
  Response last =
      w.update(edited<api::ConfigMap>(w.get<api::ConfigMap>("default", "a"),
                                      [](api::ConfigMap& c) { c.metadata.finalizers.clear(); }));
  CHECK(last->code == 200);
  CHECK_FALSE(w.get<api::ConfigMap>("default", "a"));
}

TEST_CASE("propagation sets the garbage collector's finalizers") {
  struct Case {
    api::Propagation propagation;
    const char* finalizer;
  };
  const Case cases[] = {{api::Propagation::kForeground, "foregroundDeletion"},
                        {api::Propagation::kOrphan, "orphan"},
                        {api::Propagation::kBackground, nullptr},
                        {api::Propagation::kDefault, nullptr}};
  for (const Case& c : cases) {
    ServerWorld w;
    w.create(finalized_map("a"));
    w.settle();
    w.remove(KindId::kConfigMap, "default", "a",
             [&](api::ApiRequest& q) { q.propagation = c.propagation; });
    const auto left = w.get<api::ConfigMap>("default", "a");
    CHECK(static_cast<bool>(left) == (c.finalizer != nullptr));
    if (!left) continue;
    REQUIRE(left->metadata.finalizers.size() == 1);
    CHECK(left->metadata.finalizers[0] == c.finalizer);
  }
}

TEST_CASE("a job orphans by default") {
  ServerWorld w;
  api::Job job;
  job.metadata.namespace_ = "default";
  job.metadata.name = "j";
  job.spec.edit().template_.spec = *pod("default", "x").spec;
  job.spec.edit().template_.spec.edit().restart_policy = "Never";
  Response r = w.create(job);
  REQUIRE(r->code == 201);
  const api::Job& made = r->object->as<api::Job>();
  CHECK(made.spec->selector->match_labels.get("batch.kubernetes.io/controller-uid") ==
        made.metadata.uid);
  CHECK(made.spec->template_.metadata.labels.get("job-name") == "j");
  w.remove(KindId::kJob, "default", "j");
  CHECK(w.get<api::Job>("default", "j")->metadata.finalizers[0] == "orphan");
}

TEST_CASE("a replication controller orphans by default, and has a scale") {
  ServerWorld w;
  api::ReplicationController rc;
  rc.metadata.namespace_ = "default";
  rc.metadata.name = "web";
  rc.spec.edit().template_ = api::PodTemplateSpec{};
  rc.spec.edit().template_.edit().metadata.labels.set("app", "web");
  rc.spec.edit().template_.edit().spec = *pod("default", "x").spec;
  Response r = w.create(rc);
  REQUIRE(r->code == 201);
  const api::ReplicationController& made = r->object->as<api::ReplicationController>();
  CHECK(made.spec->selector.get("app") == "web");
  CHECK(made.metadata.labels.get("app") == "web");
  r = w.call(ServerWorld::scale_request(Verb::kGet, KindId::kReplicationController, "default", "web"));
  REQUIRE(r->code == 200);
  const api::Handle<api::Scale> scale(r->object);
  CHECK(scale->spec->replicas == 1);
  CHECK(scale->status->selector == "app=web");
  const Request put = ServerWorld::scale_request(
      Verb::kUpdate, KindId::kReplicationController, "default", "web", edited<api::Scale>(scale, [](api::Scale& s) { s.spec.edit().replicas = 8; }));
  CHECK(w.call(put)->object->as<api::Scale>().spec->replicas == 8);
  CHECK(*w.get<api::ReplicationController>("default", "web")->spec->replicas == 8);
  w.remove(KindId::kReplicationController, "default", "web");
  CHECK(w.get<api::ReplicationController>("default", "web")->metadata.finalizers[0] == "orphan");
}

TEST_CASE("preconditions and what is not there") {
  ServerWorld w;
  const Response made = w.create(finalized_map("a"));
  const Str uid = made->object->meta().uid;
  w.settle();
  CHECK_FAILURE(w.remove(KindId::kConfigMap, "default", "a",
                         [](api::ApiRequest& q) { q.precondition_uid = "other"; }),
                409, "Conflict",
                base::cat("Operation cannot be fulfilled on configmaps \"a\": the UID in the "
                          "precondition (other) does not "
                          "match the UID in record (",
                          uid, "). The object might have been deleted and then recreated"));
  Response revision = w.remove(KindId::kConfigMap, "default", "a",
                               [](api::ApiRequest& q) { q.precondition_resource_version = "1"; });
  CHECK(revision->code == 409);
  Response gone = w.remove(KindId::kConfigMap, "default", "a",
                           [&](api::ApiRequest& q) { q.precondition_uid = uid; });
  CHECK(gone->code == 200);
  CHECK(gone->status->status == "Success");
  CHECK(gone->status->details->uid == uid);
  CHECK_FAILURE(w.remove(KindId::kConfigMap, "default", "a"), 404, "NotFound",
                "configmaps \"a\" not found");
}

TEST_CASE("a namespace terminates, takes nothing new, and goes when it is finalized") {
  ServerWorld w;
  add_namespace(w, "shop");
  Response r = w.remove(KindId::kNamespace, "", "shop");
  CHECK(r->code == 200);
  const auto ns = w.get<api::Namespace>("", "shop");
  CHECK(ns->status->phase == "Terminating");
  CHECK(ns->metadata.deleting());
  // The cache has not heard of it yet: the transaction notices.
  api::ConfigMap c = finalized_map("a");
  c.metadata.namespace_ = "shop";
  Response refused = w.create(c);
  CHECK_FAILURE(refused, 403, "Forbidden",
                "configmaps \"a\" is forbidden: unable to create new content in namespace shop "
                "because it is being "
                "terminated");
  CHECK(refused->status->details->causes[0].reason == "NamespaceTerminating");
  w.settle();
  CHECK(w.create(c)->code == 403);
  CHECK(w.remove(KindId::kNamespace, "", "shop")->code == 200);
  CHECK(w.get<api::Namespace>("", "shop"));
  Response done =
      w.update(edited<api::Namespace>(w.get<api::Namespace>("", "shop"),
                                      [](api::Namespace& n) { n.spec.edit().finalizers.clear(); }),
               "finalize");
  CHECK(done->code == 200);
  CHECK_FALSE(w.get<api::Namespace>("", "shop"));
}

TEST_CASE("some namespaces stay") {
  ServerWorld w;
  for (const char* name : {"default", "kube-system", "kube-public"}) {
    CHECK_FAILURE(
        w.remove(KindId::kNamespace, "", name), 403, "Forbidden",
        base::cat("namespaces \"", name, "\" is forbidden: this namespace may not be deleted"));
  }
  CHECK(w.remove(KindId::kNamespace, "", "kube-node-lease")->code == 200);
}

TEST_CASE("deletecollection takes what its selector names") {
  ServerWorld w;
  for (const char* name : {"a", "b", "c"}) {
    api::ConfigMap m = finalized_map(name);
    m.metadata.labels.set("keep", name[0] == 'b' ? "yes" : "no");
    w.create(m);
  }
  Request r = ServerWorld::named(Verb::kDeleteCollection, KindId::kConfigMap, "default", "");
  r->label_selector = "keep=no";
  CHECK(w.call(r)->code == 200);
  CHECK(w.kv->keys("/registry/configmaps/default/") ==
        std::vector<std::string>{"/registry/configmaps/default/b"});
}
