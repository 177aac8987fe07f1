// Each oracle of the store, the API and single objects on hand-made records: silent on a good sequence, speaking on a bad one.
#include "model/api/lease.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/pod_disruption_budget.h"
#include "tests/scenarios/oracle_run.h"

namespace orrery::scenarios {
namespace {

void acknowledge(Run& r, std::uint64_t id, std::int64_t answered) {
  r.tell(op(StoreOp::Phase::kInvoked, id));
  r.commit(kKey, make_object(config("a", id % 2 ? "x" : "y")), 0, 1, "m1", id);
  r.tell(op(StoreOp::Phase::kOk, id, answered));
}

void pod_then(Run& r, api::Pod first, api::Pod second) {
  r.commit(kPodKey, make_object(std::move(first)));
  r.commit(kPodKey, make_object(std::move(second)));
}

void update(Run& r, bool stale) {
  const std::int64_t first = r.commit(kKey, make_object(config("a")));
  const ObjectRef seen = r.at(kKey);
  if (stale) r.commit(kKey, make_object(config("a", "2")));
  r.commit(kKey, make_object(config("a", "3")));
  CHECK(seen->revision() == first);
  r.tell(answer(api::Verb::kUpdate, seen, r.at(kKey)));
}

/// Stream 7: a watch of config maps.
void open_watch(Run& r, std::int64_t from) {
  WatchOpen open;
  auto request = base::make_ref<api::ApiRequest>();
  request->verb = api::Verb::kWatch;
  request->kind = KindId::kConfigMap;
  request->resource_version = std::to_string(from);
  open.request = request;
  open.start_revision = from;
  open.stream = 7;
  r.tell(open);
}

/// A watch from revision 1 (or `from`) that is sent these revisions of three.
void watch(Run& r, std::vector<std::int64_t> sent, std::int64_t bookmark = 0, std::int64_t from = 1) {
  std::vector<ObjectRef> states(2);
  for (const char* v : {"1", "2", "3"}) {
    r.commit(kKey, make_object(config("a", v)));
    states.push_back(r.at(kKey));
  }
  open_watch(r, from);
  auto batch = base::make_ref<api::WatchBatch>();
  for (const std::int64_t revision : sent)
    batch->events.push_back({revision == 2 ? api::WatchType::kAdded : api::WatchType::kModified,
                             states[static_cast<std::size_t>(revision)], revision, false});
  if (bookmark) batch->events.push_back({api::WatchType::kBookmark, nullptr, bookmark, false});
  WatchDelivery d;
  d.stream = 7;
  d.batch = batch;
  r.tell(d);
}

/// A revision that removes two objects at once, as the end of a lease does, told by the store in one message or in two.
void deliver_expiry(Run& r, bool whole) {
  StoreCommit c;
  c.revision = c.raft_index = 2;
  c.raft_term = 1;
  c.ops.push_back({kKey, nullptr, 0});
  c.ops.push_back({kNodeKey, nullptr, 0});  // not watched
  c.ops.push_back({"/registry/configmaps/default/b", nullptr, 0});
  r.tell(c, "etcd");
  r.commit(kKey, make_object(config("a")), 3);
  StoreDelivery d;
  d.key = "/registry/configmaps/";
  d.end = "/registry/configmaps0";
  d.parts = {{2, whole ? 2 : 1}, {3, 1}};
  r.tell(d);
}

/// An object that its stored form holds, or not: times end with the year 9999.
void renewed(Run& r, std::int64_t micros) {
  api::Lease l;
  l.metadata.name = "scheduler";
  l.spec.renew_time = api::MicroTime(micros);
  r.commit("/registry/leases/scheduler", make_object(l));
}

void grace(Run& r, Nanos after) {
  api::Pod p = pod("Running", "n1");
  r.commit(kPodKey, make_object(p));
  p.metadata.deletion_timestamp = api::Time(100);
  p.metadata.deletion_grace_period_seconds = 30;
  r.commit(kPodKey, make_object(p));
  r.wait(after);
  ContainerStopped s;
  s.how = ContainerStopped::How::kKill;
  s.pod_uid = "uid-web-0";
  s.term_at = Instant{base::kSecond};
  r.tell(s);
}

void identity(Run& r, bool stops) {
  for (const char* uid : {"one", "two"}) {
    api::Pod p = pod("Running", "n1");
    p.metadata.uid = uid;
    api::OwnerReference owner;
    owner.kind = "StatefulSet";
    owner.controller = true;
    p.metadata.owner_references.push_back(owner);
    r.commit(kPodKey, make_object(p));
    ContainerStarted s;
    s.pod_uid = s.container_id = uid;
    s.pod_namespace = "default";
    s.pod_name = "web-0";
    r.tell(s);
    ContainerStopped e;
    e.pod_uid = e.container_id = uid;
    if (stops) r.tell(e);
    r.commit(kPodKey, nullptr);
  }
}

void kubelet_restart(Run& r, bool kills) {
  r.commit(kPodKey, make_object(pod("Running", "n1")));
  ContainerStarted s;
  s.pod_uid = "uid-web-0";
  s.container = s.container_id = "app";
  r.tell(s);
  r.tell(ProcessRecord(), "kubelet");
  if (!kills) return;
  ContainerStopped e;
  e.how = ContainerStopped::How::kTerm;
  e.pod_uid = s.pod_uid;
  e.container = e.container_id = s.container;
  r.tell(e);
  r.tell(s);
}

void bind_two(Run& r, const char* cpu) {
  api::Node n;
  n.metadata.name = "n1";
  n.status.edit().allocatable.set("cpu", api::Quantity::must_parse(cpu));
  n.status.edit().allocatable.set("pods", api::Quantity::must_parse("10"));
  r.commit(kNodeKey, make_object(n));
  for (const char* name : {"a", "b"}) {
    api::Pod p = pod();
    p.metadata.name = p.metadata.uid = name;
    const std::string key = cat("/registry/pods/default/", name);
    r.commit(key.c_str(), make_object(p));
    p.spec.edit().node_name = "n1";
    r.commit(key.c_str(), make_object(p));
  }
}

void lease(Run& r, std::int32_t transitions) {
  for (const bool second : {false, true}) {
    api::Lease l;
    l.metadata.name = "scheduler";
    l.spec.holder_identity = Str(second ? "b" : "a");
    l.spec.lease_transitions = second ? transitions : 3;
    r.commit("/registry/leases/scheduler", make_object(l));
  }
}

void end_namespace(Run& r, bool leave) {
  api::Namespace ns;
  ns.metadata.name = "default";
  r.commit("/registry/namespaces/default", make_object(ns));
  r.commit(kKey, make_object(config("a")));
  if (!leave) r.commit(kKey, nullptr);
  r.commit("/registry/namespaces/default", nullptr);
}

void budget(Run& r, int writes) {
  for (int i = 0; i < writes; ++i) {
    api::PodDisruptionBudget b;
    b.metadata.namespace_ = "default";
    b.metadata.name = "b";
    b.status.edit().disruptions_allowed = i % 2;
    r.commit("/registry/policy/poddisruptionbudgets/default/b", make_object(b));
    r.wait(base::kSecond / 2);
    if (i == 0) r.wait(3 * base::kMinute);
  }
  r.wait(3 * base::kMinute);
}

/// The spec changes, by a write of the spec or one of the status.
void updated(Run& r, bool status) {
  const char* key = "/registry/policy/poddisruptionbudgets/default/b";
  budget(r, 1);
  auto b = r.at(key)->as<api::PodDisruptionBudget>();
  b.spec.edit().min_available = api::IntOrString(2);
  b.metadata.generation += 1;
  b.metadata.resource_version.value = 0;
  ApiUpdate update;
  update.revision = r.commit(key, make_object(b));
  update.status = status;
  r.tell(update);
}

/// A running pod is reported as pending, by a kubelet that started after it ran or before.
void begun_anew(Run& r, bool after) {
  ProcessRecord started;
  if (!after) r.tell(started, "kubelet", 1, "n1");
  r.commit(kPodKey, make_object(pod("Pending", "n1")));
  r.commit(kPodKey, make_object(pod("Running", "n1")));
  if (after) r.tell(started, "kubelet", 2, "n1");
  r.commit(kPodKey, make_object(pod("Pending", "n1")));
}

void finalized(Run& r, bool deleting) {
  api::ConfigMap c = config("a");
  c.metadata.finalizers.push_back("example.com/hold");
  if (deleting) c.metadata.deletion_timestamp = api::Time(5);
  r.commit(kKey, make_object(c));
  if (deleting) {
    c.data.set("key", Str("2"));
    r.commit(kKey, make_object(c));
  }
  r.commit(kKey, nullptr);
}

void deletion_at(Run& r, std::int64_t then) {
  api::ConfigMap c = config("a");
  c.metadata.deletion_timestamp = api::Time(50);
  r.commit(kKey, make_object(c));
  c.metadata.deletion_timestamp = api::Time(then);
  r.commit(kKey, make_object(c));
}

void dry_run(Run& r, const char* stored) {
  const ObjectRef made = make_object(config("a"));
  r.tell(answer(api::Verb::kCreate, nullptr, made, 201, true));
  r.commit(kKey, make_object(config(stored)));
}

void leader(Run& r, std::uint64_t member) {
  for (const std::uint64_t m : {std::uint64_t{1}, member}) {
    RaftState s;
    s.member = m;
    s.term = 4;
    s.role = RaftState::Role::kLeader;
    r.tell(s);
  }
}

void hashes(Run& r, std::uint64_t second) {
  for (const std::uint64_t member : {std::uint64_t{1}, std::uint64_t{2}}) {
    StoreHash h;
    h.member = member;
    h.applied_index = 100;
    h.hash = member == 1 ? 9 : second;
    r.tell(h);
  }
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"A1", [](Run& r) { update(r, false); }, [](Run& r) { update(r, true); }},
      {"A2", [](Run& r) { r.commit(kKey, make_object(config("a"))); },
       [](Run& r) {
         r.commit(kKey, make_object(config("a")));
         r.commit(kKey, nullptr);
         r.commit(kKey, make_object(config("a")));
       }},
      {"A3",
       [](Run& r) {
         r.commit(kKey, make_object(config("a")));
         r.tell(answer(api::Verb::kCreate, nullptr, r.at(kKey), 201));
       },
       [](Run& r) {
         r.commit(kKey, make_object(config("a")));
         r.commit(kKey, make_object(config("a", "2")));
         r.tell(answer(api::Verb::kCreate, nullptr, r.at(kKey), 201));
       }},
      {"A4", [](Run& r) { budget(r, 2); },
       [](Run& r) {
         budget(r, 2);
         auto b = r.at("/registry/policy/poddisruptionbudgets/default/b")->as<api::PodDisruptionBudget>();
         b.spec.edit().min_available = api::IntOrString(2);
         b.metadata.resource_version.value = 0;
         r.commit("/registry/policy/poddisruptionbudgets/default/b", make_object(b));
       }},
      {"A4", [](Run& r) { updated(r, false); }, [](Run& r) { updated(r, true); }},
      {"A5", [](Run& r) { pod_then(r, pod(), pod("Running")); }, [](Run& r) { pod_then(r, pod(), pod()); }},
      {"A6", [](Run& r) { dry_run(r, "b"); }, [](Run& r) { dry_run(r, "a"); }},
      {"A7", [](Run& r) { renewed(r, 1'735'689'600'000'000); },
       [](Run& r) { renewed(r, 1'735'689'600'000'000'000); }},
      {"A8", [](Run& r) { deletion_at(r, 50); }, [](Run& r) { deletion_at(r, 51); }},
      {"A9", [](Run& r) { finalized(r, true); }, [](Run& r) { finalized(r, false); }},
      {"A10", [](Run& r) { update(r, false); },
       [](Run& r) {
         r.commit(kKey, make_object(config("a")));
         StoreCommit c;
         c.revision = c.raft_index = 3;
         c.raft_term = 1;
         c.ops.push_back({kKey, make_object(config("a", "2")), 1});
         r.tell(c, "etcd");
       }},
      {"C1", [](Run& r) { budget(r, 3); }, [](Run& r) { budget(r, 30); }},
      {"G5", [](Run& r) { end_namespace(r, false); }, [](Run& r) { end_namespace(r, true); }},
      {"L1", [](Run& r) { lease(r, 4); }, [](Run& r) { lease(r, 3); }},
      {"N1", [](Run& r) { pod_then(r, pod(), pod("Running")); }, [](Run& r) { pod_then(r, pod("Failed"), pod("Running")); }},
      {"N1", [](Run& r) { begun_anew(r, true); }, [](Run& r) { begun_anew(r, false); }},
      {"N2", [](Run& r) { grace(r, 30 * base::kSecond); }, [](Run& r) { grace(r, 2 * base::kSecond); }},
      {"N4", [](Run& r) { kubelet_restart(r, false); }, [](Run& r) { kubelet_restart(r, true); }},
      {"P1", [](Run& r) { pod_then(r, pod(), pod("Pending", "n1")); },
       [](Run& r) { pod_then(r, pod("Pending", "n1"), pod("Pending", "n2")); }},
      {"P2", [](Run& r) { bind_two(r, "1200m"); }, [](Run& r) { bind_two(r, "1"); }},
      {"R1", [](Run& r) { identity(r, true); }, [](Run& r) { identity(r, false); }},
      {"S1", [](Run& r) { acknowledge(r, 5, 2); }, [](Run& r) { acknowledge(r, 5, 3); }},
      {"S2", [](Run& r) { acknowledge(r, 5, 2); },
       [](Run& r) {
         acknowledge(r, 5, 2);
         r.commit(kKey, make_object(config("a", "other")), 2, 9, "m2", 6);
       }},
      {"S3", [](Run& r) { r.commit(kKey, make_object(config("a"))); },
       [](Run& r) {
         r.commit(kKey, make_object(config("a")));
         r.commit(kKey, make_object(config("a", "2")), 2);
       }},
      {"S4", [](Run& r) { leader(r, 1); }, [](Run& r) { leader(r, 2); }},
      {"S5", [](Run& r) { hashes(r, 9); }, [](Run& r) { hashes(r, 8); }},
      {"W1", [](Run& r) { watch(r, {2, 3, 4}); }, [](Run& r) { watch(r, {3, 2}); }},
      {"W2", [](Run& r) { watch(r, {2, 3, 4}); }, [](Run& r) { watch(r, {2, 3, 3}); }},
      {"W3", [](Run& r) { watch(r, {2, 3, 4}); }, [](Run& r) { watch(r, {2, 4}); }},
      {"W4", [](Run& r) { deliver_expiry(r, true); }, [](Run& r) { deliver_expiry(r, false); }},
      {"W5", [](Run& r) { watch(r, {2, 3}); }, [](Run& r) { watch(r, {3, 4}); }},
      {"W6", [](Run& r) { watch(r, {2, 3, 4}, 4); }, [](Run& r) { watch(r, {2, 3}, 4); }},
      {"W7", [](Run& r) { watch(r, {3, 4}, 0, 2); }, [](Run& r) { watch(r, {2, 3}, 0, 2); }},
      {"W8", [](Run& r) { watch(r, {2, 3, 4}); },
       [](Run& r) {
         watch(r, {2});
         auto batch = base::make_ref<api::WatchBatch>();
         batch->events.push_back({api::WatchType::kDeleted, r.at(kKey), 3, false});
         WatchDelivery d;
         d.stream = 7;
         d.batch = batch;
         r.tell(d);
       }},
  };
  return kCases;
}

TEST_CASE("oracles of store, API and objects pass a good sequence and speak on a bad one") { check_cases(cases()); }

TEST_CASE("ids are unique and selectable") {
  for (const std::string& id : known_invariants()) {
    const auto made = make_oracles(false, {id});
    REQUIRE(made.size() == 1);
    CHECK(made.front()->id() == id);
  }
  CHECK(make_oracles(true, {}).size() == known_invariants().size());
}

}  // namespace
}  // namespace orrery::scenarios
