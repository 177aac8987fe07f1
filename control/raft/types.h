// The values of raft: log entries, persistent state, membership, messages. Terms and rules follow Ongaro's
// dissertation (2014); names and flow control follow etcd/raft.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/base/ref.h"
#include "model/env/message.h"

namespace orrery::raft {

/// Identity of a member; 0 stands for "none".
using NodeId = std::uint64_t;
using Term = std::uint64_t;
/// Position in the log; the first entry of a bootstrapped cluster is 2 (see InitialState::bootstrap).
using Index = std::uint64_t;

enum class EntryKind : std::uint8_t {
  kNormal,      ///< a proposal
  kNoop,        ///< what a leader appends first in its term; also a refused membership change. No payload
  kConfChange,  ///< payload is a ConfChange
  kLast = kConfChange
};

struct Entry {
  Term term = 0;
  Index index = 0;
  EntryKind kind = EntryKind::kNormal;
  env::BodyRef payload;
  /// For encoding: visits every field in a fixed order (so do the other structs here).
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.term), a(s.index), a(s.kind), a(s.payload);
  }
  std::size_t payload_bytes() const { return payload ? payload->encoded_size() : 0; }
};

/// What must survive a crash besides the log. `commit` is a hint: it may be older than the truth.
struct HardState {
  Term term = 0;
  NodeId vote = 0;
  Index commit = 0;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.term), a(s.vote), a(s.commit);
  }
  friend bool operator==(const HardState&, const HardState&) = default;
};

/// Voters of one cluster at most.
inline constexpr std::size_t kMaxVoters = 15;

/// Membership: both lists sorted, disjoint.
struct ConfState {
  std::vector<NodeId> voters;
  std::vector<NodeId> learners;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.voters), a(s.learners);
  }
  friend bool operator==(const ConfState&, const ConfState&) = default;
};

/// A point of the log that replaces everything up to it. `data` is the state machine's, opaque here; it may
/// be null in metadata that never leaves the member.
struct Snapshot : base::RefCounted {
  Index index = 0;
  Term term = 0;
  ConfState conf;
  env::BodyRef data;
};
using SnapshotRef = base::Ref<const Snapshot>;

/// What a member starts from, as read from its disk: the newest snapshot, then the entries after it without
/// a gap.
struct InitialState {
  HardState hard;
  SnapshotRef snapshot;
  std::vector<Entry> entries;

  /// A new cluster: an agreed snapshot at index 1, term 1 that holds the membership. Each founding member
  /// starts from it.
  static InitialState bootstrap(std::vector<NodeId> voters);
  /// A member that joins an existing cluster: nothing. It is sent a snapshot, since no log reaches below
  /// index 2.
  static InitialState joining() { return {}; }
};

enum class MessageType : std::uint8_t {
  kAppend,       ///< entries after (index, log_term); commit
  kAppendReply,  ///< index matched, or reject with (hint, log_term)
  kCommit,       ///< commit only; not answered. A lost one is made good by the next heartbeat
  kHeartbeat,    ///< commit, read round in context
  kHeartbeatReply,
  kPreVote,  ///< index, log_term: the candidate's last entry
  kPreVoteReply,
  kVote,
  kVoteReply,
  kSnapshot,        ///< snapshot
  kTimeoutNow,      ///< leader transfer: campaign at once
  kPropose,         ///< a follower's proposals on their way to the leader; term 0
  kReadIndex,       ///< a follower's read-index question, context chosen by it; term 0
  kReadIndexReply,  ///< index, context
  kLast = kReadIndexReply
};
inline constexpr int kMessageTypes = static_cast<int>(MessageType::kLast) + 1;

struct Message {
  MessageType type = MessageType::kAppend;
  bool reject = false;
  bool transfer = false;  ///< a vote asked for by leader transfer: leases do not refuse it
  NodeId from = 0;
  NodeId to = 0;
  Term term = 0;
  Index index = 0;
  Term log_term = 0;
  Index commit = 0;
  Index hint = 0;
  std::uint64_t context = 0;
  std::vector<Entry> entries;
  SnapshotRef snapshot;
  /// All but the snapshot.
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.type), a(s.reject), a(s.transfer), a(s.from), a(s.to), a(s.term), a(s.index), a(s.log_term);
    a(s.commit), a(s.hint), a(s.context), a(s.entries);
  }
};

const char* to_string(MessageType type);

}  // namespace orrery::raft
