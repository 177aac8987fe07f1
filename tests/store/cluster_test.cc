// Three members on the simulated world under faults, with clients that write and read; judged by what the members and
// clients recorded: linearizability with the revision as witness order, one history for all members, nothing acknowledged
// lost. ORRERY_SEEDS sets the number of seeds.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "control/store/member.h"
#include "control/store/remote_kv.h"
#include "model/history/record.h"
#include "sim/faults/fault_executor.h"
#include "sim/world/machine.h"
#include "sim/world/trace_sink.h"

namespace orrery::store {
namespace {

using base::kMillisecond;
using base::kSecond;

/// Judges records as they come.
class Judge final : public sim::TraceSink {
 public:
  bool recording() const override { return true; }
  bool logs(env::LogLevel level) const override { return level >= env::LogLevel::kWarning; }
  void log(base::Instant, const env::Process& p, env::LogLevel, std::string_view line) override {
    logged.push_back(base::cat(p.machine(), ": ", line));
  }
  void record(base::Instant now, const env::Process&, const history::Record& r) override {
    using history::RecordKind;
    if (r.kind == RecordKind::kStoreCommit) commit(now, static_cast<const history::StoreCommit&>(r));
    else if (r.kind == RecordKind::kStoreOp) op(now, static_cast<const history::StoreOp&>(r));
    else if (r.kind == RecordKind::kStoreRead) read(now, static_cast<const history::StoreRead&>(r));
    else if (r.kind == RecordKind::kRaftState) raft_state(static_cast<const history::RaftState&>(r));
    else if (r.kind == RecordKind::kRaftApply) raft_apply(static_cast<const history::RaftApply&>(r));
    else if (r.kind == RecordKind::kStoreHash) hash(static_cast<const history::StoreHash&>(r));
  }
  /// At the end: every acknowledged write is in the history that the members agreed on.
  void finish() {
    for (const auto& [id, revision] : acknowledged_) {
      const auto it = by_request_.find(id);
      if (it == by_request_.end() || it->second != revision) fail("S2: an acknowledged write is not in the history");
    }
  }
  std::vector<std::string> violations, logged;
  std::size_t acknowledged = 0, unknown = 0, reads = 0, hashes = 0;

 private:
  struct Commit {
    std::uint64_t index, hash, request;
    base::Instant first;  // when a member first applied it
  };
  void fail(std::string what) { if (violations.size() < 20) violations.push_back(std::move(what)); }

  void commit(base::Instant now, const history::StoreCommit& c) {
    std::uint64_t h = 0;
    for (const auto& op : c.ops) h = base::combine64(base::combine64(h, base::hash_bytes(op.key)), op.value ? op.value->encoded_size() + 1 : 0);
    const auto [it, fresh] = commits_.try_emplace(c.revision, Commit{c.raft_index, h, c.request_id, now});
    if (!fresh && (it->second.index != c.raft_index || it->second.hash != h)) {
      fail("S3/S5: revision " + std::to_string(c.revision) + " differs between members or was used twice");
    }
    if (!fresh) return;
    if (!by_request_.emplace(c.request_id, c.revision).second) fail("S1: a request was applied twice");
    for (const auto& op : c.ops) keys_[op.key.str()].emplace_back(c.revision, op.value ? c.revision : 0);
  }
  void op(base::Instant now, const history::StoreOp& o) {
    using Phase = history::StoreOp::Phase;
    if (o.phase == Phase::kInvoked) {
      invoked_[o.request_id] = {now, floor_};
      return;
    }
    if (o.phase == Phase::kUnknown) ++unknown;
    if (o.phase == Phase::kFailed && by_request_.count(o.request_id)) fail("S1: a failed write took effect");
    if (o.phase != Phase::kOk) return;
    ++acknowledged;
    if (o.revision < invoked_[o.request_id].second) fail("S1: a later transaction saw an older store");
    floor_ = std::max(floor_, o.revision);
    if (by_request_.count(o.request_id)) acknowledged_[o.request_id] = o.revision;
  }
  /// A linearizable read must see at least what was acknowledged before it was asked, and the keys as they were then.
  void read(base::Instant now, const history::StoreRead& r) {
    ++reads;
    if (!r.serializable) {
      const base::Instant asked = now - r.took;
      Revision known = 0;
      for (const auto& [at, revision] : floors_) {
        if (at < asked) known = revision;
      }
      if (r.revision < known) fail("S1: stale read");
      floor_ = std::max(floor_, r.revision);
    }
    std::uint64_t h = 0;
    for (const auto& [key, versions] : keys_) {
      if (!in_range(key, r.key, r.end)) continue;
      Revision mod = 0;
      for (const auto& [revision, value] : versions) {
        if (revision <= r.revision) mod = value;
      }
      if (mod == 0) continue;
      h = base::combine64(h, base::hash_bytes(key));
      h = base::combine64(h, static_cast<std::uint64_t>(mod));
    }
    if (h != r.result_hash) fail("S1: a read does not equal the store at its revision");
    floors_.emplace_back(now, floor_);
  }
  void raft_state(const history::RaftState& s) {
    if (s.role == history::RaftState::Role::kLeader) {
      const auto [it, fresh] = leaders_.emplace(s.term, s.member);
      if (!fresh && it->second != s.member) fail("S4: two leaders in term " + std::to_string(s.term));
    }
    std::uint64_t& term = terms_[s.member];
    if (s.term < term) fail("S4: the term of a member went back");
    term = std::max(term, s.term);
  }
  void raft_apply(const history::RaftApply& a) {
    const auto value = std::make_pair(a.term, a.payload_hash);
    const auto [it, fresh] = applied_.emplace(a.index, value);
    if (!fresh && it->second != value) fail("S4: index " + std::to_string(a.index) + " differs between members");
  }
  void hash(const history::StoreHash& h) {
    ++hashes;
    const auto [it, fresh] = hashes_.emplace(h.applied_index, h.hash);
    if (!fresh && it->second != h.hash) fail("S5: key spaces differ at index " + std::to_string(h.applied_index));
  }

  std::map<Revision, Commit> commits_;
  std::map<std::uint64_t, Revision> by_request_, acknowledged_;
  std::map<std::string, std::vector<std::pair<Revision, Revision>>> keys_;  // (revision, mod revision or 0)
  std::map<std::uint64_t, std::pair<base::Instant, Revision>> invoked_;
  std::vector<std::pair<base::Instant, Revision>> floors_;
  Revision floor_ = 0;  // highest revision any client has seen
  std::map<std::uint64_t, std::uint64_t> leaders_, terms_, hashes_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> applied_;
};

std::string host(int i) { return "master-" + std::to_string(i); }

MemberConfig member_config(int id) {
  MemberConfig c;
  c.id = static_cast<raft::NodeId>(id);
  for (int i = 1; i <= 3; ++i) c.members.push_back({static_cast<raft::NodeId>(i), Str(host(i))});
  c.snapshot_count = 60;
  c.catch_up_entries = 20;
  c.segment_bytes = 16 << 10;
  c.hash_every = 7;
  return c;
}

class MemberProcess final : public env::Component {
 public:
  MemberProcess(env::Environment& env, MemberConfig config) : member(env, std::move(config)) { member.start(); }
  Member member;
};

/// Writes and reads a few keys, one operation at a time, and watches them.
class Client final : public env::Component {
 public:
  Client(env::Environment& env, int local, int id)
      : env_(env), kv_(env, {endpoints(local)}), random_(env.random.stream("client")), id_(id) {
    next();
    watch();
  }
  static std::vector<env::Address> endpoints(int local) {
    std::vector<env::Address> out;
    for (int i = 0; i < 3; ++i) out.push_back({Str(host((local - 1 + i) % 3 + 1)), 2379});
    return out;
  }
  std::vector<std::string> violations;
  std::size_t events = 0;

 private:
  void next() {
    env_.timers.after(static_cast<base::Nanos>(random_.below(60)) * kMillisecond, [this] { act(); });
  }
  Str key(std::uint64_t n) { return Str("/k/" + std::to_string(n)); }
  void act() {
    const std::uint64_t what = random_.below(10);
    const Str k = key(random_.below(6));
    if (what < 3) {
      auto r = base::make_ref<RangeRequest>();
      r->key = what == 0 ? Str("/k/") : k;
      if (what == 0) r->end = prefix_end("/k/");
      kv_.range(std::move(r), [this, k](base::Result<RangeReplyRef> answer) {
        if (answer.ok()) {
          for (const KeyValue& kv : (*answer)->kvs) seen_[kv.key.str()] = kv.mod_revision;
        }
        next();
      });
      return;
    }
    auto txn = base::make_ref<TxnRequest>();
    if (what < 8) txn->compares.push_back(compare_mod(k, seen_[k.str()]));
    if (what == 9) txn->then.push_back(delete_op(k));
    else txn->then.push_back(put_op(k, text_value(std::string(1 + random_.below(200), 'v'))));
    txn->otherwise.push_back(range_op(k));
    kv_.txn(std::move(txn), [this, k](base::Result<TxnReplyRef> answer) {
      if (answer.ok()) {
        if ((*answer)->succeeded) seen_[k.str()] = (*answer)->revision;
        else seen_[k.str()] = (*answer)->results[0].kvs.empty() ? 0 : (*answer)->results[0].kvs[0].mod_revision;
        if (id_ == 1 && (*answer)->revision % 50 == 0) compact((*answer)->revision - 10);
      }
      next();
    });
  }
  void compact(Revision revision) {
    kv_.control(control_request(ControlKind::kCompact, 0, revision), [](base::Result<ControlReplyRef>) {});
  }
  /// Checks W1 to W5 as a client can: ascending, nothing twice, no change of a key missed.
  void watch() {
    auto r = base::make_ref<WatchRequest>();
    r->key = "/k/";
    r->end = prefix_end("/k/");
    r->start_revision = watched_ > 0 ? watched_ + 1 : 0;
    WatchHandlers handlers;
    handlers.on_reply = [this](WatchReplyRef reply) {
      if (reply->created && watched_ == 0) watched_ = reply->revision;
      for (const Event& e : reply->events) on_event(e);
      if (!reply->created) watched_ = std::max(watched_, reply->revision);
    };
    handlers.on_closed = [this](base::Error why) {
      if (why.code == base::ErrorCode::kInvalid) {  // compacted: begin anew
        watched_ = 0;
        latest_.clear();
      }
      env_.timers.after(200 * kMillisecond, [this] { watch(); });
    };
    watch_ = kv_.watch(std::move(r), std::move(handlers));
  }
  void on_event(const Event& e) {
    ++events;
    if (e.kv.mod_revision <= watched_) violations.push_back("W1/W2: an event again or out of order");
    Revision& latest = latest_[e.kv.key.str()];
    if (latest != 0 && e.previous_mod_revision != 0 && e.previous_mod_revision != latest) {
      violations.push_back("W3: a change was missed");
    }
    latest = e.kv.mod_revision;
  }

  env::Environment& env_;
  RemoteKv kv_;
  base::RandomStream random_;
  int id_;
  std::map<std::string, Revision> seen_, latest_;
  Revision watched_ = 0;
  std::unique_ptr<Watch> watch_;
};

struct Cluster {
  sim::World world;
  Judge judge;
  sim::FaultExecutor faults{world};
  std::vector<sim::ProcessId> members, clients;

  explicit Cluster(std::uint64_t seed, std::vector<env::Site> planted = {}, std::int64_t disk_bytes = 1 << 30)
      : world([&] {
          sim::WorldConfig c;
          c.seed = seed;
          c.planted = std::move(planted);
          return c;
        }()) {
    world.set_trace(&judge);
    for (int i = 1; i <= 3; ++i) {
      sim::MachineConfig m;
      m.name = Str(host(i));
      m.disk.capacity_bytes = disk_bytes;
      const sim::MachineId machine = world.add_machine(std::move(m));
      sim::ProcessConfig p;
      p.name = "etcd";
      p.restart = sim::RestartPolicy::fixed(kSecond);
      p.factory = [i](env::Environment& e) { return std::make_unique<MemberProcess>(e, member_config(i)); };
      members.push_back(world.start_process(machine, std::move(p)));
    }
    for (int i = 1; i <= 4; ++i) {
      sim::MachineConfig m;
      m.name = Str("client-" + std::to_string(i));
      const sim::MachineId machine = world.add_machine(std::move(m));
      sim::ProcessConfig p;
      p.name = "client";
      p.factory = [i](env::Environment& e) { return std::make_unique<Client>(e, i % 3 + 1, i); };
      clients.push_back(world.start_process(machine, std::move(p)));
    }
  }
  Member* member(int i) {
    auto* p = static_cast<MemberProcess*>(world.component(members[static_cast<std::size_t>(i - 1)]));
    return p ? &p->member : nullptr;
  }
  int leader() {
    for (int i = 1; i <= 3; ++i) {
      Member* m = member(i);
      if (m && m->serving() && m->raft().is_leader()) return i;
    }
    return 0;
  }
  std::vector<std::string> verdict() {
    judge.finish();
    std::vector<std::string> out = judge.violations;
    for (const sim::ProcessId id : clients) {
      auto* c = static_cast<Client*>(world.component(id));
      if (c) out.insert(out.end(), c->violations.begin(), c->violations.end());
    }
    return out;
  }
};

/// One random fault of the kinds that a store must survive.
sim::Fault draw_fault(base::RandomStream& r, base::Instant at) {
  sim::Fault f;
  f.at = at;
  const std::string machine = host(1 + static_cast<int>(r.below(3)));
  f.target = machine + "/etcd";
  f.duration = static_cast<base::Nanos>(500 + r.below(4000)) * kMillisecond;
  switch (r.below(10)) {
    case 0: f.kind = sim::FaultKind::kProcessKill; break;
    case 1:
      f.kind = sim::FaultKind::kProcessKillAtEffect;
      f.value = 1 + static_cast<std::int64_t>(r.below(60));
      f.value2 = static_cast<std::int64_t>(r.below(8));
      break;
    case 2:
    case 3: f.kind = sim::FaultKind::kMachinePowerOff; f.target = machine; break;
    case 4: f.kind = sim::FaultKind::kNetworkPartition; f.target = machine; f.value = r.below(2) == 0; break;
    case 5: f.kind = sim::FaultKind::kNetworkLoss; f.target = machine; f.value = 200'000; break;
    case 6:
      f.kind = sim::FaultKind::kNetworkReorder;
      f.target = machine;
      f.value = 300'000;
      f.value2 = 50 * kMillisecond;
      break;
    case 7: f.kind = sim::FaultKind::kDiskFull; f.target = machine; break;
    case 8: f.kind = sim::FaultKind::kDiskSlow; f.target = machine; f.value = 5000; break;
    default: f.kind = sim::FaultKind::kDiskTorn; f.target = machine; break;
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

std::vector<std::string> run(std::uint64_t seed, std::vector<env::Site> planted = {}, Cluster** keep = nullptr) {
  (void)keep;
  Cluster c(seed, std::move(planted));
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
  if (getenv("DBG")) { for (auto& l : c.judge.logged) fprintf(stderr, "%s\n", l.c_str()); for (auto& f : plan) fprintf(stderr, "%s\n", sim::to_json_line(f).c_str());
  for (int i = 1; i <= 3; ++i) { auto* m = c.member(i); fprintf(stderr, "%d: comp %p serving %d starts %u\n", i, (void*)m, m && m->serving(), c.world.starts(c.members[i-1])); } }
  for (int i = 1; i <= 3; ++i) {
    if (!c.member(i) || !c.member(i)->serving()) out.push_back("member " + std::to_string(i) + " does not serve");
  }
  if (c.judge.acknowledged < before + 20) out.push_back("writes do not resume");
  if (c.judge.reads < 50 || c.judge.hashes < 20) out.push_back("too little was checked");
  return out;
}

std::uint64_t seeds() {
  const char* given = std::getenv("ORRERY_SEEDS");
  return given ? std::strtoull(given, nullptr, 10) : 10;
}

TEST_CASE("store cluster: a quiet run") {
  Cluster c(1);
  c.world.run_until(base::Instant{20 * kSecond});
  CHECK(c.leader() != 0);
  CHECK(c.verdict().empty());
  CHECK(c.judge.acknowledged > 300);
  CHECK(c.judge.unknown == 0);
  CHECK(c.judge.hashes > 100);
  for (const sim::ProcessId id : c.clients) CHECK(static_cast<Client*>(c.world.component(id))->events > 100);
}

TEST_CASE("store cluster: random faults") {
  for (std::uint64_t seed = getenv("DBG") ? atoi(getenv("DBG")) : 1; seed <= seeds(); ++seed) {
    const auto violations = run(seed);
    INFO("seed ", seed);
    CHECK_MESSAGE(violations.empty(), violations.front());
  }
}

TEST_CASE("store cluster: the same seed runs the same way") {
  const auto digest = [] {
    Cluster c(3);
    c.world.run_until(base::Instant{10 * kSecond});
    return c.world.digest();
  };
  CHECK(digest() == digest());
}

}  // namespace
}  // namespace orrery::store
