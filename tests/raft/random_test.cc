// Random schedules: messages lost, duplicated, reordered, members crashed with their unsynced writes lost.
#include <doctest/doctest.h>

#include "tests/raft/cluster.h"

namespace orrery::raft_test {
namespace {

struct Plan {
  int members = 3;
  int steps = 1500;
  bool membership = false;
  Bugs bugs{};
};

void disturb(Cluster& c, base::RandomStream& r, NodeId id) {
  const std::uint64_t what = r.below(100);
  if (what < 8) {
    c.up(id) ? c.crash(id) : c.restart(id);
  } else if (what < 30) {
    c.restart(id);
  } else if (what < 45) {
    const auto ids = c.ids();
    const NodeId other = ids[r.below(ids.size())];
    c.cut(id, other, r.below(3) == 0);
    c.cut(other, id, r.below(3) == 0);
  } else if (what < 55) {
    c.snapshot(id);
  } else if (what < 60 && c.up(id)) {
    c.raft(id).transfer_leader(1 + r.below(c.ids().size()));
    c.drain(id);
  }
}

void change_membership(Cluster& c, base::RandomStream& r, NodeId id, int members) {
  if (!c.up(id) || !c.raft(id).is_leader()) return;
  const NodeId target = 1 + r.below(static_cast<std::uint64_t>(members) + 1);
  if (target > static_cast<NodeId>(members) && c.ids().back() < target) c.join(target);
  const auto kind = static_cast<ConfChangeKind>(r.below(3));
  if (kind == ConfChangeKind::kRemove && c.raft(id).conf().voters.size() <= 2) return;
  c.raft(id).propose_conf_change(base::make_ref<ConfChange>(kind, target));
  c.drain(id);
}

/// Returns the violations of one seed; "stuck" when a healed cluster does not get on.
std::vector<std::string> run(std::uint64_t seed, const Plan& plan) {
  Config config;
  config.bugs = plan.bugs;
  config.max_append_bytes = 40;
  config.max_inflight = 4;
  Cluster c(plan.members, config, seed);
  base::RandomStream r(base::stream_key(seed, "plan", "raft"));
  std::uint64_t context = 1;
  for (int step = 0; step < plan.steps && c.violations.empty(); ++step) {
    const auto ids = c.ids();
    const NodeId id = ids[r.below(ids.size())];
    const std::uint64_t what = r.below(100);
    if (what < 45 && !c.bag().empty()) {
      const std::size_t i = r.below(3) == 0 ? r.below(c.bag().size()) : 0;
      const std::uint64_t fate = r.below(20);
      if (fate == 0) c.drop(i);
      else c.deliver(i, fate == 1 && c.bag().size() < 50);
    } else if (what < 65) {
      c.sync_one(id);
    } else if (what < 82) {
      c.tick(id);
    } else if (what < 90) {
      c.propose(id, std::to_string(step));
    } else if (what < 94) {
      c.read(id, context++);
    } else if (what < 95 && plan.membership) {
      change_membership(c, r, id, plan.members);
    } else {
      disturb(c, r, id);
    }
  }
  if (!c.violations.empty()) return c.violations;
  for (const NodeId a : c.ids()) {
    for (const NodeId b : c.ids()) c.cut(a, b, false);
  }
  for (const NodeId id : c.ids()) c.restart(id);
  for (int i = 0; i < 150; ++i) {
    for (const NodeId id : c.ids()) c.tick(id);
    c.settle();
  }
  const auto leader = c.leader();
  if (!leader) return {"stuck: no leader"};
  c.propose(*leader, "last");
  c.settle();
  for (const NodeId id : c.raft(*leader).conf().voters) {
    const auto& applied = c.member(id).applied;
    if (applied.empty() || applied != c.member(*leader).applied || applied.back() != "last") {
      return {"stuck: members differ"};
    }
  }
  return c.violations;
}

void all_hold(const Plan& plan, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto violations = run(seed, plan);
    INFO("members ", plan.members, " seed ", seed);
    CHECK_MESSAGE(violations.empty(), violations.front());
  }
}

TEST_CASE("raft: random schedules, 3 members") { all_hold({.members = 3}, 300); }
TEST_CASE("raft: random schedules, 5 members") { all_hold({.members = 5}, 200); }
TEST_CASE("raft: random schedules with membership changes") {
  all_hold({.members = 3, .membership = true}, 200);
}

TEST_CASE("raft: every planted bug is noticed") {
  struct Case {
    const char* name;
    int members;
    Bugs bugs;
  };
  const Case cases[] = {
      {"ack-before-sync", 3, {.ack_before_sync = true}},
      {"commit-alone", 3, {.commit_alone = true}},
      {"vote-not-persisted", 3, {.vote_not_persisted = true}},
      {"vote-without-log-check", 3, {.vote_without_log_check = true}},
      {"read-without-quorum", 3, {.read_without_quorum = true}},
      {"commit-former-terms", 5, {.commit_former_terms = true}},
  };
  for (const Case& each : cases) {
    bool noticed = false;
    for (std::uint64_t seed = 1; seed <= 20'000 && !noticed; ++seed) {
      noticed = !run(seed, {.members = each.members, .bugs = each.bugs}).empty();
    }
    INFO(std::string(each.name));
    CHECK(noticed);
  }
}

}  // namespace
}  // namespace orrery::raft_test
