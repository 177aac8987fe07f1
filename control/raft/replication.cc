// What a leader sends: appends, commit hints, heartbeats, snapshots. Called once per Ready, so that
// everything proposed or committed since the last one shares messages.
#include <algorithm>

#include "control/raft/raft.h"

namespace orrery::raft {

void Raft::send_to_peers() {
  if (heartbeat_due_) send_heartbeats();
  if (!send_due_) return;
  send_due_ = false;
  for (Progress& p : peers_) {
    if (p.id != config_.id) send_appends(p);
  }
}

void Raft::send_heartbeats() {
  heartbeat_due_ = round_open_ = false;
  for (const Progress& p : peers_) {
    if (p.id == config_.id) continue;
    Message m;
    m.type = MessageType::kHeartbeat;
    m.from = config_.id;
    m.to = p.id;
    m.term = term_;
    m.commit = std::min(p.match, commit_);
    m.context = reads_.empty() ? 0 : read_round_;
    send(std::move(m));
  }
}

void Raft::send_append(Progress& p) {
  Message m;
  m.type = MessageType::kAppend;
  m.from = config_.id;
  m.to = p.id;
  m.term = term_;
  m.index = p.next - 1;
  m.log_term = log_.term(m.index);
  m.commit = commit_;
  if (p.next <= log_.last_index())
    log_.copy(p.next, log_.last_index(), config_.max_append_bytes, m.entries);
  p.poke = false;
  if (p.state == ProgressState::kProbe) {
    p.probe_sent = true;
  } else {
    if (!m.entries.empty()) {
      p.next += m.entries.size();
      p.inflight.push_back(p.next - 1);
    }
    p.commit_sent = commit_;
  }
  send(std::move(m));
}

void Raft::send_appends(Progress& p) {
  while (!p.paused(config_.max_inflight)) {
    const bool probing = p.state == ProgressState::kProbe;
    if (p.next > log_.last_index() && !(probing && p.match < log_.last_index())) break;
    if (!log_.has_term(p.next - 1)) {
      send_snapshot(p);
      return;
    }
    send_append(p);
  }
  if (p.poke && p.state == ProgressState::kReplicate) {
    if (log_.has_term(p.next - 1)) send_append(p);
    else p.become_probe();
  }
  const Index commit = std::min(p.match, commit_);
  if (p.state != ProgressState::kReplicate || commit <= p.commit_sent) return;
  p.commit_sent = commit;
  Message m;
  m.type = MessageType::kCommit;
  m.from = config_.id;
  m.to = p.id;
  m.term = term_;
  m.commit = commit;
  send(std::move(m));
}

void Raft::send_snapshot(Progress& p) {
  if (!snapshot_ || !p.recent_active) return;
  Message m;
  m.type = MessageType::kSnapshot;
  m.from = config_.id;
  m.to = p.id;
  m.term = term_;
  m.snapshot = snapshot_;
  p.become_snapshot(snapshot_->index);
  send(std::move(m));
}

}  // namespace orrery::raft
