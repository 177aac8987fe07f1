#include "control/raft/raft.h"

#include <algorithm>

#include "model/base/check.h"

namespace orrery::raft {

void Ready::clear() {
  number = 0;
  must_sync = role_changed = false;
  hard.reset();
  snapshot.reset();
  append.clear();
  messages.clear();
  after_sync.clear();
  committed.clear();
  reads.clear();
}

Raft::Raft(Config config, InitialState state)
    : config_(std::move(config)),
      term_(state.hard.term),
      vote_(state.hard.vote),
      log_(state.snapshot ? state.snapshot->index : 0, state.snapshot ? state.snapshot->term : 0,
           state.entries),
      snapshot_(state.snapshot) {
  ORRERY_CHECK(config_.id != 0 && config_.election_ticks > config_.heartbeat_ticks, "raft config");
  if (snapshot_) conf_ = snapshot_->conf;
  term_ = std::max(term_, log_.last_term());
  if (term_ != state.hard.term) vote_ = 0;
  persisted_ = log_.last_index();
  applied_ = log_.compacted();
  commit_ = std::max(applied_, std::min(state.hard.commit, log_.last_index()));
  become_follower(term_, 0);
}

void Raft::reset(Term term) {
  if (term_ != term) {
    term_ = term;
    vote_ = 0;
    hard_changed_ = true;
  }
  leader_ = 0;
  election_elapsed_ = heartbeat_elapsed_ = 0;
  const auto spread = static_cast<std::uint64_t>(config_.election_ticks);
  election_timeout_ = config_.election_ticks + static_cast<int>(config_.random.below(spread));
  votes_.clear();
  peers_.clear();
  transferee_ = 0;
  uncommitted_bytes_ = 0;
  heartbeat_due_ = send_due_ = round_open_ = false;
  early_reads_.clear();
  reads_.clear();
  role_changed_ = true;
}

void Raft::become_follower(Term term, NodeId leader) {
  reset(term);
  role_ = Role::kFollower;
  leader_ = leader;
}

void Raft::tick() {
  if (role_ == Role::kLeader) {
    tick_leader();
    return;
  }
  ++election_elapsed_;
  if (election_elapsed_ >= election_timeout_ && promotable()) {
    election_elapsed_ = 0;
    start_campaign(false);
  }
}

bool Raft::is_voter(NodeId id) const {
  return std::binary_search(conf_.voters.begin(), conf_.voters.end(), id);
}

Message Raft::reply_to(const Message& m, MessageType type) const {
  Message reply;
  reply.type = type;
  reply.from = config_.id;
  reply.to = m.from;
  reply.term = term_;
  return reply;
}

void Raft::send(Message&& m) { messages_.push_back(std::move(m)); }

void Raft::send_after_sync(Message&& m) {
  (config_.bugs.ack_before_sync ? messages_ : after_sync_).push_back(std::move(m));
}

/// Brings the term up to the message's. False when the message must not be processed further.
bool Raft::step_term(const Message& m) {
  if (m.term > term_) {
    const bool asks_vote = m.type == MessageType::kVote || m.type == MessageType::kPreVote;
    if (asks_vote && !m.transfer && config_.check_quorum && leader_ != 0 &&
        election_elapsed_ < config_.election_ticks) {
      return false;  // a leader was heard within the election timeout: its lease holds
    }
    if (m.type == MessageType::kPreVote) return true;
    if (m.type == MessageType::kPreVoteReply && !m.reject) return true;
    const bool from_leader = m.type == MessageType::kAppend || m.type == MessageType::kHeartbeat ||
                             m.type == MessageType::kCommit || m.type == MessageType::kSnapshot;
    become_follower(m.term, from_leader ? m.from : 0);
    return true;
  }
  if (m.term == term_) return true;
  const bool old_leader = m.type == MessageType::kAppend || m.type == MessageType::kHeartbeat;
  if (old_leader && (config_.check_quorum || config_.pre_vote)) {
    // The sender cannot be deposed by our votes (pre-vote, leases), so it must learn of our term from an
    // answer.
    send_after_sync(reply_to(m, MessageType::kAppendReply));
  } else if (m.type == MessageType::kPreVote) {
    Message reply = reply_to(m, MessageType::kPreVoteReply);
    reply.reject = true;
    send(std::move(reply));
  }
  return false;
}

void Raft::step(const Message& m) {
  if (m.to != config_.id || m.from == config_.id || m.from == 0) return;
  if (m.type == MessageType::kPropose) {
    forward_or_append(m);
    return;
  }
  if (m.type == MessageType::kReadIndex) {
    if (role_ == Role::kLeader) on_read_index(m.context, m.from);
    return;
  }
  if (!step_term(m)) return;
  switch (m.type) {
    case MessageType::kVote:
    case MessageType::kPreVote: on_vote(m); return;
    case MessageType::kVoteReply:
    case MessageType::kPreVoteReply: on_vote_reply(m); return;
    case MessageType::kAppendReply: on_append_reply(m); return;
    case MessageType::kHeartbeatReply: on_heartbeat_reply(m); return;
    case MessageType::kReadIndexReply:
      if (m.from == leader_) read_states_.push_back({m.context, m.index});
      return;
    case MessageType::kTimeoutNow:
      if (role_ == Role::kFollower && promotable()) start_campaign(true);
      return;
    default: break;
  }
  if (role_ == Role::kLeader) return;  // two leaders of a term cannot be: forged or our own echo
  if (role_ != Role::kFollower || leader_ != m.from) {
    if (leader_ != 0 && leader_ != m.from) return;
    become_follower(term_, m.from);
  }
  election_elapsed_ = 0;
  switch (m.type) {
    case MessageType::kAppend: on_append(m); return;
    case MessageType::kSnapshot: on_snapshot_message(m); return;
    default: on_heartbeat(m); return;
  }
}

bool Raft::has_ready() const {
  return !messages_.empty() || !after_sync_.empty() || hard_changed_ || fresh_snapshot_ || role_changed_ ||
         send_due_ || heartbeat_due_ || log_.last_index() > log_.handed() || !read_states_.empty() ||
         std::min(commit_, persisted_) > applied_;
}

void Raft::collect_committed(Ready& out) {
  const Index to = std::min(commit_, persisted_);
  if (fresh_snapshot_ || snapshot_unsynced_ || to <= applied_) return;
  log_.copy(applied_ + 1, to, SIZE_MAX, out.committed);
  applied_ = to;
}

bool Raft::take_ready(Ready& out) {
  if (!has_ready()) return false;
  out.clear();
  if (role_ == Role::kLeader) send_to_peers();
  out.role_changed = std::exchange(role_changed_, false);
  out.messages.swap(messages_);
  out.after_sync.swap(after_sync_);
  out.reads.swap(read_states_);
  Handed handed{next_number_, 0, 0, term_, config_.bugs.vote_not_persisted ? 0 : vote_};
  if (std::exchange(hard_changed_, false)) {
    out.hard = HardState{term_, handed.vote, commit_};
    out.must_sync = true;
  }
  if (std::exchange(fresh_snapshot_, false)) {
    out.snapshot = snapshot_;
    out.must_sync = snapshot_unsynced_ = true;
    applied_ = snapshot_->index;
    handed.first = 1;
    handed.last = snapshot_->index;
  }
  if (log_.last_index() > log_.handed()) {
    const Index first = log_.handed() + 1;
    log_.copy(first, log_.last_index(), SIZE_MAX, out.append);
    log_.set_handed(log_.last_index());
    out.must_sync = true;
    if (handed.first == 0) handed.first = first;
    handed.last = log_.last_index();
  }
  collect_committed(out);
  if (out.must_sync) {
    out.number = next_number_++;
    handed_.push_back(handed);
    if (config_.bugs.ack_before_sync) on_persisted(out.number);
  }
  return true;
}

void Raft::set_persisted(Index index) {
  if (index <= persisted_) return;
  persisted_ = index;
  if (Progress* self = peer(config_.id)) {
    self->update(index);
    maybe_commit();
  }
}

void Raft::on_persisted(std::uint64_t number) {
  Index durable = 0;
  bool voted = false;
  while (!handed_.empty() && handed_.front().number <= number) {
    const Handed& done = handed_.front();
    if (done.first == 1) snapshot_unsynced_ = false;
    if (done.first != 0) durable = done.last;
    voted = done.term == term_ && done.vote == vote_;
    handed_.pop_front();
  }
  // Entries that a later write replaces do not count, though what was synced had the same index.
  for (const Handed& later : handed_) {
    if (later.first != 0) durable = std::min(durable, later.first - 1);
    if (later.first == 1) snapshot_unsynced_ = true;
  }
  if (fresh_snapshot_) durable = 0;
  durable = std::min(durable, log_.handed());
  set_persisted(durable);
  if (role_ == Role::kCandidate && (voted || config_.bugs.vote_not_persisted)) count_vote(config_.id, true);
}

const ConfState& Raft::apply_conf_change(const Entry& entry) {
  const auto* change = env::body_as<ConfChange>(entry.payload.get());
  ORRERY_CHECK(change != nullptr, "conf change entry without a conf change");
  conf_ = apply(conf_, *change);
  if (role_ != Role::kLeader) return conf_;
  if (!is_voter(config_.id)) {
    become_follower(term_, 0);
    return conf_;
  }
  if (transferee_ != 0 && !is_voter(transferee_)) transferee_ = 0;
  rebuild_progress();
  send_due_ = true;
  maybe_commit();
  return conf_;
}

void Raft::on_snapshot(SnapshotRef snapshot) {
  if (!snapshot_ || snapshot->index > snapshot_->index) snapshot_ = std::move(snapshot);
}

void Raft::compact(Index index) {
  if (!snapshot_) return;
  log_.compact(std::min({index, snapshot_->index, applied_}));
}

}  // namespace orrery::raft
