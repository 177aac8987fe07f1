// What a Member does for clients.
#include <algorithm>

#include "control/store/member.h"
#include "model/history/record.h"

namespace orrery::store {
namespace {

constexpr base::Nanos kReadRetry = 500 * base::kMillisecond;
constexpr base::Nanos kForwardTimeout = 2 * base::kSecond;

template <class Reply>
env::BodyRef failed(base::Ref<Reply> reply, base::ErrorCode code, const char* message) {
  reply->outcome = Outcome::failure(code, message);
  return reply;
}

/// An answer of the type that belongs to the request.
env::BodyRef failure(const env::Body* request, base::ErrorCode code, const char* message) {
  if (env::body_as<TxnRequest>(request)) return failed(base::make_ref<TxnReply>(), code, message);
  if (env::body_as<RangeRequest>(request)) return failed(base::make_ref<RangeReply>(), code, message);
  return failed(base::make_ref<ControlReply>(), code, message);
}

}  // namespace

std::uint64_t Member::new_id() {
  return (config_.id & 0xffff) << 48 | std::uint64_t{env_.process.incarnation() & 0xffff} << 32 |
         next_counter_++;
}

void Member::on_call(env::Message message, env::Reply reply) {
  const env::Body* body = message.body.get();
  if (const auto* txn = env::body_as<TxnRequest>(body)) {
    base::Ref<const TxnRequest> request(txn);
    if (config_.write_cpu <= 0) {
      on_txn(std::move(request), std::move(reply));
      return;
    }
    env_.compute.spend(config_.write_cpu,
                       [this, request = std::move(request), reply = std::move(reply)]() mutable {
                         on_txn(std::move(request), std::move(reply));
                       });
  } else if (const auto* range = env::body_as<RangeRequest>(body)) {
    base::Ref<const RangeRequest> request(range);
    if (config_.read_cpu <= 0) {
      on_range(std::move(request), std::move(reply));
      return;
    }
    env_.compute.spend(config_.read_cpu,
                       [this, request = std::move(request), reply = std::move(reply)]() mutable {
                         on_range(std::move(request), std::move(reply));
                       });
  } else if (const auto* control = env::body_as<ControlRequest>(body)) {
    on_control(base::Ref<const ControlRequest>(control), std::move(reply));
  } else {
    reply({failure(body, base::ErrorCode::kInvalid, "etcdserver: unknown request")});
  }
}

// ---- proposals

bool Member::no_room(const TxnRequest& request) {
  if (!has_put(request)) return false;
  const auto size = static_cast<std::int64_t>(request.encoded_size());
  const bool over = state_.mvcc().bytes() + size > config_.quota_bytes;
  if (over && !state_.no_space() && !alarm_proposed_) {
    alarm_proposed_ = true;
    auto alarm = base::make_ref<ControlRequest>();
    alarm->kind = ControlKind::kAlarmNoSpace;
    alarm->id = static_cast<std::int64_t>(config_.id);
    auto proposal = base::make_ref<Proposal>();
    proposal->id = new_id();
    proposal->control = std::move(alarm);
    propose(proposal, proposal->id, env::Reply());
  }
  if (!over) alarm_proposed_ = false;
  return over || state_.no_space() || disk_full();
}

void Member::on_txn(base::Ref<const TxnRequest> request, env::Reply reply) {
  if (auto status = check_txn(*request); !status.ok()) {
    reply({failure(request.get(), status.error().code, status.error().message.c_str())});
    return;
  }
  if (no_room(*request)) {
    reply({failure(request.get(), base::ErrorCode::kLimit, kErrNoSpace)});
    return;
  }
  if (pending_.size() >= config_.max_pending) {
    reply({failure(request.get(), base::ErrorCode::kUnavailable, kErrTooManyRequests)});
    return;
  }
  auto proposal = base::make_ref<Proposal>();
  proposal->id = new_id();
  proposal->txn = std::move(request);
  const std::uint64_t id = proposal->id;
  propose(std::move(proposal), id, std::move(reply));
}

void Member::propose(env::BodyRef payload, std::uint64_t id, env::Reply reply) {
  const auto* proposal = env::body_as<Proposal>(payload.get());
  pending_[id] = {std::move(reply), !proposal || !proposal->txn};
  deadlines_.push_back({env_.clock.now() + config_.request_timeout, id});
  queued_.push_back({std::move(payload), id});
  push_queued();
  process();
}

/// A leader lets proposals that come during a sync wait for the next one, so that they share it, and
/// messages with it. Not longer: when a sync ends they go, even if what followers forwarded keeps the log busy already.
void Member::push_queued(bool sync_ended) {
  while (!queued_.empty() && raft_->leader() != 0) {
    if (raft_->is_leader() && !sync_ended && !wal_.idle()) return;
    const auto propose_one = [this](const env::BodyRef& payload) {
      if (const auto* change = env::body_as<raft::ConfChange>(payload.get())) {
        return raft_->propose_conf_change(base::Ref<const raft::ConfChange>(change));
      }
      return raft_->propose(payload);
    };
    if (propose_one(queued_.front().payload) == raft::ProposeResult::kDropped) return;
    queued_.pop_front();
  }
}

void Member::finish(std::uint64_t id, env::BodyRef answer) {
  Pending* found = pending_.find(id);
  if (!found) return;
  env::Reply reply = std::move(found->reply);
  pending_.erase(id);
  reply({std::move(answer)});
}

void Member::expire() {
  const base::Instant now = env_.clock.now();
  const base::Nanos grace = 2 * config_.election_ticks * config_.tick;
  for (; !deadlines_.empty() && deadlines_.front().at <= now; deadlines_.pop_front()) {
    const std::uint64_t id = deadlines_.front().id;
    Pending* found = pending_.find(id);
    if (!found) continue;
    const base::Instant asked = deadlines_.front().at - config_.request_timeout;
    const bool by_leader = asked > leader_elected_at_ - grace && asked < leader_elected_at_;
    const auto waiting =
        std::find_if(queued_.begin(), queued_.end(), [id](const Queued& q) { return q.id == id; });
    const bool proposed = waiting == queued_.end();
    if (!proposed) queued_.erase(waiting);
    const auto code = proposed ? base::ErrorCode::kUnknown : base::ErrorCode::kUnavailable;
    const char* message = by_leader ? kErrTimeoutLeader : kErrTimeout;
    if (found->control) finish(id, failed(base::make_ref<ControlReply>(), code, message));
    else finish(id, failed(base::make_ref<TxnReply>(), code, message));
  }
  const auto expired = [now](const Read& r) { return r.deadline <= now; };
  const auto drop = [&](auto& reads) {
    for (Read& r : reads) {
      if (!expired(r)) break;
      r.reply({failure(r.request.get(), base::ErrorCode::kUnavailable, kErrTimeout)});
    }
    reads.erase(reads.begin(), std::find_if_not(reads.begin(), reads.end(), expired));
  };
  drop(reads_waiting_);
  drop(reads_asked_);
  drop(reads_known_);
}

// ---- reads

void Member::on_range(base::Ref<const RangeRequest> request, env::Reply reply) {
  if (request->serializable || env_.faults.here(env::Site::kStaleRead)) {
    answer_range(*request, reply);
    return;
  }
  if (reads_waiting_.size() >= config_.max_pending) {
    reply({failure(request.get(), base::ErrorCode::kUnavailable, kErrTooManyRequests)});
    return;
  }
  const base::Instant deadline = env_.clock.now() + config_.request_timeout;
  reads_waiting_.push_back({std::move(reply), std::move(request), deadline, 0});
  start_read_round();
  process();
}

/// One question at a time; what arrives meanwhile shares the next one.
void Member::start_read_round() {
  const base::Instant now = env_.clock.now();
  if (reads_asked_.empty()) {
    if (reads_waiting_.empty()) return;
    reads_asked_.swap(reads_waiting_);
  } else if (now < read_asked_at_ + kReadRetry) {
    return;
  }
  read_asked_at_ = now;
  ++read_context_;
  if (!raft_->read_index(read_context_)) read_asked_at_ = base::Instant{INT64_MIN / 2};
}

void Member::on_read_state(const raft::ReadState& read) {
  if (read.context != read_context_) return;
  for (Read& r : reads_asked_) {
    r.index = read.index;
    reads_known_.push_back(std::move(r));
  }
  reads_asked_.clear();
  start_read_round();
}

void Member::answer_reads() {
  while (!reads_known_.empty() && reads_known_.front().index <= raft_->applied()) {
    answer_range(*reads_known_.front().request, reads_known_.front().reply);
    reads_known_.pop_front();
  }
}

void Member::answer_range(const RangeRequest& r, env::Reply& reply) {
  auto answer = base::make_ref<RangeReply>();
  answer->revision = state_.mvcc().revision();
  auto found = state_.mvcc().range(r.key, r.end, r.revision, r.limit, r.keys_only, r.count_only);
  if (found.ok()) {
    answer->kvs = std::move(found->kvs);
    answer->count = found->count;
    answer->more = found->more;
  } else {
    answer->outcome = Outcome::failure(found.error().code, found.error().message);
  }
  reply({std::move(answer)});
}

// ---- leases, membership, status

void Member::on_control(base::Ref<const ControlRequest> request, env::Reply reply) {
  switch (request->kind) {
    case ControlKind::kStatus: reply({status_reply()}); return;
    case ControlKind::kLeaseKeepAlive: on_keep_alive(std::move(request), std::move(reply)); return;
    case ControlKind::kMoveLeader:
      raft_->transfer_leader(static_cast<raft::NodeId>(request->id));
      reply({status_reply()});
      process();
      return;
    case ControlKind::kAddLearner:
    case ControlKind::kAddVoter:
    case ControlKind::kRemoveMember: {
      const std::uint64_t id = new_id();
      std::string context;
      Writer w(context);
      w(id);
      w(request->host);
      const auto kind = request->kind == ControlKind::kAddLearner ? raft::ConfChangeKind::kAddLearner
                        : request->kind == ControlKind::kAddVoter ? raft::ConfChangeKind::kAddVoter
                                                                  : raft::ConfChangeKind::kRemove;
      const auto node = static_cast<raft::NodeId>(request->id);
      propose(base::make_ref<raft::ConfChange>(kind, node, std::move(context)), id, std::move(reply));
      return;
    }
    default: break;
  }
  auto proposal = base::make_ref<Proposal>();
  proposal->id = new_id();
  proposal->control = std::move(request);
  const std::uint64_t id = proposal->id;
  propose(std::move(proposal), id, std::move(reply));
}

void Member::on_keep_alive(base::Ref<const ControlRequest> request, env::Reply reply) {
  if (!raft_->is_leader()) {
    // Deadlines are the leader's: ask it, at its client port.
    const auto& members = state_.members();
    const auto leader = std::find_if(members.begin(), members.end(),
                                     [this](const MemberInfo& m) { return m.id == raft_->leader(); });
    if (leader == members.end()) {
      reply({failure(request.get(), base::ErrorCode::kUnavailable, kErrNoLeader)});
      return;
    }
    const env::Peer to = env_.network.resolve({leader->host, config_.client_port});
    env_.network.call(to, {request}, kForwardTimeout,
                      [reply = std::move(reply)](base::Result<env::Message> answer) mutable {
                        if (answer.ok()) reply(std::move(*answer));
                        else reply({failure(nullptr, base::ErrorCode::kUnavailable, kErrTimeout)});
                      });
    return;
  }
  auto answer = base::make_ref<ControlReply>();
  answer->id = request->id;
  answer->revision = state_.mvcc().revision();
  answer->ttl_seconds = state_.lessor().keep_alive(request->id, env_.clock.now());
  if (answer->ttl_seconds > 0) record_lease(request->id, answer->ttl_seconds);
  if (answer->ttl_seconds == 0)
    answer->outcome = Outcome::failure(base::ErrorCode::kNotFound, kErrLeaseNotFound);
  reply({std::move(answer)});
}

void Member::expire_leases() {
  if (!leading_ || state_.lessor().idle()) return;
  for (const LeaseId lease : state_.lessor().expired(env_.clock.now(), base::kSecond)) {
    record_lease(lease, 0);
    auto revoke = base::make_ref<ControlRequest>();
    revoke->kind = ControlKind::kLeaseRevoke;
    revoke->id = lease;
    auto proposal = base::make_ref<Proposal>();
    proposal->id = new_id();
    proposal->control = std::move(revoke);
    (void)raft_->propose(std::move(proposal));
  }
}

void Member::record_lease(LeaseId lease, std::int64_t ttl_seconds) const {
  if (!env_.trace.recording(history::RecordKind::kStoreLease)) return;
  history::StoreLease record;
  record.id = lease;
  record.ttl_seconds = ttl_seconds;
  env_.trace.record(record);
}

base::Ref<ControlReply> Member::status_reply() const {
  auto answer = base::make_ref<ControlReply>();
  answer->revision = state_.mvcc().revision();
  answer->id = static_cast<std::int64_t>(config_.id);
  answer->leader = raft_->leader();
  answer->term = raft_->term();
  answer->applied = raft_->applied();
  answer->db_bytes = state_.mvcc().bytes();
  answer->no_space = state_.no_space() || disk_full();
  answer->voters = raft_->conf().voters;
  answer->learners = raft_->conf().learners;
  return answer;
}

void Member::on_watch(env::Message hello, std::unique_ptr<env::Stream> stream) {
  const auto* request = env::body_as<WatchRequest>(hello.body.get());
  if (!request || request->key.empty()) {
    stream->close(base::invalid(kErrEmptyKey));
    return;
  }
  const base::Nanos patience = 3 * config_.election_ticks * config_.tick;
  if (raft_->leader() == 0 && no_leader_since_ != base::kNever &&
      env_.clock.now() >= no_leader_since_ + patience) {
    stream->close({base::ErrorCode::kUnavailable, kErrNoLeader});
    return;
  }
  hub_.open(std::move(stream), *request);
}

}  // namespace orrery::store
