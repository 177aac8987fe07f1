// What the server does for the cluster: system objects, service addresses, master endpoints, event
// leases, compaction.
#include "model/api/endpoints.h"
#include "model/api/event.h"
#include "model/api/node.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/priority_class.h"
#include "model/api/service.h"
#include "model/api/storage_class.h"
#include "server_world.h"

using namespace orrery;
using namespace orrery::test;

namespace {

api::Service service(const char* name, const char* type = "ClusterIP") {
  api::Service s;
  s.metadata.namespace_ = "default";
  s.metadata.name = name;
  s.spec.edit().type = type;
  api::ServicePort p;
  p.port = 80;
  p.protocol = "TCP";
  s.spec.edit().ports.push_back(std::move(p));
  return s;
}

}  // namespace

TEST_CASE("the system objects appear") {
  ServerWorld w;
  for (const char* ns : {"default", "kube-system", "kube-public", "kube-node-lease"})
    CHECK(w.get<api::Namespace>("", ns));
  CHECK(w.get<api::PriorityClass>("", "system-node-critical")->value == 2'000'001'000);
  CHECK(w.get<api::PriorityClass>("", "system-cluster-critical")->value == 2'000'000'000);
  CHECK(w.get<api::Service>("default", "kubernetes")->spec->cluster_ip == "10.96.0.1");
  CHECK(w.server->ready());
  w.run(base::kSecond);
  const auto endpoints = w.get<api::Endpoints>("default", "kubernetes");
  REQUIRE(endpoints);
  CHECK(endpoints->subsets[0].addresses[0].ip == "10.0.0.1");
}

TEST_CASE("a master that ends leaves the endpoints within its lease") {
  ServerWorld w;
  w.run(base::kSecond);
  apiserver::ApiserverConfig config;
  config.advertise_address = "10.0.0.2";
  config.cost.permille = 0;
  FakeKv* shared = w.kv;
  struct Shared final : store::Kv {
    explicit Shared(FakeKv& k) : kv(k) {}
    void txn(base::Ref<store::TxnRequest> r, Done<store::TxnReplyRef> d) override {
      kv.txn(std::move(r), std::move(d));
    }
    void range(base::Ref<const store::RangeRequest> r, Done<store::RangeReplyRef> d) override {
      kv.range(std::move(r), std::move(d));
    }
    void control(base::Ref<const store::ControlRequest> r,
                 Done<store::ControlReplyRef> d) override {
      kv.control(std::move(r), std::move(d));
    }
    std::unique_ptr<store::Watch> watch(base::Ref<const store::WatchRequest> r,
                                        store::WatchHandlers h) override {
      return kv.watch(std::move(r), std::move(h));
    }
    FakeKv& kv;
  };
  auto second = std::make_unique<apiserver::Apiserver>(w.fake.env(), config,
                                                       std::make_unique<Shared>(*shared));
  second->start();
  w.run(12 * base::kSecond);
  CHECK(w.get<api::Endpoints>("default", "kubernetes")->subsets[0].addresses.size() == 2);
  second.reset();
  w.run(10 * base::kSecond);
  CHECK(w.get<api::Endpoints>("default", "kubernetes")->subsets[0].addresses.size() == 2);
  w.run(16 * base::kSecond);
  CHECK(w.get<api::Endpoints>("default", "kubernetes")->subsets[0].addresses.size() == 1);
}

TEST_CASE("services get addresses and ports that nobody else has") {
  ServerWorld w;
  const api::Handle<api::Service> a(w.create(service("a"))->object);
  const api::Handle<api::Service> b(w.create(service("b", "NodePort"))->object);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(a->spec->cluster_ip.view().starts_with("10."));
  CHECK_FALSE(a->spec->cluster_ip == b->spec->cluster_ip);
  CHECK(a->spec->cluster_ips[0] == a->spec->cluster_ip);
  CHECK(a->spec->ports[0].node_port == 0);
  CHECK(b->spec->ports[0].node_port >= 30000);
  CHECK(b->spec->ports[0].node_port <= 32767);
  w.settle();

  api::Service clash = service("c");
  clash.spec.edit().cluster_ip = a->spec->cluster_ip;
  CHECK_FAILURE(w.create(clash), 422, "Invalid",
                base::cat("Service \"c\" is invalid: spec.clusterIPs: Invalid value: []string{\"",
                          a->spec->cluster_ip, "\"}: failed to allocate IP ", a->spec->cluster_ip,
                          ": provided IP is already allocated"));
  api::Service headless = service("d");
  headless.spec.edit().cluster_ip = "None";
  CHECK(w.create(headless)->object->as<api::Service>().spec->cluster_ips[0] == "None");

  // An update that does not name the address keeps it; a delete gives it back.
  Response kept = w.update(edited<api::Service>(a, [](api::Service& s) {
    s.spec.edit().cluster_ip = Str();
    s.spec.edit().cluster_ips.clear();
    s.spec.edit().type = "NodePort";
  }));
  REQUIRE(kept->code == 200);
  CHECK(kept->object->as<api::Service>().spec->cluster_ip == a->spec->cluster_ip);
  CHECK(kept->object->as<api::Service>().spec->ports[0].node_port != 0);
  w.remove(KindId::kService, "default", "a");
  w.settle();
  CHECK(w.create(clash)->code == 201);
}

TEST_CASE("an address taken behind the cache's back is found by the transaction") {
  ServerWorld w;
  w.kv->watch_delay = 5 * base::kSecond;
  api::Service a = service("a");
  a.spec.edit().cluster_ip = "10.96.9.9";
  CHECK(w.create(a)->code == 201);
  api::Service b = service("b");
  b.spec.edit().cluster_ip = "10.96.9.9";
  Response r = w.create(b);
  CHECK(r->code >= 409);
  CHECK_FALSE(w.get<api::Service>("default", "b"));
}

TEST_CASE("nodes start with a taint, claims with a finalizer and the default class") {
  ServerWorld w;
  api::Node node;
  node.metadata.name = "n1";
  node.status.edit().capacity.set("cpu", api::Quantity::must_parse("4"));
  Response r = w.create(node);
  REQUIRE(r->code == 201);
  CHECK(r->object->as<api::Node>().spec->taints[0].key == "node.kubernetes.io/not-ready");
  CHECK(r->object->as<api::Node>().status->capacity.contains("cpu"));
  api::StorageClass fast;
  fast.metadata.name = "fast";
  fast.metadata.annotations.set("storageclass.kubernetes.io/is-default-class", "true");
  fast.provisioner = "x.io/disk";
  REQUIRE(w.create(fast)->code == 201);
  w.settle();
  api::PersistentVolumeClaim claim;
  claim.metadata.namespace_ = "default";
  claim.metadata.name = "c";
  claim.spec.edit().access_modes = {"ReadWriteOnce"};
  claim.spec.edit().resources.requests.set("storage", api::Quantity::must_parse("1Gi"));
  Response made = w.create(claim);
  REQUIRE(made->code == 201);
  CHECK(made->object->meta().finalizers[0] == "kubernetes.io/pvc-protection");
  CHECK(*made->object->as<api::PersistentVolumeClaim>().spec->storage_class_name == "fast");
  CHECK(made->object->as<api::PersistentVolumeClaim>().status->phase == "Pending");
}

TEST_CASE("events end after an hour") {
  ServerWorld w;
  api::Event e;
  e.metadata.namespace_ = "default";
  e.metadata.name = "e";
  e.involved_object.kind = "Pod";
  e.involved_object.namespace_ = "default";
  e.involved_object.name = "a";
  e.reason = "Started";
  e.type = "Normal";
  REQUIRE(w.create(e)->code == 201);
  w.settle();
  Request list = ServerWorld::named(Verb::kList, KindId::kEvent, "default", "");
  list->field_selector = "involvedObject.name=a,reason=Started";
  CHECK(w.call(list)->items.size() == 1);
  w.run(59 * base::kMinute);
  CHECK(w.get<api::Event>("default", "e"));
  w.run(3 * base::kMinute);
  CHECK_FALSE(w.get<api::Event>("default", "e"));
}

TEST_CASE("the store is compacted to what was newest an interval ago") {
  ServerWorld w;
  w.run(5 * base::kMinute);
  const std::int64_t then = w.kv->revision();
  CHECK(w.kv->compacted() == 0);
  w.run(5 * base::kMinute + 10 * base::kSecond);
  CHECK(w.kv->compacted() > 0);
  CHECK(w.kv->compacted() <= then + 1);
}

TEST_CASE("requests cost what the table says") {
  ServerWorld w([](apiserver::ApiserverConfig& c) { c.cost.permille = 1000; });
  w.run(base::kSecond);
  const base::Nanos before = w.fake.compute.spent;
  w.get<api::Namespace>("", "default");
  CHECK(w.fake.compute.spent - before >= 1'200 * base::kMicrosecond);
  CHECK(w.fake.compute.memory > 0);
}
