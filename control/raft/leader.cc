// What a leader does: proposals, replication, counting, reads.
#include <algorithm>

#include "control/raft/raft.h"

namespace orrery::raft {

Progress* Raft::peer(NodeId id) {
  for (Progress& p : peers_) {
    if (p.id == id) return &p;
  }
  return nullptr;
}

const Progress* Raft::progress(NodeId id) const { return const_cast<Raft*>(this)->peer(id); }

/// Makes peers_ follow conf_, keeping what is known of members that stay.
void Raft::rebuild_progress() {
  std::vector<Progress> old;
  old.swap(peers_);
  const auto add = [&](NodeId id, bool learner) {
    const auto known = std::find_if(old.begin(), old.end(), [id](const Progress& p) { return p.id == id; });
    Progress p;
    if (known != old.end()) p = std::move(*known);
    else p.next = log_.last_index() + 1;
    p.id = id;
    p.learner = learner;
    if (known == old.end()) p.recent_active = true;
    if (id == config_.id) {
      p.state = ProgressState::kReplicate;
      p.update(persisted_);
    }
    peers_.push_back(std::move(p));
  };
  for (const NodeId id : conf_.voters) add(id, false);
  for (const NodeId id : conf_.learners) add(id, true);
  std::sort(peers_.begin(), peers_.end(), [](const Progress& a, const Progress& b) { return a.id < b.id; });
}

void Raft::tick_leader() {
  if (++election_elapsed_ >= config_.election_ticks) {
    election_elapsed_ = 0;
    if (config_.check_quorum && !quorum_active()) {
      become_follower(term_, 0);
      return;
    }
    transferee_ = 0;
  }
  if (++heartbeat_elapsed_ >= config_.heartbeat_ticks) {
    heartbeat_elapsed_ = 0;
    heartbeat_due_ = true;
  }
}

bool Raft::quorum_active() {
  std::size_t active = 0;
  for (Progress& p : peers_) {
    if (!p.learner && (p.id == config_.id || p.recent_active)) ++active;
    p.recent_active = false;
  }
  return active >= conf_.voters.size() / 2 + 1;
}

ProposeResult Raft::propose(env::BodyRef payload) {
  Message m;
  m.from = config_.id;
  m.entries.resize(1);
  m.entries[0].payload = std::move(payload);
  if (role_ == Role::kLeader) return append_proposals(m.entries);
  if (leader_ == 0) return ProposeResult::kDropped;
  forward_or_append(std::move(m));
  return ProposeResult::kForwarded;
}

ProposeResult Raft::propose_conf_change(base::Ref<const ConfChange> change) {
  Message m;
  m.from = config_.id;
  m.entries.resize(1);
  m.entries[0].kind = EntryKind::kConfChange;
  m.entries[0].payload = std::move(change);
  if (role_ == Role::kLeader) return append_proposals(m.entries);
  if (leader_ == 0) return ProposeResult::kDropped;
  forward_or_append(std::move(m));
  return ProposeResult::kForwarded;
}

void Raft::forward_or_append(Message m) {
  if (role_ == Role::kLeader) {
    append_proposals(m.entries);
    return;
  }
  if (leader_ == 0 || leader_ == m.from) return;
  // Proposals of one turn travel together.
  for (Message& waiting : messages_) {
    if (waiting.type != MessageType::kPropose || waiting.to != leader_) continue;
    for (Entry& e : m.entries) waiting.entries.push_back(std::move(e));
    return;
  }
  m.type = MessageType::kPropose;
  m.to = leader_;
  m.from = config_.id;
  m.term = 0;
  send(std::move(m));
}

ProposeResult Raft::append_proposals(std::vector<Entry>& entries) {
  if (transferee_ != 0 || !is_voter(config_.id)) return ProposeResult::kDropped;
  std::size_t bytes = 0;
  for (const Entry& e : entries) bytes += e.payload_bytes();
  if (bytes > 0 && uncommitted_bytes_ > 0 && uncommitted_bytes_ + bytes > config_.max_uncommitted_bytes) {
    return ProposeResult::kDropped;
  }
  uncommitted_bytes_ += bytes;
  for (Entry& e : entries) {
    e.term = term_;
    e.index = log_.last_index() + 1;
    if (e.kind == EntryKind::kConfChange) {
      if (pending_conf_ > applied_ || !env::body_as<ConfChange>(e.payload.get())) {
        e.kind = EntryKind::kNoop;
        e.payload.reset();
      } else {
        pending_conf_ = e.index;
      }
    }
    log_.append(std::move(e));
  }
  send_due_ = true;
  return ProposeResult::kAppended;
}

void Raft::on_append_reply(const Message& m) {
  if (role_ != Role::kLeader) return;
  Progress* p = peer(m.from);
  if (!p) return;
  p->recent_active = true;
  if (m.reject) {
    on_append_rejected(*p, m);
    return;
  }
  if (m.index > log_.last_index()) return;
  const bool advanced = p->update(m.index);
  // A probe that brings nothing new still shows where the logs agree.
  const bool agreed = advanced || (p->match == m.index && p->state == ProgressState::kProbe);
  if (!agreed) return;
  if (p->state == ProgressState::kProbe) {
    p->become_replicate();
  } else if (p->state == ProgressState::kSnapshot &&
             (p->match >= p->pending_snapshot || p->match + 1 >= log_.first_index())) {
    p->become_replicate();
  } else if (p->state == ProgressState::kReplicate) {
    p->free_inflight_to(m.index);
  }
  send_due_ = true;
  maybe_commit();
  if (m.from == transferee_ && p->match == log_.last_index()) send_timeout_now(m.from);
}

void Raft::on_append_rejected(Progress& p, const Message& m) {
  const Index hint = m.log_term > 0 ? log_.conflict_below(m.hint, m.log_term) : m.hint;
  if (p.state == ProgressState::kSnapshot || !p.decrease(m.index, hint)) return;
  if (p.state == ProgressState::kReplicate) p.become_probe();
  send_due_ = true;
}

void Raft::on_heartbeat_reply(const Message& m) {
  if (role_ != Role::kLeader) return;
  Progress* p = peer(m.from);
  if (!p) return;
  p->recent_active = true;
  p->probe_sent = false;
  if (p->state == ProgressState::kReplicate && p->inflight.size() >= config_.max_inflight)
    p->inflight.pop_front();
  if (p->match < log_.last_index()) {
    p->poke = true;  // its last appends may be lost; the answer to an empty one tells
    send_due_ = true;
  }
  if (m.context > p->read_round) {
    p->read_round = m.context;
    release_reads();
  }
}

void Raft::report_unreachable(NodeId to) {
  Progress* p = peer(to);
  if (p && p->state == ProgressState::kReplicate) p->become_probe();
}

void Raft::report_snapshot(NodeId to, bool delivered) {
  Progress* p = peer(to);
  if (!p || p->state != ProgressState::kSnapshot) return;
  if (!delivered) p->pending_snapshot = 0;
  p->become_probe();
  p->probe_sent = true;  // the member needs time to install; its answer or a heartbeat reply goes on
}

// ---- counting

/// The greatest value that a majority of the voters has reached.
template <class Value>
std::uint64_t Raft::quorum_of(Value value) const {
  std::uint64_t sorted[kMaxVoters];
  std::size_t n = 0;
  for (const Progress& p : peers_) {
    if (p.learner || n == kMaxVoters) continue;
    const std::uint64_t v = value(p);
    std::size_t at = n++;
    for (; at > 0 && sorted[at - 1] > v; --at) sorted[at] = sorted[at - 1];
    sorted[at] = v;
  }
  return n == 0 ? 0 : sorted[(n - 1) / 2];
}

void Raft::maybe_commit() {
  Index index = quorum_of([](const Progress& p) { return p.match; });
  if (config_.bugs.commit_alone) index = std::max(index, persisted_);
  if (index <= commit_) return;
  if (log_.term(index) != term_ && !config_.bugs.commit_former_terms) return;
  for (Index i = commit_ + 1; i <= index; ++i) {
    const std::size_t bytes = log_.at(i).payload_bytes();
    uncommitted_bytes_ -= std::min(uncommitted_bytes_, bytes);
  }
  commit_ = index;
  send_due_ = true;
  if (early_reads_.empty() || log_.term(index) != term_) return;
  std::vector<PendingRead> waiting;
  waiting.swap(early_reads_);
  for (const PendingRead& r : waiting) on_read_index(r.context, r.from);
}

// ---- reads

bool Raft::read_index(std::uint64_t context) {
  if (role_ == Role::kLeader) {
    on_read_index(context, 0);
    return true;
  }
  if (leader_ == 0) return false;
  Message m;
  m.type = MessageType::kReadIndex;
  m.from = config_.id;
  m.to = leader_;
  m.context = context;
  send(std::move(m));
  return true;
}

void Raft::on_read_index(std::uint64_t context, NodeId from) {
  if (log_.term(commit_) != term_) {
    if (early_reads_.size() < kMaxEarlyReads) early_reads_.push_back({context, from, 0, 0});
    return;
  }
  PendingRead read{context, from, commit_, 0};
  if (config_.bugs.read_without_quorum) {
    answer_read(read);
    return;
  }
  // Every question asked before the next Ready shares one round.
  if (!round_open_) ++read_round_;
  round_open_ = heartbeat_due_ = true;
  read.round = read_round_;
  reads_.push_back(read);
  release_reads();
}

void Raft::release_reads() {
  const std::uint64_t round =
      quorum_of([this](const Progress& p) { return p.id == config_.id ? UINT64_MAX : p.read_round; });
  while (!reads_.empty() && reads_.front().round <= round) {
    answer_read(reads_.front());
    reads_.pop_front();
  }
}

void Raft::answer_read(const PendingRead& read) {
  if (read.from == 0) {
    read_states_.push_back({read.context, read.index});
    return;
  }
  Message m;
  m.type = MessageType::kReadIndexReply;
  m.from = config_.id;
  m.to = read.from;
  m.term = term_;
  m.index = read.index;
  m.context = read.context;
  send(std::move(m));
}

// ---- leader transfer

void Raft::transfer_leader(NodeId to) {
  Progress* p = peer(to);
  if (role_ != Role::kLeader || !p || p->learner || to == config_.id) return;
  transferee_ = to;
  election_elapsed_ = 0;
  if (p->match == log_.last_index()) send_timeout_now(to);
  else send_due_ = true;
}

void Raft::send_timeout_now(NodeId to) {
  Message m;
  m.type = MessageType::kTimeoutNow;
  m.from = config_.id;
  m.to = to;
  m.term = term_;
  send(std::move(m));
}

}  // namespace orrery::raft
