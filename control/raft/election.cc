// Elections: pre-vote, vote, becoming leader.
#include <algorithm>

#include "control/raft/raft.h"

namespace orrery::raft {

void Raft::campaign() {
  if (role_ != Role::kLeader && promotable()) start_campaign(false);
}

void Raft::start_campaign(bool transfer) {
  // With an unapplied membership change among the committed entries this member does not know who votes.
  for (Index i = applied_ + 1; i <= commit_; ++i) {
    if (log_.at(i).kind == EntryKind::kConfChange) return;
  }
  if (config_.pre_vote && !transfer) {
    reset(term_);
    role_ = Role::kPreCandidate;
    ask_for_votes(MessageType::kPreVote, term_ + 1, false);
    count_vote(config_.id, true);
    return;
  }
  become_candidate(transfer);
}

void Raft::become_candidate(bool transfer) {
  reset(term_ + 1);
  role_ = Role::kCandidate;
  vote_ = config_.id;
  hard_changed_ = true;
  // Own vote counts when it is durable (on_persisted).
  ask_for_votes(MessageType::kVote, term_, transfer);
}

void Raft::ask_for_votes(MessageType type, Term term, bool transfer) {
  for (const NodeId voter : conf_.voters) {
    if (voter == config_.id) continue;
    Message m;
    m.type = type;
    m.from = config_.id;
    m.to = voter;
    m.term = term;
    m.index = log_.last_index();
    m.log_term = log_.last_term();
    m.transfer = transfer;
    // A real vote request speaks of this log and term, which a crash must not take back once it was heard.
    if (type == MessageType::kVote) send_after_sync(std::move(m));
    else send(std::move(m));
  }
}

void Raft::on_vote(const Message& m) {
  const bool pre = m.type == MessageType::kPreVote;
  const bool free_to_vote = vote_ == m.from || (vote_ == 0 && leader_ == 0) || (pre && m.term > term_);
  const bool complete = config_.bugs.vote_without_log_check || log_.up_to_date(m.index, m.log_term);
  Message reply = reply_to(m, pre ? MessageType::kPreVoteReply : MessageType::kVoteReply);
  reply.reject = !(free_to_vote && complete);
  if (pre) {
    if (!reply.reject) reply.term = m.term;
    send(std::move(reply));
    return;
  }
  if (!reply.reject) {
    election_elapsed_ = 0;
    if (vote_ != m.from) {
      vote_ = m.from;
      hard_changed_ = true;
    }
  }
  send_after_sync(std::move(reply));
}

void Raft::on_vote_reply(const Message& m) {
  const bool wanted = m.type == MessageType::kPreVoteReply
                          ? role_ == Role::kPreCandidate && (m.reject || m.term == term_ + 1)
                          : role_ == Role::kCandidate;
  if (wanted && is_voter(m.from)) count_vote(m.from, !m.reject);
}

void Raft::count_vote(NodeId from, bool granted) {
  const auto same = [from](const auto& v) { return v.first == from; };
  if (std::any_of(votes_.begin(), votes_.end(), same)) return;
  votes_.emplace_back(from, granted);
  const std::size_t quorum = conf_.voters.size() / 2 + 1;
  const auto yes = static_cast<std::size_t>(
      std::count_if(votes_.begin(), votes_.end(), [](const auto& v) { return v.second; }));
  const std::size_t no = votes_.size() - yes;
  if (yes >= quorum) {
    if (role_ == Role::kPreCandidate) become_candidate(false);
    else become_leader();
  } else if (no > conf_.voters.size() - quorum) {
    become_follower(term_, 0);
  }
}

void Raft::become_leader() {
  reset(term_);
  role_ = Role::kLeader;
  leader_ = config_.id;
  read_round_ = 0;
  pending_conf_ = log_.last_index();  // there may be a change among the entries of others
  rebuild_progress();
  std::vector<Entry> noop(1);
  noop[0].kind = EntryKind::kNoop;
  append_proposals(noop);
}

}  // namespace orrery::raft
