// What clients of the store see when something is missing: quorum, room, a lease, history.
#include <doctest/doctest.h>

#include "tests/store/cluster.h"

namespace orrery::store_test {
namespace {

ClusterConfig quiet(std::vector<env::Site> planted = {}) {
  return {.seed = 1, .planted = std::move(planted), .clients = 0, .change = nullptr};
}

std::int64_t keys(Cluster& c, int i, const char* key, bool serializable = false) {
  auto r = base::make_ref<RangeRequest>();
  r->key = key;
  r->serializable = serializable;
  const auto answer = c.range(i, std::move(r));
  return answer.ok() ? (*answer)->count : -1;
}

sim::Fault power_off(int i) {
  sim::Fault f;
  f.kind = sim::FaultKind::kMachinePowerOff;
  f.target = host(i);
  return f;
}

TEST_CASE("store: without a quorum writes time out, serializable reads go on, watches end") {
  Cluster c(quiet());
  c.run_for(5 * kSecond);
  REQUIRE(c.put(1, "/a", "1").ok());
  Revision watched = 0;
  std::string closed;
  auto request = base::make_ref<WatchRequest>();
  request->key = "/a";
  request->start_revision = 1;
  const auto watch = c.kv(1).watch(request, {[&](WatchReplyRef r) {
                                               for (const Event& e : r->events) watched = e.kv.mod_revision;
                                             },
                                             [&](base::Error e) { closed = e.message; }});
  c.run_for(kSecond);
  CHECK(watched == 2);
  REQUIRE(c.faults.apply(power_off(2)).ok());
  REQUIRE(c.faults.apply(power_off(3)).ok());
  const base::Instant asked = c.world.now();
  const auto answer = c.put(1, "/a", "2");
  REQUIRE(!answer.ok());
  CHECK(answer.error().message == kErrTimeout);
  CHECK(c.world.now() >= asked + 7 * kSecond);
  CHECK(c.world.now() <= asked + 7200 * kMillisecond);
  CHECK(keys(c, 1, "/a", true) == 1);
  CHECK(keys(c, 1, "/a") == -1);
  CHECK(closed == kErrNoLeader);
  c.faults.heal_all();
  c.run_for(8 * kSecond);
  CHECK(c.put(1, "/a", "3").ok());
  CHECK(keys(c, 2, "/a") == 1);
  CHECK(c.verdict().empty());
}

TEST_CASE("store: leases end on time, not before") {
  struct Case {
    std::vector<env::Site> planted;
    std::int64_t after_3s;
  };
  const Case cases[] = {{{}, 1}, {{env::Site::kLeaseExpiresEarly}, 0}};
  for (const Case& each : cases) {
    Cluster c(quiet(each.planted));
    c.run_for(5 * kSecond);
    const int follower = c.leader() % 3 + 1;
    REQUIRE(c.control(follower, control_request(ControlKind::kLeaseGrant, 7, 4)).ok());
    CHECK(!c.control(follower, control_request(ControlKind::kLeaseGrant, 7, 4)).ok());
    REQUIRE(c.put(follower, "/leased", "x", 7).ok());
    CHECK(c.put(follower, "/leased", "x", 8).error().message == kErrLeaseNotFound);
    c.run_for(3 * kSecond);
    CHECK(keys(c, follower, "/leased") == each.after_3s);
    if (each.after_3s == 0) continue;
    const auto kept = c.control(follower, control_request(ControlKind::kLeaseKeepAlive, 7));
    REQUIRE(kept.ok());
    CHECK((*kept)->ttl_seconds == 4);
    c.run_for(3 * kSecond);
    CHECK(keys(c, follower, "/leased") == 1);
    c.run_for(1500 * kMillisecond);
    CHECK(keys(c, follower, "/leased") == 0);
    CHECK(!c.control(follower, control_request(ControlKind::kLeaseKeepAlive, 7)).ok());
    CHECK(c.verdict().empty());
  }
}

TEST_CASE("store: the quota raises the alarm, room and a clear end it") {
  ClusterConfig config = quiet();
  config.change = [](MemberConfig& m) { m.quota_bytes = 20'000; };
  Cluster c(std::move(config));
  c.run_for(5 * kSecond);
  int written = 0;
  base::Result<TxnReplyRef> answer = c.put(1, "/big", std::string(1000, 'x'));
  while (answer.ok() && written < 100) {
    ++written;
    answer = c.put(1, "/big", std::string(1000, 'x'));
  }
  REQUIRE(!answer.ok());
  CHECK(answer.error().message == kErrNoSpace);
  CHECK(written > 10);
  c.run_for(kSecond);
  CHECK(c.put(2, "/small", "x").error().message == kErrNoSpace);
  CHECK(keys(c, 2, "/big") == 1);
  REQUIRE(
      c.control(1, control_request(ControlKind::kCompact, 0, c.member(1)->state().mvcc().revision())).ok());
  CHECK(c.put(1, "/small", "x").error().message == kErrNoSpace);
  REQUIRE(c.control(1, control_request(ControlKind::kAlarmClear)).ok());
  CHECK(c.put(1, "/small", "x").ok());
  CHECK(c.verdict().empty());
}

TEST_CASE("store: a full disk refuses writes and gives leadership away") {
  Cluster c(quiet());
  c.run_for(5 * kSecond);
  const int old = c.leader();
  sim::Fault full;
  full.kind = sim::FaultKind::kDiskFull;
  full.target = host(old);
  full.duration = 20 * kSecond;
  REQUIRE(c.faults.apply(full).ok());
  CHECK(c.put(old % 3 + 1, "/a", "1").ok());
  c.run_for(3 * kSecond);
  CHECK(c.leader() != old);
  CHECK(c.put(old, "/a", "2").error().message == kErrNoSpace);
  CHECK(c.put(old % 3 + 1, "/a", "3").ok());
  c.run_for(20 * kSecond);
  CHECK(c.put(old, "/a", "4").ok());
  CHECK(c.verdict().empty());
}

TEST_CASE("store: a lost member catches up by snapshot; membership changes") {
  Cluster c(quiet());
  c.run_for(5 * kSecond);
  const int lost = c.leader() % 3 + 1;
  const int other = lost % 3 + 1;
  REQUIRE(c.faults.apply(power_off(lost)).ok());
  for (int i = 0; i < 200; ++i) REQUIRE(c.put(other, i % 2 ? "/a" : "/b", std::to_string(i)).ok());
  c.faults.heal_all();
  c.run_for(10 * kSecond);
  REQUIRE(c.member(lost)->serving());
  CHECK(c.member(lost)->raft().log().compacted() > 100);
  CHECK(c.member(lost)->state().hash() == c.member(other)->state().hash());
  CHECK(keys(c, lost, "/a") == 1);

  c.join(4);
  auto add = base::make_ref<ControlRequest>();
  add->kind = ControlKind::kAddLearner;
  add->id = 4;
  add->host = Str(host(4));
  REQUIRE(c.control(other, add).ok());
  c.run_for(5 * kSecond);
  CHECK(c.member(4)->state().hash() == c.member(other)->state().hash());
  REQUIRE(c.control(other, control_request(ControlKind::kAddVoter, 4)).ok());
  REQUIRE(c.control(other, control_request(ControlKind::kRemoveMember, c.leader())).ok());
  c.run_for(10 * kSecond);
  REQUIRE(c.leader() != 0);
  const auto status = c.control(4, control_request(ControlKind::kStatus));
  REQUIRE(status.ok());
  CHECK((*status)->voters.size() == 3);
  CHECK((*status)->leader == static_cast<std::uint64_t>(c.leader()));
  CHECK(c.put(4, "/a", "new").ok());
  CHECK(c.verdict().empty());
}

TEST_CASE("store: history is there until it is compacted") {
  Cluster c(quiet());
  c.run_for(5 * kSecond);
  for (int i = 0; i < 10; ++i) REQUIRE(c.put(1, "/a", std::to_string(i)).ok());
  REQUIRE(c.control(1, control_request(ControlKind::kCompact, 0, 6)).ok());
  struct Case {
    Revision start;
    std::size_t events;
    const char* closed;
  };
  const Case cases[] = {{3, 0, kErrCompacted}, {7, 5, ""}, {11, 1, ""}, {0, 0, ""}, {20, 0, ""}};
  for (const Case& each : cases) {
    std::size_t events = 0;
    std::string closed;
    auto request = base::make_ref<WatchRequest>();
    request->key = "/";
    request->end = prefix_end("/");
    request->start_revision = each.start;
    const auto watch = c.kv(1).watch(request, {[&](WatchReplyRef r) { events += r->events.size(); },
                                               [&](base::Error e) { closed = e.message; }});
    c.run_for(kSecond);
    INFO("from revision ", each.start);
    CHECK(events == each.events);
    CHECK(closed == each.closed);
  }
  CHECK(!c.range(1, range_request("/a", {}, 5)).ok());
  CHECK((*c.range(1, range_request("/a", {}, 8)))->kvs[0].mod_revision == 8);
  CHECK(!c.control(1, control_request(ControlKind::kCompact, 0, 100)).ok());
  CHECK(c.put(1, "/a", std::string(kMaxRequestBytes, 'x')).error().message == kErrTooLarge);
}

TEST_CASE("store: a damaged disk is refused") {
  Cluster c(quiet());
  c.run_for(5 * kSecond);
  for (int i = 0; i < 5; ++i) REQUIRE(c.put(1, "/a", std::to_string(i)).ok());
  const int victim = c.leader() % 3 + 1;
  sim::Fault rot;
  rot.kind = sim::FaultKind::kDiskBitRot;
  rot.target = host(victim) + "/etcd";
  rot.value = 100;
  REQUIRE(c.faults.apply(rot).ok());
  sim::Fault kill;
  kill.kind = sim::FaultKind::kProcessKill;
  kill.target = rot.target;
  REQUIRE(c.faults.apply(kill).ok());
  c.run_for(5 * kSecond);
  CHECK((c.member(victim) == nullptr || !c.member(victim)->serving()));
  REQUIRE(!c.judge.logged.empty());
  CHECK(c.judge.logged.back().find("checksum mismatch") != std::string::npos);
  CHECK(c.put(victim % 3 + 1, "/a", "x").ok());
}

}  // namespace
}  // namespace orrery::store_test
