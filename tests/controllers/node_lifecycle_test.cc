#include "control/controllers/node_lifecycle.h"

#include "control/client/pod_util.h"
#include "control/controllers/node_taints.h"
#include "control/controllers/node_ttl.h"
#include "control/controllers/taint_eviction.h"
#include "model/api/lease.h"
#include "tests/controllers/cluster.h"

namespace orrery::test {
namespace {

using namespace controllers;
using base::Instant;

api::NodeCondition condition(const char* type, const char* status, std::int64_t beat = 0) {
  api::NodeCondition c;
  c.type = type;
  c.status = status;
  c.last_heartbeat_time = api::Time(1000 + beat);
  return c;
}

api::Taint taint_of(const char* key, const char* effect) {
  api::Taint t;
  t.key = key;
  t.effect = effect;
  return t;
}

/// A pod of node-0 that bears a taint.
api::Pod bound_with(const api::Toleration& toleration) {
  api::Pod pod;
  pod.metadata.namespace_ = "default";
  pod.metadata.name = "p";
  pod.spec = web_template().spec;
  pod.spec.edit().node_name = "node-0";
  pod.spec.edit().tolerations.push_back(toleration);
  pod.status.edit().phase = "Pending";
  return pod;
}

TEST_CASE("zone state: none ready is full, 55 % and more than two is partial") {
  struct Row {
    int ready, not_ready;
    ZoneState state;
  };
  const Row rows[] = {{0, 0, ZoneState::kNormal},   {0, 1, ZoneState::kFullDisruption},
                      {1, 2, ZoneState::kNormal},   {1, 3, ZoneState::kPartialDisruption},
                      {3, 3, ZoneState::kNormal},   {9, 11, ZoneState::kPartialDisruption},
                      {10, 12, ZoneState::kNormal}, {1, 16, ZoneState::kPartialDisruption}};
  for (const Row& r : rows) CHECK(zone_state({r.ready, r.not_ready}, 0.55) == r.state);
}

TEST_CASE("zone rate: small zones in partial disruption evict nothing") {
  const EvictionRates rates{0.1, 0.01, 50};
  CHECK(zone_rate(ZoneState::kNormal, 10, rates) == 0.1);
  CHECK(zone_rate(ZoneState::kFullDisruption, 10, rates) == 0.1);
  CHECK(zone_rate(ZoneState::kPartialDisruption, 50, rates) == 0);
  CHECK(zone_rate(ZoneState::kPartialDisruption, 51, rates) == 0.01);
}

TEST_CASE("health: silence is measured on the own clock, from the last change seen") {
  const GracePeriods grace{50 * kSecond, 60 * kSecond};
  api::Node node;
  node.metadata.name = "n";
  node.status.edit().conditions.push_back(condition("Ready", "True"));
  api::Lease lease;
  lease.spec.renew_time = api::MicroTime(1);
  NodeHealth health;
  const Instant wall{5000 * kSecond};
  const auto at = [&](std::int64_t s) {
    return observe_node(health, node, &lease, grace, Instant{s * kSecond}, wall);
  };
  CHECK_FALSE(at(100).write);
  CHECK_FALSE(at(150).write);
  CHECK(at(151).write);
  lease.spec.renew_time = api::MicroTime(2);
  CHECK_FALSE(at(152).write);
  lease.spec.renew_time = api::MicroTime(1);  // going back is no sign of life
  CHECK(at(203).write);
  node.status.edit().conditions.edit()[0].last_heartbeat_time = api::Time(2000);
  const HealthVerdict alive = at(204);
  CHECK_FALSE(alive.write);
  CHECK(alive.observed == "True");
  CHECK_FALSE(at(209).write);  // the lease counts as new after a changed status, as upstream
  CHECK_FALSE(at(259).write);
  const HealthVerdict lost = at(260);
  REQUIRE(lost.write);
  CHECK(lost.current == "Unknown");
  CHECK(lost.write->conditions.size() == 4);
  CHECK(lost.write->conditions[0].reason == "NodeStatusUnknown");
  CHECK(lost.write->conditions[1].reason == "NodeStatusNeverUpdated");
}

TEST_CASE("taints by condition: what is there and not called for goes") {
  api::Node node;
  node.status.edit().conditions.push_back(condition("Ready", "Unknown"));
  node.status.edit().conditions.push_back(condition("DiskPressure", "True"));
  node.spec.edit().unschedulable = true;
  node.spec.edit().taints.push_back(taint_of("node.kubernetes.io/not-ready", "NoSchedule"));
  node.spec.edit().taints.push_back(taint_of("node.kubernetes.io/not-ready", "NoExecute"));
  node.spec.edit().taints.push_back(taint_of("mine", "NoSchedule"));
  const TaintDiff diff = diff_condition_taints(node);
  REQUIRE(diff.add.size() == 3);
  CHECK(diff.add[0].key == "node.kubernetes.io/unreachable");
  CHECK(diff.add[1].key == "node.kubernetes.io/disk-pressure");
  CHECK(diff.add[2].key == "node.kubernetes.io/unschedulable");
  REQUIRE(diff.remove.size() == 1);
  CHECK(diff.remove[0].key == "node.kubernetes.io/not-ready");
  CHECK(with_taints(node.spec->taints, diff.add, diff.remove).size() == 5);
}

TEST_CASE("timed queue: one per ten seconds at 0.1, and a swapped limiter starts empty") {
  TimedQueue q(0.1);
  Instant t{1000 * kSecond};
  for (const char* name : {"a", "b", "c"}) CHECK(q.add(name, t));
  CHECK_FALSE(q.add("a", t));
  CHECK(q.take(t) == Str("a"));
  CHECK_FALSE(q.take(t + 9 * kSecond));
  CHECK(q.take(t + 10 * kSecond) == Str("b"));
  q.set_rate(0, t + 20 * kSecond);
  CHECK(q.idle());
  q.set_rate(0.1, t + 60 * kSecond);
  CHECK_FALSE(q.take(t + 60 * kSecond));
  CHECK_FALSE(q.add("a", t));  // taken, yet known
  q.remove("a");
  CHECK(q.add("a", t + 70 * kSecond));
  CHECK(q.take(t + 70 * kSecond) == Str("c"));
  // SwapLimiter at the same rate leaves the limiter alone (upstream's TestSwapLimiter).
  q.set_rate(0.1, t + 75 * kSecond);
  CHECK_FALSE(q.take(t + 79 * kSecond));
  CHECK(q.take(t + 80 * kSecond) == Str("a"));
}

TEST_CASE("toleration time: the shortest of those used, for ever without a limit") {
  const std::vector<api::Taint> taints{taint_of("a", "NoExecute"), taint_of("b", "NoExecute")};
  const auto tolerate = [](const char* key, std::optional<std::int64_t> seconds) {
    api::Toleration t;
    t.key = key;
    t.operator_ = "Exists";
    t.toleration_seconds = seconds;
    return t;
  };
  using L = base::List<api::Toleration>;
  CHECK(toleration_time(taints, L{}) == 0);
  CHECK(toleration_time(taints, L{tolerate("a", 300)}) == 0);
  CHECK(toleration_time(taints, L{tolerate("a", 300), tolerate("b", 30)}) == 30 * kSecond);
  CHECK(toleration_time(taints, L{tolerate("a", 300), tolerate("b", 0)}) == 0);
  CHECK(toleration_time(taints, L{tolerate("a", 300), tolerate("b", std::nullopt)}) ==
        300 * kSecond);
  CHECK(toleration_time(taints, L{tolerate("", std::nullopt)}) < 0);
}

TEST_CASE("node TTL: the ranges of cluster sizes overlap") {
  CHECK(next_ttl_step(0, 100) == 0);
  CHECK(next_ttl_step(0, 101) == 1);
  CHECK(next_ttl_step(1, 90) == 1);
  CHECK(next_ttl_step(1, 89) == 0);
  CHECK(ttl_seconds(1) == 15);
}

/// Nodes whose leases are renewed every 10 s unless they are silent.
struct Nodes : Cluster {
  explicit Nodes(int count, const char* zone = "za") {
    add<NodeLifecycleController>();
    add<TaintEvictionController>();
    for (int i = 0; i < count; ++i) {
      api::Node node;
      node.metadata.name = base::cat("node-", std::to_string(i));
      node.metadata.labels.set("topology.kubernetes.io/zone", zone);
      node.status.edit().conditions.push_back(condition("Ready", "True"));
      api.put(std::move(node));
    }
    every_tick = [this] { beat(); };
  }
  void beat() {
    if (process.time.now().ns < next) return;
    next = process.time.now().ns + 10 * kSecond;
    for (const auto& node : api.all<api::Node>("")) {
      if (silent.count(node->metadata.name.str())) continue;
      api::Lease lease;
      lease.metadata.namespace_ = "kube-node-lease";
      lease.metadata.name = node->metadata.name;
      lease.spec.renew_time = api::MicroTime::from(process.time.wall());
      api.put(std::move(lease));
    }
  }
  api::Handle<api::Node> node(const std::string& name) { return api.get<api::Node>("", name); }
  Str ready(const std::string& name) {
    return find_condition(*node(name)->status, "Ready")->status;
  }
  int tainted(const char* effect) {
    int n = 0;
    for (const auto& node : api.all<api::Node>("")) {
      if (has_taint(*node, taint_of("node.kubernetes.io/unreachable", effect))) ++n;
    }
    return n;
  }
  std::set<std::string> silent;
  std::int64_t next = 0;
};

TEST_CASE(
    "node loss: Unknown after the grace, tainted, its pods not ready and deleted after their "
    "tolerations") {
  Nodes w(4);
  api::Toleration t;
  t.key = "node.kubernetes.io/unreachable";
  t.operator_ = "Exists";
  t.effect = "NoExecute";
  t.toleration_seconds = 30;
  w.api.put(bound_with(t));
  w.start();
  w.run(20 * kSecond);
  CHECK(w.events("RegisteredNode").size() == 4);
  CHECK(w.events("RegisteredNode")[0] == "Node node-0 event: Registered Node node-0 in Controller");
  CHECK(w.node("node-0")->spec->taints.empty());
  w.silent.insert("node-0");
  w.run(45 * kSecond);
  CHECK(w.ready("node-0") == "True");
  w.run(20 * kSecond);
  CHECK(w.ready("node-0") == "Unknown");
  CHECK(w.ready("node-1") == "True");
  CHECK(w.tainted("NoSchedule") == 1);
  CHECK(w.tainted("NoExecute") == 1);
  const auto seen = w.api.get<api::Pod>("default", "p");
  REQUIRE(seen);
  CHECK_FALSE(client::is_pod_ready(*seen));
  const std::vector<std::string> told = w.events("NodeNotReady");
  REQUIRE(told.size() == 2);
  CHECK(std::count(told.begin(), told.end(), "Node node-0 status is now: NodeNotReady") == 1);
  CHECK(w.events("TaintManagerEviction").empty());
  w.kubelets = false;
  w.run(35 * kSecond);
  REQUIRE(w.events("TaintManagerEviction").size() == 1);
  CHECK(w.events("TaintManagerEviction")[0] == "Marking for deletion Pod default/p");
  const auto gone = w.api.get<api::Pod>("default", "p");
  CHECK(gone->metadata.deleting());
  CHECK(api::find_condition(*gone->status, "DisruptionTarget")->reason ==
        "DeletionByTaintManager");
}

// pkg/controller/util/node MarkPodsNotReady: a status that could not be written is told of, too, and written by the next pass.
TEST_CASE("a lost node's pod: the event comes even when the write fails") {
  Nodes w(4);
  api::Toleration always;
  always.operator_ = "Exists";
  w.api.put(bound_with(always));
  w.start();
  w.run(20 * kSecond);
  bool refuses = true;
  int refused = 0;
  w.api.intercept = [&](const api::ApiRequest& r) -> Response {
    if (!refuses || r.kind != KindId::kPod || !(r.subresource == "status")) return {};
    ++refused;
    return FakeApiserver::failure(409, "Conflict", "modified");
  };
  w.silent.insert("node-0");
  for (int i = 0; i < 100 && refused == 0; ++i) w.run(kSecond);
  CHECK(refused == 1);
  CHECK(client::is_pod_ready(*w.api.get<api::Pod>("default", "p")));
  const auto told = [&w] {
    int n = 0;
    for (const auto& e : w.api.all<api::Event>())
      if (e->message == "Node is not ready") n += e->count;
    return n;
  };
  CHECK(told() == 1);
  refuses = false;
  w.run(5 * kSecond);
  CHECK_FALSE(client::is_pod_ready(*w.api.get<api::Pod>("default", "p")));
  CHECK(told() == 2);
}

TEST_CASE("node return: taints go, and so does the planned eviction") {
  Nodes w(4);
  api::Toleration t;
  t.operator_ = "Exists";
  t.toleration_seconds = 300;
  w.api.put(bound_with(t));
  w.start();
  w.silent.insert("node-0");
  w.run(80 * kSecond);
  REQUIRE(w.tainted("NoExecute") == 1);
  w.silent.clear();
  w.api.edit<api::Node>("", "node-0", [](api::Node& n) {
    for (auto& c : n.status.edit().conditions.edit())
      c = condition(c.type.c_str(), c.type == "Ready" ? "True" : "False", 1);
  });
  w.run(kSecond);
  CHECK(w.tainted("NoSchedule") == 0);
  w.run(6 * kSecond);
  CHECK(w.tainted("NoExecute") == 0);
  REQUIRE(w.events("TaintManagerEviction").size() == 1);
  CHECK(w.events("TaintManagerEviction")[0] == "Cancelling deletion of Pod default/p");
  w.run(400 * kSecond);
  CHECK_FALSE(w.api.get<api::Pod>("default", "p")->metadata.deleting());
}

TEST_CASE(
    "zone outage: a survivor stops evictions of a small zone; all zones dark stop them "
    "everywhere") {
  struct Row {
    int survivors, expected;
  };
  for (const Row row : {Row{1, 0}, Row{0, 0}, Row{3, 3}}) {
    Nodes w(6);
    w.start();
    w.run(10 * kSecond);
    for (int i = row.survivors; i < 6; ++i) w.silent.insert("node-" + std::to_string(i));
    w.run(100 * kSecond);
    CHECK(w.tainted("NoSchedule") == 6 - row.survivors);
    CHECK(w.tainted("NoExecute") == row.expected);
  }
}

}  // namespace
}  // namespace orrery::test
