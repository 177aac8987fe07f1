#include "tests/store/cluster.h"

#include "sim/world/machine.h"

namespace orrery::store_test {
namespace {

std::vector<env::Address> endpoints(int local) {
  std::vector<env::Address> out;
  for (int i = 0; i < 3; ++i) out.push_back({Str(host((local - 1 + i) % 3 + 1)), 2379});
  return out;
}

Str key(std::uint64_t n) { return Str("/k/" + std::to_string(n)); }

}  // namespace

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

// ---- clients

Client::Client(env::Environment& env, int local, int id)
    : env_(env), kv_(env, {endpoints(local)}), random_(env.random.stream("client")), id_(id) {
  next();
  watch();
}

void Client::next() {
  env_.timers.after(static_cast<base::Nanos>(random_.below(60)) * kMillisecond, [this] { act(); });
}

void Client::act() {
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
      else
        seen_[k.str()] = (*answer)->results[0].kvs.empty() ? 0 : (*answer)->results[0].kvs[0].mod_revision;
      if (id_ == 1 && (*answer)->revision % 50 == 0) compact((*answer)->revision - 10);
    }
    next();
  });
}

void Client::compact(Revision revision) {
  kv_.control(control_request(ControlKind::kCompact, 0, revision), [](base::Result<ControlReplyRef>) {});
}

/// Checks W1 to W5 as a client can: ascending, nothing twice, no change of a key missed.
void Client::watch() {
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

void Client::on_event(const Event& e) {
  ++events;
  if (e.kv.mod_revision <= watched_) violations.push_back("W1/W2: an event again or out of order");
  Revision& latest = latest_[e.kv.key.str()];
  if (latest != 0 && e.previous_mod_revision != 0 && e.previous_mod_revision != latest) {
    violations.push_back("W3: a change was missed");
  }
  latest = e.kv.mod_revision;
}

// ---- the cluster

Cluster::Cluster(ClusterConfig config)
    : world([&] {
        sim::WorldConfig c;
        c.seed = config.seed;
        c.planted = config.planted;
        return c;
      }()),
      change_(std::move(config.change)) {
  world.set_trace(&judge);
  for (int i = 1; i <= 3; ++i) {
    MemberConfig c = member_config(i);
    if (change_) change_(c);
    add_member(i, std::move(c));
  }
  for (int i = 1; i <= config.clients; ++i) {
    sim::MachineConfig m;
    m.name = Str("client-" + std::to_string(i));
    sim::ProcessConfig p;
    p.name = "client";
    p.factory = [i](env::Environment& e) { return std::make_unique<Client>(e, i % 3 + 1, i); };
    clients.push_back(world.start_process(world.add_machine(std::move(m)), std::move(p)));
  }
}

void Cluster::add_member(int id, MemberConfig config) {
  sim::MachineConfig m;
  m.name = Str(host(id));
  sim::ProcessConfig p;
  p.name = "etcd";
  p.restart = sim::RestartPolicy::fixed(kSecond);
  p.factory = [config](env::Environment& e) { return std::make_unique<MemberProcess>(e, config); };
  members.push_back(world.start_process(world.add_machine(std::move(m)), std::move(p)));
}

void Cluster::join(int id) {
  MemberConfig c = member_config(id);
  c.join = true;
  add_member(id, std::move(c));
}

Member* Cluster::member(int i) {
  auto* p = static_cast<MemberProcess*>(world.component(members[static_cast<std::size_t>(i - 1)]));
  return p ? &p->member : nullptr;
}

int Cluster::leader() {
  for (int i = 1; i <= static_cast<int>(members.size()); ++i) {
    Member* m = member(i);
    if (m && m->serving() && m->raft().is_leader()) return i;
  }
  return 0;
}

std::vector<std::string> Cluster::verdict() {
  judge.finish();
  std::vector<std::string> out = judge.violations;
  for (const sim::ProcessId id : clients) {
    auto* c = static_cast<Client*>(world.component(id));
    if (c) out.insert(out.end(), c->violations.begin(), c->violations.end());
  }
  return out;
}

RemoteKv& Cluster::kv(int i) {
  if (!kvs_.count(i)) {
    sim::MachineConfig m;
    m.name = Str("hand-" + std::to_string(i));
    sim::ProcessConfig p;
    p.name = "client";
    p.factory = [i](env::Environment& e) {
      return std::make_unique<KvProcess>(e, std::vector<env::Address>{{Str(host(i)), 2379}});
    };
    kvs_[i] = world.start_process(world.add_machine(std::move(m)), std::move(p));
    world.run_for(kMillisecond);
  }
  return static_cast<KvProcess*>(world.component(kvs_[i]))->kv;
}

template <class T>
base::Result<T> Cluster::wait(std::optional<base::Result<T>>& answer) {
  for (int i = 0; i < 20'000 && !answer; ++i) world.run_for(kMillisecond);
  if (!answer) return base::Error{base::ErrorCode::kInternal, "no answer at all"};
  return *answer;
}

base::Result<TxnReplyRef> Cluster::txn(int i, base::Ref<TxnRequest> request) {
  std::optional<base::Result<TxnReplyRef>> answer;
  kv(i).txn(std::move(request), [&](base::Result<TxnReplyRef> a) { answer = std::move(a); });
  return wait(answer);
}

base::Result<RangeReplyRef> Cluster::range(int i, base::Ref<const RangeRequest> request) {
  std::optional<base::Result<RangeReplyRef>> answer;
  kv(i).range(std::move(request), [&](base::Result<RangeReplyRef> a) { answer = std::move(a); });
  return wait(answer);
}

base::Result<ControlReplyRef> Cluster::control(int i, base::Ref<const ControlRequest> request) {
  std::optional<base::Result<ControlReplyRef>> answer;
  kv(i).control(std::move(request), [&](base::Result<ControlReplyRef> a) { answer = std::move(a); });
  return wait(answer);
}

base::Result<TxnReplyRef> Cluster::put(int i, const char* k, std::string value, LeaseId lease) {
  auto request = base::make_ref<TxnRequest>();
  request->then.push_back(put_op(k, text_value(std::move(value)), lease));
  return txn(i, std::move(request));
}

}  // namespace orrery::store_test
