// Create, update, patch and status: the rules on metadata, and upstream's words when they are
// broken.
#include "control/client/fence.h"
#include "model/api/config_map.h"
#include "model/api/deployment.h"
#include "model/api/lease.h"
#include "model/api/scale.h"
#include "server_world.h"

using namespace orrery;
using namespace orrery::test;

namespace {

api::ConfigMap red_map(const char* name) {
  api::ConfigMap c;
  c.metadata.namespace_ = "default";
  c.metadata.name = name;
  c.data.set("k", "1");
  return c;
}

api::Deployment deployment(const char* name) {
  api::Deployment d;
  d.metadata.namespace_ = "default";
  d.metadata.name = name;
  d.spec.edit().replicas = 3;
  d.spec.edit().selector.edit().match_labels.set("app", "web");
  d.spec.edit().template_.metadata.labels.set("app", "web");
  d.spec.edit().template_.spec = *pod("default", "x").spec;
  d.status.edit().replicas = 7;
  return d;
}

constexpr const char* kModified =
    "the object has been modified; please apply your changes to the latest version and try again";

}  // namespace

TEST_CASE("create fills in the metadata and drops the status") {
  ServerWorld w;
  Response r = w.create(deployment("web"));
  REQUIRE(r->code == 201);
  const api::Deployment& d = r->object->as<api::Deployment>();
  CHECK(d.metadata.uid.size() == 36);
  CHECK(d.metadata.uid.view()[14] == '4');
  CHECK(d.metadata.generation == 1);
  CHECK(d.metadata.creation_timestamp.str() == "2025-01-01T00:16:41Z");
  CHECK(d.metadata.resource_version.value == w.kv->revision());
  CHECK(d.status->replicas == 0);
  CHECK(d.spec->strategy.type == "RollingUpdate");
  CHECK(w.kv->get("/registry/apps/deployments/default/web"));
}

TEST_CASE("create refuses what upstream refuses") {
  ServerWorld w;
  CHECK(w.create(red_map("a"))->code == 201);
  CHECK_FAILURE(w.create(red_map("a")), 409, "AlreadyExists", "configmaps \"a\" already exists");
  api::ConfigMap lost = red_map("b");
  lost.metadata.namespace_ = "nowhere";
  CHECK_FAILURE(w.create(lost), 404, "NotFound", "namespaces \"nowhere\" not found");
  api::ConfigMap unnamed = red_map("");
  Response r = w.create(unnamed);
  CHECK_FAILURE(
      r, 422, "Invalid",
      "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required");
  CHECK(r->status->details->causes[0].field == "metadata.name");
  CHECK(r->status->details->causes[0].reason == "FieldValueRequired");
  Request other = ServerWorld::create_request(api::make_object(red_map("c")));
  other->namespace_ = "kube-system";
  CHECK_FAILURE(
      w.call(other), 400, "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request");
}

TEST_CASE("generated names have five letters and are tried again when taken") {
  ServerWorld w;
  api::ConfigMap c = red_map("");
  c.metadata.generate_name = "web-";
  Response r = w.create(c);
  REQUIRE(r->code == 201);
  CHECK(r->object->meta().name.size() == 9);
  CHECK(r->object->meta().name.view().starts_with("web-"));
  // The same letters again: the stream of a second server starts alike.
  ServerWorld other;
  api::ConfigMap taken = red_map(r->object->meta().name.c_str());
  CHECK(other.create(taken)->code == 201);
  Response second = other.create(c);
  REQUIRE(second->code == 201);
  CHECK_FALSE(second->object->meta().name == r->object->meta().name);
}

TEST_CASE("update keeps to resourceVersion, uid and what may not change") {
  ServerWorld w;
  const api::Handle<api::ConfigMap> first(w.create(red_map("a"))->object);
  w.settle();
  Response second =
      w.update(edited<api::ConfigMap>(first, [](api::ConfigMap& c) { c.data.set("k", "2"); }));
  REQUIRE(second->code == 200);
  CHECK(second->object->revision() > first->metadata.resource_version.value);
  CHECK(second->object->meta().uid == first->metadata.uid);

  CHECK_FAILURE(
      w.update(edited<api::ConfigMap>(first, [](api::ConfigMap& c) { c.data.set("k", "3"); })), 409,
      "Conflict", base::cat("Operation cannot be fulfilled on configmaps \"a\": ", kModified));
  // Without a resourceVersion the last writer wins, for the kinds that allow it.
  CHECK(w.update(edited<api::ConfigMap>(first, [](api::ConfigMap& c) {
           c.metadata.resource_version.value = 0;
           c.data.set("k", "4");
         }))->code == 200);
  Response uid = w.update(edited<api::ConfigMap>(first, [](api::ConfigMap& c) {
    c.metadata.resource_version.value = 0;
    c.metadata.uid = "11111111-2222-4333-8444-555555555555";
  }));
  CHECK(uid->code == 409);
  CHECK(uid->status->message.view().find("Precondition failed: UID in precondition: 11111111-") !=
        std::string_view::npos);
  Response created = w.update(edited<api::ConfigMap>(first, [](api::ConfigMap& c) {
    c.metadata.resource_version.value = 0;
    c.metadata.creation_timestamp = api::Time(5);
    c.data.set("k", "5");
  }));
  CHECK(created->object->meta().creation_timestamp == first->metadata.creation_timestamp);
  CHECK_FAILURE(w.update(api::make_object(red_map("none"))), 404, "NotFound",
                "configmaps \"none\" not found");
}

TEST_CASE("a lease needs a resourceVersion") {
  ServerWorld w;
  api::Lease lease;
  lease.metadata.namespace_ = "kube-node-lease";
  lease.metadata.name = "n1";
  const api::Handle<api::Lease> first(w.create(lease)->object);
  REQUIRE(first);
  CHECK_FAILURE(w.update(api::make_object(lease)), 422, "Invalid",
                "Lease.coordination.k8s.io \"n1\" is invalid: metadata.resourceVersion: Invalid "
                "value: 0x0: must be "
                "specified for an update");
  CHECK(w.update(edited<api::Lease>(first, [](api::Lease& l) {
           l.spec.holder_identity = "n1";
         }))->code == 200);
}

TEST_CASE("an update that changes nothing writes nothing") {
  ServerWorld w;
  const api::Handle<api::ConfigMap> first(w.create(red_map("a"))->object);
  w.settle();
  const std::int64_t before = w.kv->revision();
  Response r = w.update(first.object());
  CHECK(r->code == 200);
  CHECK(r->object->revision() == first->metadata.resource_version.value);
  CHECK(w.kv->revision() == before);
}

TEST_CASE("spec and status are written apart, and only the spec counts generations") {
  ServerWorld w;
  const api::Handle<api::Deployment> first(w.create(deployment("web"))->object);
  const auto change = [](api::Deployment& d) {
    d.metadata.resource_version.value = 0;
    d.spec.edit().replicas = 5;
    d.status.edit().replicas = 4;
  };
  Response spec = w.update(edited<api::Deployment>(first, change));
  REQUIRE(spec->code == 200);
  CHECK(*spec->object->as<api::Deployment>().spec->replicas == 5);
  CHECK(spec->object->as<api::Deployment>().status->replicas == 0);
  CHECK(spec->object->meta().generation == 2);
  Response status = w.update(edited<api::Deployment>(first,
                                                     [](api::Deployment& d) {
                                                       d.metadata.resource_version.value = 0;
                                                       d.spec.edit().replicas = 9;
                                                       d.status.edit().replicas = 4;
                                                     }),
                             "status");
  REQUIRE(status->code == 200);
  CHECK(*status->object->as<api::Deployment>().spec->replicas == 5);
  CHECK(status->object->as<api::Deployment>().status->replicas == 4);
  CHECK(status->object->meta().generation == 2);
}

TEST_CASE("scale shows and sets replicas") {
  ServerWorld w;
  CHECK(w.create(deployment("web"))->code == 201);
  Response r = w.call(ServerWorld::scale_request(Verb::kGet, KindId::kDeployment, "default", "web"));
  REQUIRE(r->code == 200);
  const api::Handle<api::Scale> scale(r->object);
  CHECK(scale->spec->replicas == 3);
  CHECK(scale->status->selector == "app=web");
  const Request put = ServerWorld::scale_request(
      Verb::kUpdate, KindId::kDeployment, "default", "web", edited<api::Scale>(scale, [](api::Scale& s) { s.spec.edit().replicas = 8; }));
  CHECK(w.call(put)->object->as<api::Scale>().spec->replicas == 8);
  CHECK(*w.get<api::Deployment>("default", "web")->spec->replicas == 8);
  CHECK(w.get<api::Deployment>("default", "web")->metadata.generation == 2);
  CHECK_FAILURE(
      w.call(put), 409, "Conflict",
      base::cat("Operation cannot be fulfilled on deployments.apps \"web\": ", kModified));
}

TEST_CASE("patches") {
  struct Case {
    api::PatchType type;
    const char* patch;
    int code;
    const char* value;  // of data.k afterwards
  };
  const Case cases[] = {
      {api::PatchType::kMerge, R"({"data":{"k":"m"}})", 200, "m"},
      {api::PatchType::kStrategicMerge, R"({"data":{"k":"s"}})", 200, "s"},
      {api::PatchType::kJson, R"([{"op":"replace","path":"/data/k","value":"j"}])", 200, "j"},
      {api::PatchType::kJson, R"([{"op":"test","path":"/data/k","value":"x"}])", 422, "1"},
      {api::PatchType::kMerge, R"({"metadata":{"resourceVersion":"1"},"data":{"k":"m"}})", 409,
       "1"},
      {api::PatchType::kMerge, R"({"metadata":{"name":"b"}})", 400, "1"},
      {api::PatchType::kMerge, R"({"data":)", 400, "1"},
      {api::PatchType::kMerge, R"({"data":{"k":7}})", 400, "1"},
      {api::PatchType::kApply, R"({})", 415, "1"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.patch);
    ServerWorld w;
    CHECK(w.create(red_map("a"))->code == 201);
    Request r = ServerWorld::named(Verb::kPatch, KindId::kConfigMap, "default", "a");
    r->patch = c.type;
    r->format = api::BodyFormat::kJson;
    r->bytes = c.patch;
    CHECK(w.call(r)->code == c.code);
    CHECK(w.get<api::ConfigMap>("default", "a")->data.get("k") == c.value);
  }
}

TEST_CASE("bodies as bytes: unknown fields warn or fail, sizes are bounded") {
  ServerWorld w;
  Request r = ServerWorld::named(Verb::kCreate, KindId::kConfigMap, "default", "");
  r->format = api::BodyFormat::kJson;
  r->bytes = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"dato":{"k":"1"}})";
  Response warned = w.call(r);
  CHECK(warned->code == 201);
  REQUIRE(warned->warnings.size() == 1);
  CHECK(warned->warnings[0] == "unknown field \"dato\"");
  Request strict = base::make_ref<api::ApiRequest>(*r);
  strict->field_validation = api::FieldValidation::kStrict;
  CHECK_FAILURE(w.call(strict), 400, "BadRequest",
                "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding "
                "error: unknown field "
                "\"dato\"");
  Request version = base::make_ref<api::ApiRequest>(*r);
  version->bytes = R"({"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"b"}})";
  CHECK_FAILURE(w.call(version), 400, "BadRequest",
                "the API version in the data (v2) does not match the expected API version (v1)");
  Request yaml = base::make_ref<api::ApiRequest>(*r);
  yaml->format = api::BodyFormat::kYaml;
  yaml->bytes = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {k: 'on'}\n";
  Response from_yaml = w.call(yaml);
  REQUIRE(from_yaml->code == 201);
  CHECK(from_yaml->object->as<api::ConfigMap>().data.get("k") == "on");
  Request big = base::make_ref<api::ApiRequest>(*r);
  big->bytes = std::string(3 * 1024 * 1024 + 1, ' ');
  CHECK_FAILURE(w.call(big), 413, "RequestEntityTooLarge",
                "Request entity is too large: limit is 3145728");
}

TEST_CASE("a dry run leaves no trace") {
  ServerWorld w;
  const std::int64_t before = w.kv->revision();
  Request r = ServerWorld::create_request(api::make_object(red_map("a")));
  r->dry_run = true;
  Response made = w.call(r);
  CHECK(made->code == 201);
  CHECK(made->object->meta().uid.size() == 36);
  CHECK(w.kv->revision() == before);
  CHECK(w.create(red_map("a"))->code == 201);
  CHECK_FAILURE(w.call(r), 409, "AlreadyExists", "configmaps \"a\" already exists");
  CHECK(w.remove(KindId::kConfigMap, "default", "a", [](api::ApiRequest& q) {
           q.dry_run = true;
         })->code == 200);
  CHECK(w.get<api::ConfigMap>("default", "a"));
}

TEST_CASE("the store's failures") {
  ServerWorld w([](apiserver::ApiserverConfig& c) { c.advertise_address = Str(); });
  w.kv->lose_txn_answer = true;
  CHECK_FAILURE(w.create(red_map("a")), 504, "Timeout", "etcdserver: request timed out");
  CHECK(w.get<api::ConfigMap>("default", "a"));
  w.kv->fail_txn = base::Error{base::ErrorCode::kUnavailable, "etcdserver: no leader"};
  CHECK_FAILURE(w.create(red_map("b")), 500, "", "etcdserver: no leader");
  w.kv->delay = 100 * base::kSecond;
  CHECK_FAILURE(w.create(red_map("c")), 504, "Timeout",
                "Timeout: request did not complete within the allotted timeout");
  w.kv->delay = base::kMillisecond;
  w.run(150 * base::kSecond);
  CHECK(w.server->in_flight() == 0);
}

TEST_CASE("a stale cache is only a guess") {
  ServerWorld w;
  const api::Handle<api::ConfigMap> first(w.create(red_map("a"))->object);
  w.settle();
  w.kv->watch_delay = 10 * base::kSecond;
  Response second =
      w.update(edited<api::ConfigMap>(first, [](api::ConfigMap& c) { c.data.set("k", "2"); }));
  // The cache still holds the first state, to which this would be a conflict.
  Response third =
      w.update(edited<api::ConfigMap>(api::Handle<api::ConfigMap>(second->object),
                                      [](api::ConfigMap& c) { c.data.set("k", "3"); }));
  CHECK(third->code == 200);
  CHECK(w.update(first.object())->code == 409);
}

TEST_CASE("a fence lets only the newest holder of its lease write") {
  ServerWorld w;
  const std::string key = "/orrery/fences/kube-system/x";
  const auto write = [&w](const char* name, std::int64_t epoch) {
    Request r = ServerWorld::create_request(api::make_object(red_map(name)));
    r->fence = "kube-system/x";
    r->fence_epoch = epoch;
    return w.call(r);
  };
  CHECK(w.create(red_map("free"))->code == 201);
  CHECK(w.kv->keys("/orrery/fences/").empty());
  // Epoch 0 takes the fence; the revision of that write is the epoch of what follows.
  Response first = write("a", 0);
  REQUIRE(first->code == 201);
  CHECK(w.kv->get(key));
  const std::int64_t old = first->object->revision();
  CHECK(write("b", old)->code == 201);
  Response second = write("c", 0);
  REQUIRE(second->code == 201);
  const std::int64_t taken = second->object->revision();
  CHECK(taken > old);
  Response late = write("d", old);
  CHECK_FAILURE(late, 409, "Conflict",
                "Operation cannot be fulfilled on configmaps \"\": a newer holder of the lease "
                "kube-system/x has begun");
  REQUIRE(late->status->details->causes.size() == 1);
  CHECK(late->status->details->causes[0].reason == client::Fence::kFenceTaken);
  CHECK_FALSE(w.get<api::ConfigMap>("default", "d"));
  CHECK(write("d", taken)->code == 201);
  // An update and a delete of the older epoch are refused like a create.
  const auto change = [&w](Request r, std::int64_t epoch) {
    r->fence = "kube-system/x";
    r->fence_epoch = epoch;
    return w.call(r)->code;
  };
  Request patch = ServerWorld::named(Verb::kPatch, KindId::kConfigMap, "default", "d");
  patch->patch = api::PatchType::kMerge;
  patch->format = api::BodyFormat::kJson;
  patch->bytes = R"({"data":{"k":"2"}})";
  CHECK(change(patch, old) == 409);
  CHECK(change(base::make_ref<api::ApiRequest>(*patch), taken) == 200);
  Request remove = ServerWorld::named(Verb::kDelete, KindId::kConfigMap, "default", "d");
  CHECK(change(remove, old) == 409);
  CHECK(change(base::make_ref<api::ApiRequest>(*remove), taken) == 200);
  // Who names no fence is not held by it.
  CHECK(w.create(red_map("e"))->code == 201);
}

TEST_CASE("too many at once are turned away") {
  ServerWorld w([](apiserver::ApiserverConfig& c) { c.max_mutating_requests_inflight = 2; });
  auto a = w.start(ServerWorld::create_request(api::make_object(red_map("a"))));
  auto b = w.start(ServerWorld::create_request(api::make_object(red_map("b"))));
  Response c = w.call(ServerWorld::create_request(api::make_object(red_map("c"))));
  CHECK_FAILURE(c, 429, "TooManyRequests", "Too many requests, please try again later.");
  CHECK(c->retry_after_seconds == 1);
  CHECK(w.get<api::ConfigMap>("default", "zz").object() == ObjectRef());
  w.settle();
  CHECK((*a)->code == 201);
  CHECK((*b)->code == 201);
  CHECK(w.create(red_map("c"))->code == 201);
}

TEST_CASE("what is not served") {
  struct Case {
    Verb verb;
    KindId kind;
    const char* part;
    int code;
  };
  const Case cases[] = {{Verb::kGet, KindId::kConfigMap, "status", 404},
                        {Verb::kGet, KindId::kPod, "scale", 404},
                        {Verb::kGet, KindId::kPod, "binding", 405},
                        {Verb::kWatch, KindId::kPod, "", 405},
                        {Verb::kGet, KindId::kBinding, "", 404},
                        {Verb::kPatch, KindId::kNamespace, "finalize", 405},
                        {Verb::kGet, KindId::kNone, "", 404}};
  ServerWorld w;
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.kind));
    CAPTURE(c.part);
    Request r = ServerWorld::named(c.verb, c.kind, "default", "x");
    r->subresource = c.part;
    CHECK(w.call(r)->code == c.code);
  }
}
