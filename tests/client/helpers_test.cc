#include <doctest/doctest.h>

#include "control/client/expectations.h"
#include "control/client/owner.h"
#include "control/client/pod_util.h"
#include "control/client/slow_start.h"
#include "control/client/tolerations.h"
#include "model/api/replica_set.h"
#include "model/base/str.h"
#include "model/codec/json_read.h"
#include "tests/client/fake_apiserver.h"

namespace orrery::test {
namespace {

using base::kMinute;
using base::kSecond;
using client::ClaimAction;

constexpr base::Instant kWall{1'735'689'600 * base::kSecond};

TEST_CASE("expectations: unsatisfied until all is seen, the owner is gone, or 5 minutes have passed") {
  client::Expectations e;
  const base::Instant t0{0};
  CHECK(e.satisfied("k", t0));
  e.expect_creations("k", 2, t0);
  e.creation_observed("k");
  CHECK_FALSE(e.satisfied("k", t0));
  CHECK(e.satisfied("other", t0));
  CHECK_FALSE(e.satisfied("k", t0 + 5 * kMinute));
  CHECK(e.satisfied("k", t0 + 5 * kMinute + 1));
  e.creation_observed("k");
  CHECK(e.satisfied("k", t0));
  e.expect_deletions("k", {"a", "b"}, t0);
  e.deletion_observed("k", "a");
  e.deletion_observed("k", "a");
  e.deletion_observed("k", "c");
  CHECK_FALSE(e.satisfied("k", t0));
  e.deletion_observed("k", "b");
  CHECK(e.satisfied("k", t0));
  e.set("k", 1, 1, t0);
  e.deletion_observed("k");
  CHECK_FALSE(e.satisfied("k", t0));
  e.forget("k");
  CHECK(e.satisfied("k", t0));
}

struct Slow {
  FakeProcess process;
  FakeApiserver api{process};
  client::Client client{process.env(), api.config()};
  std::vector<base::Instant> asked;
  std::optional<client::BatchResult> result;
  int done = 0;
  static env::Task<> run(Slow* s, int count) {
    client::BatchRequest request = [](int i) {
      return client::delete_request(KindId::kPod, "default", std::to_string(i));
    };
    client::BatchDone finished = [s](int, const client::BatchAnswer&) { ++s->done; };
    s->result = co_await client::slow_start_batch(s->process.env(), s->client, count, 1, std::move(request),
                                                  std::move(finished));
  }
};

TEST_CASE("slow start: batches double, and stop after the one that failed") {
  struct Row {
    int count, fail_at;
    std::vector<int> batches;
    int successes;
  };
  for (const Row& row : {Row{0, -1, {}, 0}, Row{1, -1, {1}, 1}, Row{10, -1, {1, 2, 4, 3}, 10}, Row{10, 0, {1}, 0},
                         Row{10, 2, {1, 2}, 2}, Row{100, 5, {1, 2, 4}, 6}}) {
    Slow s;
    int n = 0;
    std::map<std::int64_t, int> batches;
    s.api.intercept = [&](const api::ApiRequest&) {
      ++batches[s.process.time.now().ns];
      if (n++ == row.fail_at) return FakeApiserver::failure(403, "Forbidden", "quota");
      return base::make_ref<api::ApiResponse>();
    };
    env::TaskScope tasks(s.process.trampoline);
    tasks.spawn(Slow::run(&s, row.count));
    s.process.time.run_for(kSecond);
    REQUIRE(s.result.has_value());
    std::vector<int> sizes;
    for (const auto& [at, size] : batches) sizes.push_back(size);
    CHECK(sizes == row.batches);
    CHECK(s.result->successes == row.successes);
    CHECK(s.result->first_error.has_value() == (row.fail_at >= 0));
    CHECK(s.done == s.result->attempts);
  }
}

TEST_CASE("slow start: nothing is called once the task is gone") {
  Slow s;
  {
    env::TaskScope tasks(s.process.trampoline);
    tasks.spawn(Slow::run(&s, 3));
  }
  s.process.time.run_for(kSecond);
  CHECK(s.done == 0);
}

api::ObjectMeta meta(const char* ns, const char* owner_uid, bool deleting) {
  api::ObjectMeta m;
  m.namespace_ = ns;
  m.uid = "its-uid";
  if (*owner_uid) {
    api::OwnerReference ref;
    ref.uid = owner_uid;
    ref.controller = true;
    m.owner_references.push_back(ref);
  }
  if (deleting) m.deletion_timestamp = api::Time(1);
  return m;
}

TEST_CASE("who may claim what") {
  struct Row {
    const char *ns, *owner;
    bool owner_deleting, deleting, matches;
    ClaimAction action;
  };
  for (const Row& r : {Row{"n", "me", false, false, true, ClaimAction::kKeep},
                       Row{"n", "me", false, false, false, ClaimAction::kRelease},
                       Row{"n", "me", true, false, false, ClaimAction::kIgnore},
                       Row{"n", "me", true, false, true, ClaimAction::kKeep},
                       Row{"n", "me", false, true, true, ClaimAction::kKeep},
                       Row{"n", "other", false, false, true, ClaimAction::kIgnore},
                       Row{"n", "", false, false, true, ClaimAction::kAdopt},
                       Row{"n", "", false, false, false, ClaimAction::kIgnore},
                       Row{"n", "", true, false, true, ClaimAction::kIgnore},
                       Row{"n", "", false, true, true, ClaimAction::kIgnore},
                       Row{"m", "", false, false, true, ClaimAction::kIgnore}}) {
    api::ObjectMeta owner = meta("n", "", r.owner_deleting);
    owner.uid = "me";
    CHECK(client::claim_action(owner, meta(r.ns, r.owner, r.deleting), r.matches) == r.action);
  }
}

struct Claim {
  FakeProcess process;
  FakeApiserver api{process};
  client::Client client{process.env(), api.config()};
  std::optional<client::ClaimResult> result;
  static env::Task<> run(Claim* c, ObjectRef owner, std::vector<ObjectRef> candidates) {
    c->result = co_await client::claim(
        c->client, owner, client::selector_of(owner->as<api::ReplicaSet>().spec->selector), candidates);
  }
};

TEST_CASE("claiming adopts after a fresh look at the owner, and releases what no longer matches") {
  for (const bool gone : {false, true}) {
    Claim c;
    api::ReplicaSet rs;
    rs.metadata.namespace_ = "default";
    rs.metadata.name = "rs";
    api::LabelSelector selector;
    selector.match_labels.set("app", "web");
    rs.spec.edit().selector = selector;
    c.api.put(rs);
    const auto owner = c.api.get<api::ReplicaSet>("default", "rs");
    for (const char* name : {"mine", "orphan", "strayed"}) {
      api::Pod p;
      p.metadata.namespace_ = "default";
      p.metadata.name = name;
      p.metadata.labels.set("app", std::string_view(name) == "strayed" ? "db" : "web");
      if (std::string_view(name) != "orphan") p.metadata.owner_references.push_back(client::controller_reference(*owner.object()));
      c.api.put(p);
    }
    std::vector<ObjectRef> candidates;
    for (const auto& p : c.api.all<api::Pod>()) candidates.push_back(p.object());
    if (gone) c.api.edit<api::ReplicaSet>("default", "rs", [](auto& x) { x.metadata.deletion_timestamp = api::Time(1); });
    env::TaskScope tasks(c.process.trampoline);
    tasks.spawn(Claim::run(&c, owner.object(), candidates));
    c.process.time.run_for(kSecond);
    REQUIRE(c.result.has_value());
    CHECK(c.result->claimed.size() == (gone ? 1 : 2));
    CHECK(c.result->error.has_value() == gone);
    CHECK(client::controlled_by(c.api.get<api::Pod>("default", "orphan")->metadata, owner->metadata.uid) == !gone);
    CHECK(c.api.get<api::Pod>("default", "strayed")->metadata.owner_references.empty());
  }
}

api::Pod ranked(const char* uid, const char* node, const char* phase, int ready_since, int restarts = 0, int created = 0,
                const char* cost = "") {
  api::Pod p;
  p.metadata.uid = uid;
  p.metadata.name = uid;
  if (*cost) p.metadata.annotations.set("controller.kubernetes.io/pod-deletion-cost", Str(cost));
  p.metadata.creation_timestamp = api::Time(kWall.ns / kSecond - created);
  p.spec.edit().node_name = node;
  p.status.edit().phase = phase;
  if (ready_since >= 0) {
    api::PodCondition c;
    c.type = "Ready";
    c.status = "True";
    c.last_transition_time = api::Time(kWall.ns / kSecond - ready_since);
    p.status.edit().conditions.push_back(c);
  }
  api::ContainerStatus s;
  s.restart_count = restarts;
  p.status.edit().container_statuses.push_back(s);
  return p;
}

TEST_CASE("each pod is deleted before the next") {
  const std::vector<std::pair<api::Pod, int>> order = {
      {ranked("unassigned", "", "Pending", -1), 0},
      {ranked("pending", "n", "Pending", -1), 0},
      {ranked("unknown", "n", "Unknown", -1), 0},
      {ranked("running", "n", "Running", -1), 0},
      {ranked("cheap", "n", "Running", 100, 0, 0, "-10"), 0},
      {ranked("crowded", "n", "Running", 100), 5},
      {ranked("shared", "n", "Running", 100), 2},
      {ranked("fresh", "n", "Running", 10), 1},
      {ranked("restarted", "n", "Running", 1000, 7), 1},
      {ranked("young", "n", "Running", 1000, 3, 1100), 1},
      {ranked("old", "n", "Running", 1000, 3, 9000), 1},
      {ranked("dear", "n", "Running", 1, 9, 1, "10"), 9},
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const client::RankedPod a{client::PodHandle(api::make_object(order[i].first)), order[i].second};
      const client::RankedPod b{client::PodHandle(api::make_object(order[j].first)), order[j].second};
      CAPTURE(i);
      CAPTURE(j);
      CHECK(client::delete_before(a, b, kWall));
      CHECK_FALSE(client::delete_before(b, a, kWall));
    }
  }
}

TEST_CASE("ages of one power of two are equal: then the uid decides") {
  const client::RankedPod a{client::PodHandle(api::make_object(ranked("a", "n", "Running", 600))), 1};
  const client::RankedPod b{client::PodHandle(api::make_object(ranked("b", "n", "Running", 700))), 1};
  CHECK(client::delete_before(a, b, kWall));
  CHECK_FALSE(client::delete_before(b, a, kWall));
}

TEST_CASE("availability counts from the transition to ready, and not at the instant itself") {
  const api::Pod p = ranked("a", "n", "Running", 10);
  CHECK(client::is_pod_ready(p));
  CHECK(client::is_pod_available(p, 0, kWall));
  CHECK(client::is_pod_available(p, 9, kWall));
  CHECK_FALSE(client::is_pod_available(p, 10, kWall));
  CHECK(client::is_pod_available(p, 10, kWall + 1));
  CHECK_FALSE(client::is_pod_available(ranked("a", "n", "Running", -1), 0, kWall));
}

TEST_CASE("a condition's transition time moves with its status only") {
  api::PodStatus status;
  api::PodCondition c;
  c.type = "Ready";
  c.status = "False";
  c.reason = "A";
  CHECK(client::set_condition(status, c, api::Time(10)));
  CHECK_FALSE(client::set_condition(status, c, api::Time(20)));
  c.reason = "B";
  CHECK(client::set_condition(status, c, api::Time(30)));
  CHECK(api::find_condition(status, "Ready")->last_transition_time == api::Time(10));
  c.status = "True";
  CHECK(client::set_condition(status, c, api::Time(40)));
  CHECK(api::find_condition(status, "Ready")->last_transition_time == api::Time(40));
  CHECK(status.conditions.size() == 1);
}

TEST_CASE("tolerations") {
  struct Row {
    const char *key, *op, *value, *effect;
    bool covers;
  };
  api::Taint taint;
  taint.key = "k";
  taint.value = "v";
  taint.effect = "NoExecute";
  for (const Row& r : {Row{"k", "Equal", "v", "NoExecute", true}, Row{"k", "", "v", "", true},
                       Row{"k", "Exists", "", "", true}, Row{"", "Exists", "", "", true},
                       Row{"k", "Equal", "w", "", false}, Row{"k", "Exists", "", "NoSchedule", false},
                       Row{"j", "Exists", "", "", false}, Row{"k", "In", "v", "", false}}) {
    api::Toleration t;
    t.key = r.key;
    t.operator_ = r.op;
    t.value = r.value;
    t.effect = r.effect;
    CHECK(client::tolerates(t, taint) == r.covers);
  }
}

/// A template as the recorded driver made it: `metadata` and `spec` hold what differs from one to another.
api::PodTemplateSpec recorded_template(const char* metadata, const char* cpu, const char* spec) {
  const std::string json = base::cat(
      R"({"metadata":{"creationTimestamp":null,)", metadata,
      R"(},"spec":{"containers":[{"image":"app:v1","imagePullPolicy":"IfNotPresent","name":"c","resources":)",
      R"({"requests":{"cpu":")", cpu, R"(","memory":"64Mi"}},"terminationMessagePath":"/dev/termination-log",)",
      R"("terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always",)",
      R"("schedulerName":"default-scheduler","securityContext":{},"terminationGracePeriodSeconds":30,)", spec, "}}");
  auto t = codec::from_json<api::PodTemplateSpec>(json);
  REQUIRE(t.ok());
  return *t;
}

TEST_CASE("hashes: those that a real control plane gave to these templates") {
  const std::string spread =
      R"("nodeSelector":{"grp":"gen"},"topologySpreadConstraints":[{"labelSelector":{"matchLabels":{"app":")";
  const char* const rest = R"("}},"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"ScheduleAnyway"}])";
  struct Case {
    const char *hash, *metadata, *cpu;
    std::string spec;
  };
  const Case cases[] = {
      {"6bbdcdcf4",
       R"("annotations":{"fake/ready-delay":"3s","fake/term-delay":"4s"},"labels":{"app":"web"})", "100m",
       R"("nodeSelector":{"grp":"gen"})"},
      {"54cddd559d", R"("labels":{"app":"agent"})", "100m", R"("nodeSelector":{"grp":"gen"})"},
      {"768c44955f", R"("labels":{"app":"burst"})", "2",
       R"("nodeSelector":{"grp":"pre"},"priorityClassName":"high")"},
      {"bd8f9d886", R"("labels":{"app":"web"})", "100m", base::cat(spread, "web", rest)},
      {"8f469544b", R"("labels":{"app":"fast"})", "100m",
       base::cat(spread, "fast", rest,
                 R"(,"tolerations":[{"effect":"NoExecute","key":"node.kubernetes.io/unreachable","operator":)",
                 R"("Exists","tolerationSeconds":30},{"effect":"NoExecute","key":"node.kubernetes.io/not-ready",)",
                 R"("operator":"Exists","tolerationSeconds":30}])")},
  };
  for (const Case& c : cases)
    CHECK(client::template_hash(recorded_template(c.metadata, c.cpu, c.spec.c_str()), std::nullopt) == c.hash);
}

TEST_CASE("hashes: known values of Fowler-Noll-Vo") {
  CHECK(client::fnv32("a") == 0x050c5d7eu);
  CHECK(client::fnv32a("a") == 0xe40c292cu);
  CHECK(client::fnv32a("foobar") == 0xbf9cf968u);
  api::PodTemplateSpec t;
  const Str plain = client::template_hash(t, std::nullopt);
  CHECK_FALSE(plain == client::template_hash(t, 0));
  t.metadata.labels.set("a", "b");
  CHECK_FALSE(plain == client::template_hash(t, std::nullopt));
}

}  // namespace
}  // namespace orrery::test
