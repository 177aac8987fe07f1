// Random faults on a store cluster; ORRERY_SEEDS sets the number of seeds.
#include <doctest/doctest.h>

#include "tests/seeds.h"
#include "tests/store/cluster.h"

namespace orrery::store_test {
namespace {

/// One random fault of the kinds that a store must survive.
sim::Fault draw_fault(base::RandomStream& r, base::Instant at) {
  sim::Fault f;
  f.at = at;
  const std::string machine = host(1 + static_cast<int>(r.below(3)));
  f.target = machine + "/etcd";
  f.duration = static_cast<base::Nanos>(500 + r.below(4000)) * kMillisecond;
  switch (r.below(12)) {
    case 0: f.kind = sim::FaultKind::kProcessKill; break;
    case 1:
      f.kind = sim::FaultKind::kProcessKillAtEffect;
      f.value = 1 + static_cast<std::int64_t>(r.below(60));
      f.value2 = static_cast<std::int64_t>(r.below(8));
      break;
    case 2:
    case 3:
      f.kind = sim::FaultKind::kMachinePowerOff;
      f.target = machine;
      break;
    case 4:
      f.kind = sim::FaultKind::kNetworkPartition;
      f.target = machine;
      f.value = r.below(2) == 0;
      break;
    case 5:
      f.kind = sim::FaultKind::kNetworkLoss;
      f.target = machine;
      f.value = 200'000;
      break;
    case 6:
      f.kind = sim::FaultKind::kNetworkReorder;
      f.target = machine;
      f.value = 300'000;
      f.value2 = 50 * kMillisecond;
      break;
    case 7:
      f.kind = sim::FaultKind::kDiskFull;
      f.target = machine;
      break;
    case 8:
      f.kind = sim::FaultKind::kNetworkDuplicate;
      f.target = machine;
      f.value = 300'000;
      break;
    case 9:
      f.kind = sim::FaultKind::kDiskSlow;
      f.target = machine;
      f.value = 5000;
      break;
    case 10:
      f.kind = sim::FaultKind::kDiskSyncError;
      f.target = machine;
      break;
    default:
      f.kind = sim::FaultKind::kDiskTorn;
      f.target = machine;
      break;
  }
  return f;
}

/// Everything loses power at once, again and again: what only most members would remember shows.
sim::Fault blackout(base::Instant at) {
  sim::Fault f;
  f.at = at;
  f.kind = sim::FaultKind::kMachinePowerOff;
  f.target = "master-*";
  f.duration = kSecond;
  return f;
}

std::vector<std::string> run(std::uint64_t seed, std::vector<env::Site> planted = {}) {
  Cluster c({.seed = seed, .planted = planted, .clients = 4, .change = nullptr});
  base::RandomStream r = c.world.stream("plan", "store");
  sim::FaultPlan plan;
  for (base::Instant at{5 * kSecond}; at < base::Instant{50 * kSecond};
       at = at + static_cast<base::Nanos>(300 + r.below(3000)) * kMillisecond) {
    plan.push_back(draw_fault(r, at));
    if (r.below(8) == 0) plan.push_back(blackout(at + 200 * kMillisecond));
  }
  REQUIRE(c.faults.schedule(plan).ok());
  c.world.run_until(base::Instant{58 * kSecond});
  c.faults.heal_all();
  c.world.run_until(base::Instant{75 * kSecond});
  const std::size_t before = c.judge.acknowledged;
  c.world.run_until(base::Instant{80 * kSecond});
  std::vector<std::string> out = c.verdict();
  if (!planted.empty()) return out;
  for (int i = 1; i <= 3; ++i) {
    if (!c.member(i) || !c.member(i)->serving())
      out.push_back("member " + std::to_string(i) + " does not serve");
  }
  if (c.judge.acknowledged < before + 20) out.push_back("writes do not resume");
  if (c.judge.reads < 50 || c.judge.hashes < 20) out.push_back("too little was checked");
  return out;
}

TEST_CASE("store cluster: a quiet run") {
  Cluster c({.seed = 1, .planted = {}, .clients = 4, .change = nullptr});
  c.world.run_until(base::Instant{20 * kSecond});
  CHECK(c.leader() != 0);
  CHECK(c.verdict().empty());
  CHECK(c.judge.acknowledged > 300);
  CHECK(c.judge.unknown == 0);
  CHECK(c.judge.hashes > 100);
  for (const sim::ProcessId id : c.clients)
    CHECK(static_cast<Client*>(c.world.component(id))->events > 100);
}

TEST_CASE("store cluster: random faults") {
  for (std::uint64_t seed = 1; seed <= test::seeds(10); ++seed) {
    const auto violations = run(seed);
    INFO("seed ", seed);
    CHECK_MESSAGE(violations.empty(), violations.front());
  }
}

TEST_CASE("store cluster: seeds that found something") {
  // 127: a member died between a received snapshot and the mark of its log, and its log had a gap from then on.
  for (const std::uint64_t seed : {127}) {
    INFO("seed ", seed);
    CHECK(run(seed) == std::vector<std::string>());
  }
}

TEST_CASE("store cluster: a forwarded write that the network doubles is carried out once") {
  Cluster c({.seed = 1, .planted = {}, .clients = 0, .change = nullptr});
  c.world.run_until(base::Instant{5 * kSecond});
  REQUIRE(c.leader() != 0);
  sim::Fault twice;
  twice.at = base::Instant{5 * kSecond};
  twice.kind = sim::FaultKind::kNetworkDuplicate;
  twice.target = host(static_cast<int>(c.leader()));
  twice.value = 1'000'000;
  REQUIRE(c.faults.schedule({twice}).ok());
  c.world.run_for(kSecond);
  const int follower = static_cast<int>(c.leader()) % 3 + 1;
  Revision last = 0;
  for (int i = 0; i < 20; ++i) {
    auto request = base::make_ref<TxnRequest>();
    request->then.push_back(put_op("/k", text_value(std::to_string(i))));
    const auto reply = c.txn(follower, std::move(request));
    REQUIRE(reply.ok());
    if (i > 0) CHECK((*reply)->revision == last + 1);
    last = (*reply)->revision;
    c.world.run_for(kSecond);
  }
}

TEST_CASE("store cluster: every planted bug is noticed") {
  const env::Site sites[] = {env::Site::kAckBeforeSync,       env::Site::kStaleRead,
                             env::Site::kRevisionReused,      env::Site::kApplyDivergence,
                             env::Site::kWatchDropsOnCompact, env::Site::kVoteNotPersisted,
                             env::Site::kCommitWithoutQuorum};
  for (const env::Site site : sites) {
    std::uint64_t seed = 1;
    while (seed <= 50 && run(seed, {site}).empty()) ++seed;
    INFO(std::string(env::site_name(site)));
    CHECK(seed <= 50);
  }
}

TEST_CASE("store cluster: the same seed runs the same way") {
  const auto digest = [] {
    Cluster c({.seed = 3, .planted = {}, .clients = 4, .change = nullptr});
    c.world.run_until(base::Instant{10 * kSecond});
    return c.world.digest();
  };
  CHECK(digest() == digest());
}

}  // namespace
}  // namespace orrery::store_test
