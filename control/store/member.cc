#include "control/store/member.h"

#include <algorithm>

#include "model/base/check.h"
#include "model/history/record.h"

namespace orrery::store {
namespace {

// An idle etcd 3.5 (an estimate), and its growth per byte of the versions it holds: from a measured peak of 338 MiB at 5,000
// nodes and 10,000 pods, for which a member here holds 28 MiB (tests/scenarios/memory_factors_test.cc).
constexpr std::int64_t kBaseMemory = std::int64_t{50} << 20;
constexpr std::int64_t kMemoryFactor = 10;
constexpr std::size_t kNumbersKept = 8192;  // some seconds of forwarded proposals

}  // namespace

Member::Member(env::Environment& env, MemberConfig config)
    : env_(env),
      config_(std::move(config)),
      pieces_(state_.mvcc()),
      hub_(env, state_.mvcc()),
      wal_(env, {config_.cluster, config_.id, config_.segment_bytes},
           [this](std::uint64_t n) { on_durable(n); }),
      files_(env, config_.cluster),
      memory_(env.compute, kBaseMemory, kMemoryFactor) {
  ORRERY_CHECK(config_.id != 0, "store member without an id");
  if (env_.faults.here(env::Site::kLeaseExpiresEarly)) state_.lessor().plant_early_expiry();
}

Member::~Member() = default;

raft::Bugs Member::bugs() const {
  raft::Bugs bugs;
  bugs.ack_before_sync = env_.faults.here(env::Site::kAckBeforeSync);
  bugs.commit_alone = env_.faults.here(env::Site::kCommitWithoutQuorum);
  bugs.vote_not_persisted = env_.faults.here(env::Site::kVoteNotPersisted);
  return bugs;
}

// ---- start

/// The newest whole snapshot and the log after it. Refuses when they do not meet.
base::Result<raft::InitialState> Member::recover() {
  auto snapshot = files_.load();
  if (!snapshot.ok()) return snapshot.error();
  auto log = wal_.recover();
  if (!log.ok()) return log.error();
  const auto refuse = [](const char* what) {
    return base::Error{base::ErrorCode::kCorrupt, base::cat("store: ", what)};
  };
  std::vector<raft::NodeId> voters;
  for (const MemberInfo& m : config_.members) voters.push_back(m.id);
  raft::InitialState state =
      config_.join ? raft::InitialState::joining() : raft::InitialState::bootstrap(voters);
  if (*snapshot) {
    if (log->empty) return refuse("there is a snapshot but no log");
    const SnapshotHead& head = *(*snapshot)->head;
    auto meta = base::make_ref<raft::Snapshot>();
    meta->index = head.index;
    meta->term = head.term;
    meta->conf = head.conf;
    state.snapshot = std::move(meta);
    state_.restore(**snapshot, env_.clock.now());
  } else {
    state_.set_members(config_.members);
  }
  if (log->empty) return state;
  const raft::Index base = state.snapshot ? state.snapshot->index : 0;
  const raft::Index end = log->entries.empty() ? log->mark_index : log->entries.back().index;
  unmarked_ = end < base ? state.snapshot : nullptr;
  if (log->mark_index > base) return refuse("the snapshot that the log builds on is lost");
  auto first = std::find_if(log->entries.begin(), log->entries.end(),
                            [base](const raft::Entry& e) { return e.index > base; });
  if (first != log->entries.end() && first->index != base + 1)
    return refuse("entries between snapshot and log are lost");
  state.entries.assign(first, log->entries.end());
  state.hard = log->hard;
  if (env_.faults.here(env::Site::kRevisionReused)) lost_revision_at_ = base + state.entries.size() + 1;
  if (state.hard.commit > base + state.entries.size()) return refuse("committed entries are lost");
  return state;
}

void Member::start() {
  auto state = recover();
  if (!state.ok()) {
    env_.trace.log(env::LogLevel::kError, state.error().message);
    env_.process.exit(1, state.error().message);
    return;
  }
  hard_ = state->hard;
  raft::Config config;
  config.id = config_.id;
  config.election_ticks = config_.election_ticks;
  config.random = env_.random.stream("raft/election");
  config.bugs = bugs();
  auto core = std::make_unique<raft::Raft>(config, std::move(*state));
  next_snapshot_ = core->applied() + config_.snapshot_count;
  wal_.open(hard_, [this, core = std::move(core)]() mutable {
    raft_ = std::move(core);
    serve();
  });
  wait_for_room();
}

/// A disk that is full when the member starts may get room later.
void Member::wait_for_room() {
  if (raft_ || env_.process.exiting()) return;
  if (wal_.full()) wal_.retry();
  env_.timers.after(config_.tick, [this] { wait_for_room(); });
}

void Member::serve() {
  env::Network& net = env_.network;
  net.on_datagram(config_.peer_port, [this](env::Peer, env::Message m) { on_peer_datagram(std::move(m)); });
  net.serve_calls(config_.peer_port, [this](env::Peer, env::Message m, env::Reply reply) {
    on_peer_call(std::move(m), std::move(reply));
  });
  net.serve_calls(config_.client_port, [this](env::Peer, env::Message m, env::Reply reply) {
    on_call(std::move(m), std::move(reply));
  });
  net.serve_streams(config_.client_port,
                    [this](env::Peer, env::Message hello, std::unique_ptr<env::Stream> stream) {
                      on_watch(std::move(hello), std::move(stream));
                    });
  next_progress_ = env_.clock.now() + config_.progress_interval;
  no_leader_since_ = env_.clock.now();
  env_.timers.after(config_.tick, [this] { on_tick(); });
  process();
}

void Member::on_tick() {
  env_.timers.after(config_.tick, [this] { on_tick(); });
  raft_->tick();
  expire();
  expire_leases();
  watch_leader();
  relieve_full_disk();
  push_queued();
  start_read_round();
  process();
}

/// Watches need a leader: a member that is cut off would go on serving a past that looks like the present.
void Member::watch_leader() {
  const base::Instant now = env_.clock.now();
  if (raft_->leader() != 0) {
    no_leader_since_ = base::kNever;
  } else if (no_leader_since_ == base::kNever) {
    no_leader_since_ = now;
  } else if (now >= no_leader_since_ + 3 * config_.election_ticks * config_.tick) {
    hub_.cancel_all({base::ErrorCode::kUnavailable, kErrNoLeader});
  }
  if (now < next_progress_) return;
  next_progress_ = now + config_.progress_interval;
  hub_.notify_progress();
}

void Member::relieve_full_disk() {
  if (installing_ && install_stuck_) write_installed();
  if (!wal_.full()) return;
  wal_.retry();
  if (!wal_.full() || !raft_->is_leader()) return;
  const raft::Progress* best = nullptr;
  for (const raft::NodeId id : raft_->conf().voters) {
    const raft::Progress* p = id == config_.id ? nullptr : raft_->progress(id);
    if (p && p->recent_active && (!best || p->match > best->match)) best = p;
  }
  if (best) raft_->transfer_leader(best->id);
}

// ---- the raft loop

void Member::process() {
  if (processing_ || !raft_) return;
  processing_ = true;
  while (!env_.process.exiting() && raft_->take_ready(ready_)) {
    if (ready_.hard) hard_ = *ready_.hard;
    if (ready_.role_changed) on_role_change();
    send_all(ready_.messages);
    write();
    for (const raft::Entry& e : ready_.committed) apply(e);
    hub_.flush();
    for (const raft::ReadState& r : ready_.reads) on_read_state(r);
    answer_reads();
    start_senders();
    maybe_snapshot();
    push_queued();
  }
  processing_ = false;
}

/// Hands what must be durable to the log, and what depends on it to after_sync_.
void Member::write() {
  if (ready_.snapshot) install(ready_.snapshot);
  if (ready_.must_sync) {
    auto change = base::make_ref<LogChange>();
    const raft::SnapshotRef mark = ready_.snapshot ? ready_.snapshot : unmarked_;
    if (mark) {
      change->mark_index = mark->index;
      change->mark_term = mark->term;
    }
    unmarked_.reset();
    change->hard = hard_;
    change->hard.commit = std::min(raft_->commit(), raft_->log().last_index());
    change->entries.swap(ready_.append);
    after_sync_.push_back(
        {next_change_, ready_.number, std::move(ready_.after_sync), ready_.role_changed || ready_.hard});
    wal_.append(next_change_++, std::move(change));
    return;
  }
  if (!after_sync_.empty() && (ready_.role_changed || !ready_.after_sync.empty())) {
    after_sync_.push_back({next_change_ - 1, 0, std::move(ready_.after_sync), ready_.role_changed});
    return;
  }
  if (ready_.role_changed) record_role();
  send_all(ready_.after_sync);
}

void Member::on_durable(std::uint64_t number) {
  std::uint64_t ready = 0;
  while (!after_sync_.empty() && after_sync_.front().number <= number) {
    AfterSync done = std::move(after_sync_.front());
    after_sync_.pop_front();
    if (done.record) record_role();
    send_all(done.messages);
    ready = std::max(ready, done.ready_number);
  }
  if (ready > 0) raft_->on_persisted(ready);
  push_queued(true);
  process();
}

void Member::send_all(std::vector<raft::Message>& messages) {
  for (raft::Message& m : messages) {
    if (m.type == raft::MessageType::kSnapshot) {
      lagging_.push_back(m.to);
      continue;
    }
    const env::Peer to = peer(m.to);
    if (to == env::Peer::kNone) continue;
    if (m.type == raft::MessageType::kPropose) m.context = new_id();
    auto body = base::make_ref<RaftMessage>();
    body->cluster = config_.cluster;
    body->message = std::move(m);
    env_.network.send_datagram(config_.peer_port, to, {std::move(body)});
  }
  messages.clear();
}

env::Peer Member::peer(raft::NodeId id) {
  if (const env::Peer* known = peers_.find(id)) return *known;
  const auto find = [id](const std::vector<MemberInfo>& list) {
    const auto it =
        std::find_if(list.begin(), list.end(), [id](const MemberInfo& m) { return m.id == id; });
    return it == list.end() ? nullptr : &*it;
  };
  const MemberInfo* info = find(state_.members());
  if (!info)
    info = find(config_.members);  // a member that joins knows the others only from its configuration
  if (!info) return env::Peer::kNone;
  return peers_[id] = env_.network.resolve({info->host, config_.peer_port});
}

void Member::on_peer_datagram(env::Message message) {
  const auto* body = env::body_as<RaftMessage>(message.body.get());
  if (!body || body->cluster != config_.cluster) return;
  // The network may bring a datagram twice. Raft does not mind, but proposals would be carried out twice.
  if (body->message.type == raft::MessageType::kPropose && !first_sight(body->message.context)) return;
  raft_->step(body->message);
  process();
}

bool Member::first_sight(std::uint64_t number) {
  if (numbers_.contains(number)) return false;
  numbers_[number] = true;
  numbers_in_order_.push_back(number);
  if (numbers_in_order_.size() > kNumbersKept) {
    numbers_.erase(numbers_in_order_.front());
    numbers_in_order_.pop_front();
  }
  return true;
}

void Member::on_peer_call(env::Message message, env::Reply reply) {
  const auto* chunk = env::body_as<SnapshotChunk>(message.body.get());
  auto answer = base::make_ref<ControlReply>();
  SnapshotDataRef complete;
  if (!chunk || chunk->cluster != config_.cluster || !receiver_.add(*chunk, complete)) {
    answer->outcome = Outcome::failure(base::ErrorCode::kInvalid, "snapshot chunk refused");
  }
  reply({std::move(answer)});
  if (!complete) return;
  auto snapshot = base::make_ref<raft::Snapshot>();
  snapshot->index = complete->head->index;
  snapshot->term = complete->head->term;
  snapshot->conf = complete->head->conf;
  snapshot->data = complete;
  raft::Message m;
  m.type = raft::MessageType::kSnapshot;
  m.from = chunk->from;
  m.to = config_.id;
  m.term = chunk->term;
  m.snapshot = std::move(snapshot);
  raft_->step(m);
  process();
}

void Member::on_role_change() {
  const base::Instant now = env_.clock.now();
  if (raft_->is_leader() != leading_) {
    leading_ = raft_->is_leader();
    if (leading_) state_.lessor().promote(now);
    else state_.lessor().demote();
  }
  if (raft_->leader() != 0 && raft_->leader() != last_leader_) leader_elected_at_ = now;
  last_leader_ = raft_->leader();
  if (raft_->leader() != 0 && !reads_asked_.empty()) {
    read_asked_at_ = base::Instant{INT64_MIN / 2};  // the question died with the former leader
  }
}

void Member::record_role() {
  if (!env_.trace.recording(history::RecordKind::kRaftState)) return;
  history::RaftState record;
  record.member = config_.id;
  record.term = raft_->term();
  record.vote = raft_->vote();
  record.commit = raft_->commit();
  record.leader = raft_->leader();
  record.role = static_cast<history::RaftState::Role>(raft_->role());
  env_.trace.record(record);
}

}  // namespace orrery::store
