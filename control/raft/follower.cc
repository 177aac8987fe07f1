// What a follower does with a leader's messages.
#include <algorithm>

#include "control/raft/raft.h"

namespace orrery::raft {

void Raft::commit_to(Index index) { commit_ = std::max(commit_, std::min(index, log_.last_index())); }

void Raft::on_append(const Message& m) {
  Message reply = reply_to(m, MessageType::kAppendReply);
  if (m.index < commit_) {
    reply.index = commit_;
    send_after_sync(std::move(reply));
    return;
  }
  if (!log_.matches(m.index, m.log_term)) {
    if (m.index <= commit_) return;  // contradicts committed history: certainly forged
    reply.reject = true;
    reply.index = m.index;
    reply.hint = log_.conflict_below(m.index, m.log_term);
    reply.log_term = log_.term(reply.hint);
    send_after_sync(std::move(reply));
    return;
  }
  Index last = m.index;
  for (const Entry& e : m.entries) {
    if (e.index != last + 1) return;  // forged: entries must be contiguous
    last = e.index;
    if (log_.matches(e.index, e.term)) continue;
    if (e.index <= log_.last_index()) {
      if (e.index <= commit_) return;  // would rewrite committed history: certainly forged
      log_.truncate_from(e.index);
      persisted_ = std::min(persisted_, e.index - 1);
    }
    if (e.term < log_.last_term() || e.term > m.term) return;
    log_.append(e);
  }
  commit_to(std::min(m.commit, last));
  reply.index = last;
  send_after_sync(std::move(reply));
}

void Raft::on_heartbeat(const Message& m) {
  commit_to(m.commit);
  if (m.type == MessageType::kCommit) return;
  Message reply = reply_to(m, MessageType::kHeartbeatReply);
  reply.context = m.context;
  send(std::move(reply));
}

void Raft::on_snapshot_message(const Message& m) {
  if (!m.snapshot) return;
  Message reply = reply_to(m, MessageType::kAppendReply);
  const Snapshot& s = *m.snapshot;
  if (s.index <= commit_) {
    reply.index = commit_;
  } else if (log_.matches(s.index, s.term)) {
    commit_to(s.index);
    reply.index = s.index;
  } else {
    log_.reset(s.index, s.term);
    persisted_ = 0;
    commit_ = s.index;
    conf_ = s.conf;
    snapshot_ = m.snapshot;
    fresh_snapshot_ = true;
    reply.index = s.index;
  }
  send_after_sync(std::move(reply));
}

}  // namespace orrery::raft
