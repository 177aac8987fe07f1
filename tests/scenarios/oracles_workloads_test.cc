// Each oracle of controllers, nodes and services on hand-made records: silent on a good sequence, speaking on a bad one.
#include "model/api/deployment.h"
#include "model/api/endpoint_slice.h"
#include "model/api/job.h"
#include "model/api/lease.h"
#include "model/api/node.h"
#include "model/api/pod_disruption_budget.h"
#include "model/api/replica_set.h"
#include "model/api/resource_quota.h"
#include "model/api/service.h"
#include "model/api/stateful_set.h"
#include "tests/scenarios/oracle_run.h"

namespace orrery::scenarios {
namespace {

/// A bound pod beside the one that waits, so that something was bound at all.
void bind_one(Run& r) {
  api::Pod p = pod();
  p.metadata.name = p.metadata.uid = "b";
  p.spec.edit().containers = {};
  r.commit("/registry/pods/default/b", make_object(p));
  p.spec.edit().node_name = "n1";
  r.commit("/registry/pods/default/b", make_object(p));
}

api::OwnerReference controller(const char* kind, const char* uid) {
  api::OwnerReference o;
  o.api_version = "apps/v1";
  o.kind = kind;
  o.name = "owner";
  o.uid = uid;
  o.controller = true;
  return o;
}

/// A pod of a controller, committed.
void owned(Run& r, const char* kind, const char* name, const char* node = "", bool ready = false) {
  api::Pod p = pod("Pending", node);
  p.metadata.name = p.metadata.uid = name;
  p.metadata.owner_references.push_back(controller(kind, "uid-owner"));
  if (ready) {
    api::PodCondition c;
    c.type = "Ready";
    c.status = "True";
    p.status.edit().conditions.push_back(c);
  }
  r.commit(cat("/registry/pods/default/", name).c_str(), make_object(p));
}

void replicas(Run& r, int pods) {
  api::ReplicaSet set;
  set.metadata.namespace_ = "default";
  set.metadata.name = "owner";
  set.metadata.uid = "uid-owner";
  set.spec.edit().replicas = 2;
  r.commit("/registry/apps/replicasets/default/owner", make_object(set));
  for (int i = 0; i < pods; ++i) owned(r, "ReplicaSet", cat("p", num(i)).c_str());
}

/// Two controller managers act; one pod too many is created then, or long after one of them has ended.
void two_leaders(Run& r, bool after) {
  LeaderActs acts;
  acts.lease = "kube-controller-manager";
  acts.acting = true;
  r.tell(acts, "kube-controller-manager", 1, "m1");
  r.tell(acts, "kube-controller-manager", 1, "m2");
  replicas(r, 2);
  if (after) {
    ProcessRecord ended;
    ended.what = ProcessRecord::What::kKilled;
    r.tell(ended, "kube-controller-manager", 1, "m1");
    r.wait(20 * base::kSecond);
  }
  owned(r, "ReplicaSet", "late");
  if (!after) {
    r.tell(ProcessRecord(), "kube-controller-manager", 2, "m1");
    acts.acting = false;
    r.tell(acts, "kube-controller-manager", 1, "m1");
    r.wait(20 * base::kSecond);
    r.commit("/registry/pods/default/late", nullptr);
    r.commit("/registry/pods/default/p1", nullptr);
    owned(r, "ReplicaSet", "p2");
  }
}

/// An old ReplicaSet of 4 available pods shrinks while a new one of 2 has `available`.
void rollout(Run& r, int available, int to) {
  api::Deployment d;
  d.metadata.namespace_ = "default";
  d.metadata.name = d.metadata.uid = "uid-owner";
  d.spec.edit().replicas = 4;
  d.spec.edit().strategy.type = "RollingUpdate";
  d.spec.edit().strategy.rolling_update.edit().max_unavailable = api::IntOrString(1);
  d.spec.edit().strategy.rolling_update.edit().max_surge = api::IntOrString(2);
  r.commit("/registry/apps/deployments/default/uid-owner", make_object(d));
  const auto set = [&r](const char* name, int size, int is_available) {
    api::ReplicaSet s;
    s.metadata.namespace_ = "default";
    s.metadata.name = s.metadata.uid = name;
    s.metadata.owner_references.push_back(controller("Deployment", "uid-owner"));
    s.spec.edit().replicas = size;
    s.status.edit().available_replicas = is_available;
    r.commit(cat("/registry/apps/replicasets/default/", name).c_str(), make_object(s));
  };
  set("old", 4, 4);
  set("new", 2, available);
  r.wait(base::kMinute);
  set("old", to, 4);
}

void stateful(Run& r, bool ready) {
  api::StatefulSet set;
  set.metadata.namespace_ = "default";
  set.metadata.name = "db";
  set.metadata.uid = "uid-owner";
  set.spec.edit().replicas = 2;
  r.commit("/registry/apps/statefulsets/default/db", make_object(set));
  owned(r, "StatefulSet", "db-0", "n1", ready);
  owned(r, "StatefulSet", "db-1", "n1");
}

void job(Run& r, int succeeded) {
  owned(r, "Job", "j-0");
  api::Pod p = r.at("/registry/pods/default/j-0")->as<api::Pod>();
  p.metadata.resource_version.value = 0;
  p.status.edit().phase = "Succeeded";
  r.commit("/registry/pods/default/j-0", make_object(p));
  for (const int counted : {0, succeeded}) {
    api::Job j;
    j.metadata.namespace_ = "default";
    j.metadata.name = "j";
    j.metadata.uid = "uid-owner";
    j.status.edit().succeeded = counted;
    j.status.edit().active = 1 - counted;
    r.commit("/registry/batch/jobs/default/j", make_object(j));
  }
}

/// Three of four nodes of a zone are lost; half a minute later the last of them is tainted.
void zone(Run& r, int lost) {
  const auto node = [&r](const char* name, const char* ready, bool tainted) {
    api::Node n;
    n.metadata.name = name;
    n.metadata.labels.set("topology.kubernetes.io/zone", "a");
    api::NodeCondition c;
    c.type = "Ready";
    c.status = ready;
    n.status.edit().conditions.push_back(c);
    api::Taint t;
    t.key = "node.kubernetes.io/unreachable";
    t.effect = "NoExecute";
    if (tainted) n.spec.edit().taints.push_back(t);
    r.commit(cat("/registry/nodes/", name).c_str(), make_object(n));
  };
  for (const char* name : {"n1", "n2", "n3", "n4"}) node(name, "True", false);
  const char* names[] = {"n1", "n2", "n3"};
  for (int i = 0; i < lost; ++i) node(names[i], "Unknown", false);
  r.wait(30 * base::kSecond);
  node("n1", "Unknown", true);
}

void node_lease(Run& r) {
  api::Lease l;
  l.metadata.namespace_ = "kube-node-lease";
  l.metadata.name = "m1";
  r.commit("/registry/leases/kube-node-lease/m1", make_object(l));
}

void service(Run& r, const char* backend) {
  api::Service s;
  s.metadata.namespace_ = "default";
  s.metadata.name = "web";
  s.spec.edit().cluster_ip = "10.96.0.9";
  api::ServicePort port;
  port.port = 80;
  s.spec.edit().ports.push_back(port);
  r.commit("/registry/services/default/web", make_object(s));
  api::EndpointSlice slice;
  slice.metadata.namespace_ = "default";
  slice.metadata.name = "web-1";
  slice.metadata.labels.set("kubernetes.io/service-name", "web");
  slice.address_type = "IPv4";
  api::Endpoint e;
  e.addresses.push_back("10.1.0.5");
  slice.endpoints.push_back(e);
  api::EndpointSlicePort target;
  target.port = 8080;
  slice.ports.push_back(target);
  r.commit("/registry/endpointslices/default/web-1", make_object(slice));
  r.tell(ProcessRecord(), "kube-proxy");
  ServiceTable t;
  t.service_namespace = "default";
  t.service_name = "web";
  t.backends = {backend};
  r.tell(t, "");
  r.wait(base::kMinute);
  node_lease(r);
}

void collect(Run& r, bool owner_lives) {
  const ObjectRef owner = make_object(config("owner"));
  r.commit("/registry/configmaps/default/owner", owner);
  api::ConfigMap c = config("a");
  api::OwnerReference ref;
  ref.api_version = "v1";
  ref.kind = "ConfigMap";
  ref.name = "owner";
  ref.uid = "uid-owner";
  c.metadata.owner_references.push_back(ref);
  r.commit(kKey, make_object(c));
  if (!owner_lives) r.commit("/registry/configmaps/default/owner", nullptr);
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = api::Verb::kDelete;
  request->kind = KindId::kConfigMap;
  request->namespace_ = "default";
  request->name = "a";
  request->precondition_uid = "uid-a";
  request->user = "system:serviceaccount:kube-system:generic-garbage-collector";
  ApiRequestRecord sent;
  sent.request = request;
  r.tell(sent);
}

void evict(Run& r, int allowed_after) {
  for (const bool after : {false, true}) {
    api::PodDisruptionBudget b;
    b.metadata.namespace_ = "default";
    b.metadata.name = "b";
    b.status.edit().disruptions_allowed = after ? allowed_after : 2;
    if (after) b.status.edit().disrupted_pods.set("p", api::Time(5));
    r.commit("/registry/policy/poddisruptionbudgets/default/b", make_object(b));
  }
}

void quota(Run& r, int charges) {
  for (int used = 0; used <= charges; ++used) {
    api::ResourceQuota q;
    q.metadata.namespace_ = "default";
    q.metadata.name = q.metadata.uid = "q";
    q.status.edit().hard.set("pods", api::Quantity::must_parse("9"));
    q.status.edit().used.set("pods", api::Quantity::must_parse(num(used)));
    r.commit("/registry/resourcequotas/default/q", make_object(q));
    r.wait(6 * base::kSecond);
  }
  owned(r, "ReplicaSet", "p0");
  owned(r, "ReplicaSet", "p1");
}

void fenced(Run& r, std::int64_t revision) {
  const std::pair<std::int64_t, std::int64_t> writes[] = {{10, 10}, {10, 12}, {20, 20}, {10, revision}};
  for (const auto& [epoch, at] : writes) {
    FencedWrite w;
    w.fence = "kube-system/x";
    w.epoch = epoch;
    w.revision = at;
    r.tell(w);
  }
}

void waiting(Run& r, const char* cpu) {
  api::Node n;
  n.metadata.name = "n1";
  n.status.edit().allocatable.set("cpu", api::Quantity::must_parse(cpu));
  n.status.edit().allocatable.set("pods", api::Quantity::must_parse("10"));
  api::NodeCondition c;
  c.type = "Ready";
  c.status = "True";
  n.status.edit().conditions.push_back(c);
  r.commit(kNodeKey, make_object(n));
  bind_one(r);
  api::Pod p = pod();
  p.spec.edit().scheduler_name = "default-scheduler";
  r.commit(kPodKey, make_object(p));
  r.wait(2 * base::kMinute);
  api::Lease l;
  l.metadata.name = "kube-scheduler";
  r.commit("/registry/leases/kube-scheduler", make_object(l));
}

void orphan(Run& r, Nanos later) {
  r.tell(ProcessRecord(), "kubelet");
  r.commit(kPodKey, make_object(pod("Running", "m1")));
  ContainerStarted s;
  s.pod_uid = "uid-web-0";
  s.container = s.container_id = "app";
  r.tell(s);
  r.wait(base::kMinute);
  r.commit(kPodKey, nullptr);
  r.wait(later);
  node_lease(r);
}

void get(Run& r, bool stale) {
  r.commit(kKey, make_object(config("a")));
  const ObjectRef first = r.at(kKey);
  r.commit(kKey, make_object(config("a", "2")));
  ApiResponseRecord a = answer(api::Verb::kGet, nullptr, stale ? first : r.at(kKey));
  auto request = base::make_ref<api::ApiRequest>(*a.request);
  request->namespace_ = "default";
  request->name = "a";
  a.request = request;
  a.id = 5;
  ApiRequestRecord sent;
  sent.id = 5;
  sent.request = request;
  r.tell(sent);
  r.tell(a);
}

const std::vector<Case>& workload_cases() {
  static const std::vector<Case> kCases = {
      {"G1", [](Run& r) { collect(r, false); }, [](Run& r) { collect(r, true); }},
      {"L3", [](Run& r) { fenced(r, 19); }, [](Run& r) { fenced(r, 21); }},
      {"N3", [](Run& r) { orphan(r, base::kMinute); }, [](Run& r) { orphan(r, 2 * base::kMinute); }},
      {"N7", [](Run& r) { zone(r, 2); }, [](Run& r) { zone(r, 3); }},
      {"P5", [](Run& r) { waiting(r, "500m"); }, [](Run& r) { waiting(r, "4"); }},
      {"Q1", [](Run& r) { evict(r, 1); }, [](Run& r) { evict(r, 2); }},
      {"Q3", [](Run& r) { quota(r, 2); }, [](Run& r) { quota(r, 1); }},
      {"R2", [](Run& r) { stateful(r, true); }, [](Run& r) { stateful(r, false); }},
      {"R3", [](Run& r) { replicas(r, 2); }, [](Run& r) { replicas(r, 3); }},
      {"R3", [](Run& r) { two_leaders(r, false); }, [](Run& r) { two_leaders(r, true); }},
      {"R4", [](Run& r) { rollout(r, 1, 2); }, [](Run& r) { rollout(r, 0, 2); }},
      {"R5", [](Run& r) { owned(r, "DaemonSet", "d-0", "n1"); },
       [](Run& r) {
         owned(r, "DaemonSet", "d-0", "n1");
         owned(r, "DaemonSet", "d-1", "n1");
       }},
      {"R6", [](Run& r) { job(r, 1); }, [](Run& r) { job(r, 2); }},
      {"V1", [](Run& r) { service(r, "10.1.0.5:8080"); }, [](Run& r) { service(r, "10.1.0.6:8080"); }},
      {"W9", [](Run& r) { get(r, false); }, [](Run& r) { get(r, true); }},
  };
  return kCases;
}

TEST_CASE("oracles of workloads, nodes and services pass a good sequence and speak on a bad one") { check_cases(workload_cases()); }

}  // namespace
}  // namespace orrery::scenarios
