// Pods: admission, binding, eviction.
#include "model/api/eviction.h"
#include "model/api/pod_disruption_budget.h"
#include "model/api/priority_class.h"
#include "model/api/resource_quota.h"
#include "model/api/service_account.h"
#include "server_world.h"

using namespace orrery;
using namespace orrery::test;

namespace {

Request bind_request(const char* name, const char* node) {
  api::Binding b;
  b.metadata.namespace_ = "default";
  b.metadata.name = name;
  b.target.kind = "Node";
  b.target.name = node;
  Request r = ServerWorld::named(Verb::kCreate, KindId::kPod, "default", name);
  r->subresource = "binding";
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(std::move(b));
  return r;
}

Request evict_request(const char* name) {
  api::Eviction e;
  e.metadata.namespace_ = "default";
  e.metadata.name = name;
  Request r = ServerWorld::named(Verb::kCreate, KindId::kPod, "default", name);
  r->subresource = "eviction";
  r->format = api::BodyFormat::kHandle;
  r->object = api::make_object(std::move(e));
  return r;
}

/// A budget with a status as the disruption controller would write it.
void add_budget(ServerWorld& w, const char* name, std::int32_t allowed, std::int64_t observed = 1) {
  api::PodDisruptionBudget b;
  b.metadata.namespace_ = "default";
  b.metadata.name = name;
  b.spec.edit().min_available = api::IntOrString(2);
  b.spec.edit().selector.edit().match_labels.set("app", "web");
  Response r = w.create(std::move(b));
  REQUIRE(r->code == 201);
  Response s = w.update(
      edited<api::PodDisruptionBudget>(api::Handle<api::PodDisruptionBudget>(r->object),
                                       [&](api::PodDisruptionBudget& x) {
                                         api::PodDisruptionBudgetStatus& status = x.status.edit();
                                         status.observed_generation = observed;
                                         status.disruptions_allowed = allowed;
                                         status.current_healthy = 2 + allowed;
                                         status.desired_healthy = 2;
                                         status.expected_pods = 3;
                                       }),
      "status");
  REQUIRE(s->code == 200);
  w.settle();
}

const api::PodCondition* condition(const api::Pod& p, std::string_view type) {
  for (const api::PodCondition& c : p.status->conditions) {
    if (c.type == type) return &c;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a new pod gets what the admission plugins add") {
  ServerWorld w;
  add_namespace(w, "default");
  Response r = w.create(pod("default", "a"));
  REQUIRE(r->code == 201);
  const api::Pod& p = r->object->as<api::Pod>();
  CHECK(p.status->phase == "Pending");
  CHECK(p.status->qos_class == "BestEffort");
  CHECK(p.spec->service_account_name == "default");
  CHECK(*p.spec->priority == 0);
  CHECK(*p.spec->preemption_policy == "PreemptLowerPriority");
  REQUIRE(p.spec->tolerations.size() == 2);
  CHECK(p.spec->tolerations[0].key == "node.kubernetes.io/not-ready");
  CHECK(p.spec->tolerations[1].key == "node.kubernetes.io/unreachable");
  CHECK(*p.spec->tolerations[1].toleration_seconds == 300);
  REQUIRE(p.spec->volumes.size() == 1);
  CHECK(p.spec->volumes[0].name.view().starts_with("kube-api-access-"));
  CHECK(p.spec->volumes[0].source->projected->sources.size() == 3);
  REQUIRE(p.spec->containers[0].volume_mounts.size() == 1);
  CHECK(p.spec->containers[0].volume_mounts[0].mount_path ==
        "/var/run/secrets/kubernetes.io/serviceaccount");
}

TEST_CASE("plugins can be switched off") {
  ServerWorld w([](apiserver::ApiserverConfig& c) { c.admission = apiserver::PluginSet::none(); });
  api::Pod p = pod("nowhere", "a");
  Response r = w.create(p);
  REQUIRE(r->code == 201);
  CHECK(r->object->as<api::Pod>().spec->volumes.empty());
  CHECK(r->object->as<api::Pod>().spec->tolerations.empty());
}

TEST_CASE("without a service account there is no pod; a late one is waited for") {
  ServerWorld w;
  CHECK_FAILURE(w.create(pod("default", "a")), 403, "Forbidden",
                "pods \"a\" is forbidden: error looking up service account default/default: "
                "serviceaccount \"default\" not "
                "found");
  auto waiting = w.start(ServerWorld::create_request(api::make_object(pod("default", "b"))));
  w.run(300 * base::kMillisecond);
  CHECK_FALSE(static_cast<bool>(*waiting));
  api::ServiceAccount account;
  account.metadata.namespace_ = "default";
  account.metadata.name = "default";
  w.create(account);
  w.run(base::kSecond);
  REQUIRE(static_cast<bool>(*waiting));
  CHECK((*waiting)->code == 201);
}

TEST_CASE("priority comes from the class") {
  ServerWorld w;
  add_namespace(w, "default");
  api::Pod p = pod("default", "a");
  p.spec.edit().priority_class_name = "gold";
  CHECK_FAILURE(w.create(p), 403, "Forbidden",
                "pods \"a\" is forbidden: no PriorityClass with name gold was found");
  api::PriorityClass gold;
  gold.metadata.name = "gold";
  gold.value = 1000;
  gold.preemption_policy = "Never";
  w.create(gold);
  w.settle();
  Response r = w.create(p);
  REQUIRE(r->code == 201);
  CHECK(*r->object->as<api::Pod>().spec->priority == 1000);
  CHECK(*r->object->as<api::Pod>().spec->preemption_policy == "Never");
  api::Pod q = pod("default", "b");
  q.spec.edit().priority_class_name = "gold";
  q.spec.edit().priority = 7;
  CHECK_FAILURE(w.create(q), 403, "Forbidden",
                "pods \"b\" is forbidden: the integer value of priority (7) must not be provided "
                "in pod spec; priority "
                "admission controller computed 1000 from the given PriorityClass name");
}

TEST_CASE("quality of service") {
  struct Case {
    const char* request;
    const char* limit;
    const char* qos;
  };
  const Case cases[] = {{"", "", "BestEffort"},
                        {"1", "", "Burstable"},
                        {"1", "2", "Burstable"},
                        {"1", "1", "Guaranteed"}};
  for (const Case& c : cases) {
    ServerWorld w;
    add_namespace(w, "default");
    api::Pod p = pod("default", "a");
    api::Container& main = p.spec.edit().containers.edit()[0];
    for (const char* resource : {"cpu", "memory"}) {
      if (*c.request) main.resources.requests.set(resource, api::Quantity::must_parse(c.request));
      if (*c.limit) main.resources.limits.set(resource, api::Quantity::must_parse(c.limit));
    }
    CHECK(w.create(p)->object->as<api::Pod>().status->qos_class == c.qos);
  }
}

TEST_CASE("quota is counted and exceeded with upstream's words") {
  ServerWorld w;
  add_namespace(w, "default");
  api::ResourceQuota q;
  q.metadata.namespace_ = "default";
  q.metadata.name = "q";
  q.spec.edit().hard.set("pods", api::Quantity::must_parse("2"));
  Response made = w.create(q);
  REQUIRE(made->code == 201);
  w.settle();
  // checkRequest asks status.hard: a quota that its controller has not seen limits nothing.
  CHECK(w.create(pod("default", "early"))->code == 201);
  w.update(edited<api::ResourceQuota>(w.get<api::ResourceQuota>("default", "q"),
                                      [](api::ResourceQuota& x) { x.status.edit().hard = x.spec->hard; }),
           "status");
  w.settle();
  CHECK_FAILURE(w.create(pod("default", "x")), 403, "Forbidden",
                "pods \"x\" is forbidden: status unknown for quota: q, resources: pods");
  w.update(edited<api::ResourceQuota>(w.get<api::ResourceQuota>("default", "q"),
                                      [](api::ResourceQuota& x) {
                                        x.status.edit().hard = x.spec->hard;
                                        x.status.edit().used.set("pods",
                                                                 api::Quantity::must_parse("0"));
                                      }),
           "status");
  w.settle();
  // Two at once, with a cache that has heard of neither: the compare keeps them apart.
  auto a = w.start(ServerWorld::create_request(api::make_object(pod("default", "a"))));
  auto b = w.start(ServerWorld::create_request(api::make_object(pod("default", "b"))));
  auto c = w.start(ServerWorld::create_request(api::make_object(pod("default", "c"))));
  w.settle();
  CHECK((*a)->code + (*b)->code + (*c)->code == 201 + 201 + 403);
  CHECK_FAILURE(w.create(pod("default", "d")), 403, "Forbidden",
                "pods \"d\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, "
                "limited: pods=2");
  CHECK(w.get<api::ResourceQuota>("default", "q")->status->used.get("pods").str() == "2");
}

TEST_CASE("a pod is bound once") {
  ServerWorld w;
  add_namespace(w, "default");
  w.create(pod("default", "a"));
  w.settle();
  Response r = w.call(bind_request("a", "n1"));
  CHECK(r->code == 201);
  CHECK(r->status->status == "Success");
  const auto bound = w.get<api::Pod>("default", "a");
  CHECK(bound->spec->node_name == "n1");
  REQUIRE(condition(*bound, "PodScheduled"));
  CHECK(condition(*bound, "PodScheduled")->status == "True");
  CHECK_FAILURE(w.call(bind_request("a", "n2")), 409, "Conflict",
                "Operation cannot be fulfilled on pods/binding \"a\": pod a is already assigned to "
                "node \"n1\"");
  w.remove(KindId::kPod, "default", "a");
  CHECK_FAILURE(w.call(bind_request("a", "n2")), 409, "Conflict",
                "Operation cannot be fulfilled on pods/binding \"a\": pod a is being deleted, "
                "cannot be assigned to a host");
  CHECK_FAILURE(w.call(bind_request("b", "n1")), 404, "NotFound", "pods \"b\" not found");
  api::Pod gated = pod("default", "g");
  gated.spec.edit().scheduling_gates.push_back(api::PodSchedulingGate{"x.io/wait"});
  w.create(gated);
  CHECK_FAILURE(w.call(bind_request("g", "n1")), 409, "Conflict",
                "Operation cannot be fulfilled on pods/binding \"g\": pod g has non-empty "
                ".spec.schedulingGates");
}

TEST_CASE("eviction counts a budget down to nothing") {
  ServerWorld w;
  add_namespace(w, "default");
  for (const char* name : {"a", "b", "c"}) run_pod(w, "default", name, "n1");
  add_budget(w, "pdb", 1);
  CHECK(w.call(evict_request("a"))->code == 201);
  const auto evicted = w.get<api::Pod>("default", "a");
  CHECK(evicted->metadata.deleting());
  REQUIRE(condition(*evicted, "DisruptionTarget"));
  CHECK(condition(*evicted, "DisruptionTarget")->reason == "EvictionByEvictionAPI");
  CHECK(condition(*evicted, "DisruptionTarget")->message == "Eviction API: evicting");
  const auto budget = w.get<api::PodDisruptionBudget>("default", "pdb");
  CHECK(budget->status->disruptions_allowed == 0);
  CHECK(budget->status->disrupted_pods.contains("a"));
  Response r = w.call(evict_request("b"));
  CHECK_FAILURE(r, 429, "TooManyRequests",
                "Cannot evict pod as it would violate the pod's disruption budget.");
  CHECK(r->status->details->causes[0].reason == "DisruptionBudget");
  CHECK(r->status->details->causes[0].message ==
        "The disruption budget pdb needs 2 healthy pods and has 3 currently");
}

TEST_CASE("an eviction after one that did not come to its end writes the condition once") {
  ServerWorld w;
  add_namespace(w, "default");
  run_pod(w, "default", "a", "n1");
  Response marked = w.update(edited<api::Pod>(w.get<api::Pod>("default", "a"),
                                              [](api::Pod& p) {
                                                api::PodCondition c;
                                                c.type = "DisruptionTarget";
                                                c.status = "True";
                                                c.reason = "EvictionByEvictionAPI";
                                                c.message = "Eviction API: evicting";
                                                p.status.edit().conditions.push_back(std::move(c));
                                              }),
                             "status");
  REQUIRE(marked->code == 200);
  w.settle();
  CHECK(w.call(evict_request("a"))->code == 201);
  // The mark of the deletion is the only write.
  CHECK(w.get<api::Pod>("default", "a")->metadata.deleting());
  CHECK(w.get<api::Pod>("default", "a")->metadata.resource_version.value == marked->object->revision() + 1);
}

TEST_CASE("two evictions at once share one disruption") {
  ServerWorld w;
  add_namespace(w, "default");
  for (const char* name : {"a", "b"}) run_pod(w, "default", name, "n1");
  add_budget(w, "pdb", 1);
  auto a = w.start(evict_request("a"));
  auto b = w.start(evict_request("b"));
  w.settle();
  CHECK((*a)->code + (*b)->code == 201 + 429);
}

TEST_CASE("what eviction refuses, and what needs no budget") {
  SUBCASE("a status that is out of date") {
    ServerWorld w;
    add_namespace(w, "default");
    run_pod(w, "default", "a", "n1");
    add_budget(w, "pdb", 1, 0);
    Response r = w.call(evict_request("a"));
    CHECK_FAILURE(r, 429, "TooManyRequests",
                  "Cannot evict pod as it would violate the pod's disruption budget.");
    CHECK(r->status->details->causes[0].message ==
          "The disruption budget pdb is still being processed by the server.");
    CHECK(r->retry_after_seconds == 10);
  }
  SUBCASE("two budgets") {
    ServerWorld w;
    add_namespace(w, "default");
    run_pod(w, "default", "a", "n1");
    add_budget(w, "pdb", 1);
    add_budget(w, "pdb2", 1);
    CHECK_FAILURE(w.call(evict_request("a")), 500, "",
                  "This pod has more than one PodDisruptionBudget, which the eviction subresource "
                  "does not support.");
  }
  SUBCASE("a pending pod goes although nothing is left") {
    ServerWorld w;
    add_namespace(w, "default");
    w.create(pod("default", "a"));
    add_budget(w, "pdb", 0);
    CHECK(w.call(evict_request("a"))->code == 201);
    CHECK_FALSE(w.get<api::Pod>("default", "a"));
  }
  SUBCASE("a dry run") {
    ServerWorld w;
    add_namespace(w, "default");
    run_pod(w, "default", "a", "n1");
    add_budget(w, "pdb", 1);
    const std::int64_t before = w.kv->revision();
    Request r = evict_request("a");
    r->dry_run = true;
    CHECK(w.call(r)->code == 201);
    CHECK(w.kv->revision() == before);
  }
  SUBCASE("no budget at all") {
    ServerWorld w;
    add_namespace(w, "default");
    run_pod(w, "default", "a", "n1");
    CHECK(w.call(evict_request("a"))->code == 201);
    CHECK(w.get<api::Pod>("default", "a")->metadata.deleting());
    CHECK(w.call(evict_request("none"))->code == 404);
  }
}
