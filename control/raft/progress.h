// Progress: what a leader knows about one member, and how much it may send it.
#pragma once
#include <algorithm>
#include <deque>

#include "control/raft/types.h"

namespace orrery::raft {

enum class ProgressState : std::uint8_t {
  kProbe,      ///< where the logs agree is unknown: one append at a time
  kReplicate,  ///< appends are pipelined, at most `max_inflight` unanswered
  kSnapshot,   ///< a snapshot is under way: no appends
};

struct Progress {
  NodeId id = 0;
  ProgressState state = ProgressState::kProbe;
  bool learner = false;
  bool recent_active = false;
  bool probe_sent = false;  ///< kProbe: wait for an answer or a heartbeat reply before the next append
  bool poke = false;        ///< ask with an empty append how far it got
  Index match = 0;
  Index next = 1;
  Index pending_snapshot = 0;
  Index commit_sent = 0;         ///< highest commit told since the member was last known to agree
  std::uint64_t read_round = 0;  ///< newest read round it answered
  std::deque<Index> inflight;    ///< last index of each unanswered append, ascending

  bool paused(std::size_t max_inflight) const {
    switch (state) {
      case ProgressState::kProbe: return probe_sent;
      case ProgressState::kReplicate: return inflight.size() >= max_inflight;
      case ProgressState::kSnapshot: return true;
    }
    return true;
  }
  void become_probe() {
    next = state == ProgressState::kSnapshot ? std::max(match, pending_snapshot) + 1 : match + 1;
    state = ProgressState::kProbe;
    reset_flow();
  }
  void become_replicate() {
    state = ProgressState::kReplicate;
    next = match + 1;
    reset_flow();
  }
  void become_snapshot(Index index) {
    state = ProgressState::kSnapshot;
    reset_flow();
    pending_snapshot = index;
  }
  void free_inflight_to(Index index) {
    while (!inflight.empty() && inflight.front() <= index) inflight.pop_front();
  }
  /// An append was accepted up to `index`. False when it says nothing new.
  bool update(Index index) {
    const bool advanced = index > match;
    if (advanced) {
      match = index;
      probe_sent = false;
    }
    next = std::max(next, index + 1);
    return advanced;
  }
  /// An append after `rejected` was refused; `hint` is where to try next. False when the refusal is out of
  /// date.
  bool decrease(Index rejected, Index hint) {
    if (state == ProgressState::kReplicate) {
      if (rejected <= match) return false;
      next = match + 1;
      return true;
    }
    if (next - 1 != rejected) return false;
    next = std::max(std::min(rejected, hint + 1), match + 1);
    probe_sent = false;
    return true;
  }

 private:
  void reset_flow() {
    probe_sent = poke = false;
    pending_snapshot = 0;
    commit_sent = 0;
    inflight.clear();
  }
};

}  // namespace orrery::raft
