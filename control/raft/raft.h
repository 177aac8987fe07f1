// Raft: consensus as a pure step function. No clock (ticks), no I/O, no randomness but the stream it is
// given.
#pragma once
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "control/raft/conf_change.h"
#include "control/raft/log.h"
#include "control/raft/progress.h"
#include "control/raft/types.h"
#include "model/base/random.h"

namespace orrery::raft {

/// Mistakes planted on purpose, so that tests and oracles can show that they notice them. All off in
/// earnest.
struct Bugs {
  bool commit_former_terms =
      false;                     ///< counts replicas of entries of former terms (dissertation figure 3.7)
  bool ack_before_sync = false;  ///< answers and counts entries that are not durable yet
  bool commit_alone = false;     ///< a leader commits what is durable on itself
  bool vote_not_persisted = false;  ///< keeps the vote in memory only
  bool vote_without_log_check = false;
  bool read_without_quorum = false;  ///< a leader answers read-index without asking anybody
};

struct Config {
  NodeId id = 0;
  int heartbeat_ticks = 1;  ///< etcd: 100 ms, with a tick of 100 ms
  int election_ticks = 10;  ///< etcd: 1000 ms; each timeout is drawn from [n, 2n - 1] ticks
  bool pre_vote = true;
  bool check_quorum = true;                   ///< a leader out of touch for an election timeout steps down
  std::size_t max_append_bytes = 512 * 1024;  ///< payload of one append
  std::size_t max_inflight = 512;             ///< unanswered appends per member
  std::size_t max_uncommitted_bytes = 256 << 20;  ///< proposals above it are dropped until some commit
  base::RandomStream random{0};
  Bugs bugs{};
};

/// Questions kept until a new leader may answer them; more are dropped.
inline constexpr std::size_t kMaxEarlyReads = 4096;

enum class Role : std::uint8_t { kFollower, kPreCandidate, kCandidate, kLeader };

struct ReadState {
  std::uint64_t context = 0;
  Index index = 0;  ///< a read is linearizable once this index is applied
};

/// Work for the driver. The order of duties: send `messages` at any time, also before writing; make `hard`,
/// `snapshot` and `append` durable (in this order, in one sync) when `must_sync`, then call
/// on_persisted(number); send `after_sync` when this Ready and all earlier ones are durable; install
/// `snapshot` into the state machine, then apply `committed` in order, calling apply_conf_change for each
/// kConfChange.
struct Ready {
  std::uint64_t number = 0;
  bool must_sync = false;
  bool role_changed = false;      ///< role(), leader() or term() differ from the last Ready
  std::optional<HardState> hard;  ///< set when term or vote changed
  SnapshotRef snapshot;           ///< replaces state machine and log
  std::vector<Entry> append;      ///< overwrites the log from append[0].index on
  std::vector<Message> messages;
  std::vector<Message> after_sync;
  std::vector<Entry> committed;
  std::vector<ReadState> reads;
  void clear();
};

enum class ProposeResult : std::uint8_t {
  kAppended,   ///< in the leader's own log
  kForwarded,  ///< sent to the leader; may be lost on the way
  kDropped,    ///< certainly not proposed: no leader known, a transfer is under way, or too much is
               ///< uncommitted
};

/// One member. Every method returns at once and leaves its effects in the next Ready.
class Raft {
 public:
  /// `state` is what the disk holds; its snapshot's membership counts until changes are applied again.
  Raft(Config config, InitialState state);

  void tick();
  /// Takes any message, also old, duplicated, forged or for another member; such are dropped.
  void step(const Message& message);

  ProposeResult propose(env::BodyRef payload);
  /// One change at a time: while one is not yet applied, further ones are appended as no-ops.
  ProposeResult propose_conf_change(base::Ref<const ConfChange> change);
  /// Asks for a point at which `context` may be read. False when no leader is known. The answer may be lost
  /// (a change of leader, a lost message); ask again with a new context after a while.
  bool read_index(std::uint64_t context);
  /// Leader only; given up after an election timeout. Proposals are dropped meanwhile.
  void transfer_leader(NodeId to);
  /// Starts an election now (tests, and the only voter of a cluster).
  void campaign();

  bool has_ready() const;
  /// Moves the pending work into `out` (reusing its room). False, with `out` as it was, when there is none.
  bool take_ready(Ready& out);
  /// Everything up to Ready `number` is durable.
  void on_persisted(std::uint64_t number);
  /// The membership after a committed change, which takes effect here.
  const ConfState& apply_conf_change(const Entry& entry);

  /// `snapshot` is durable here and may be sent to members that lag too far (metadata is enough).
  void on_snapshot(SnapshotRef snapshot);
  /// Forgets entries up to `index`, at most the newest snapshot's.
  void compact(Index index);
  /// How sending a kSnapshot message ended.
  void report_snapshot(NodeId to, bool delivered);
  /// Messages to this member are being lost.
  void report_unreachable(NodeId to);

  void set_bugs(const Bugs& bugs) { config_.bugs = bugs; }
  NodeId id() const { return config_.id; }
  Role role() const { return role_; }
  bool is_leader() const { return role_ == Role::kLeader; }
  NodeId leader() const { return leader_; }
  Term term() const { return term_; }
  /// Whom this member voted for in term(), 0 for nobody.
  NodeId vote() const { return vote_; }
  Index commit() const { return commit_; }
  Index applied() const { return applied_; }
  Index persisted() const { return persisted_; }
  const Log& log() const { return log_; }
  const ConfState& conf() const { return conf_; }
  /// Null when unknown or when this member does not lead.
  const Progress* progress(NodeId id) const;
  bool is_voter(NodeId id) const;

 private:
  struct Handed {
    std::uint64_t number;
    Index first;  // the log from here on was written; 0: the log was not touched
    Index last;
    Term term;
    NodeId vote;
  };
  struct PendingRead {
    std::uint64_t context;
    NodeId from;  // 0: asked here
    Index index;
    std::uint64_t round;
  };

  // raft.cc: roles, ticks, ready
  void become_follower(Term term, NodeId leader);
  void reset(Term term);
  bool promotable() const { return !fresh_snapshot_ && !snapshot_unsynced_ && is_voter(config_.id); }
  void set_persisted(Index index);
  void send(Message&& m);
  void send_after_sync(Message&& m);
  Message reply_to(const Message& m, MessageType type) const;
  bool step_term(const Message& m);
  void collect_committed(Ready& out);

  // election.cc
  void start_campaign(bool transfer);
  void become_candidate(bool transfer);
  void become_leader();
  void ask_for_votes(MessageType type, Term term, bool transfer);
  void on_vote(const Message& m);
  void on_vote_reply(const Message& m);
  void count_vote(NodeId from, bool granted);

  // follower.cc
  void on_append(const Message& m);
  void on_heartbeat(const Message& m);
  void on_snapshot_message(const Message& m);
  void commit_to(Index index);

  // leader.cc
  void tick_leader();
  void on_append_reply(const Message& m);
  void on_append_rejected(Progress& peer, const Message& m);
  void on_heartbeat_reply(const Message& m);
  ProposeResult append_proposals(std::vector<Entry>& entries);
  void forward_or_append(Message m);
  void on_read_index(std::uint64_t context, NodeId from);
  void release_reads();
  void answer_read(const PendingRead& read);
  bool quorum_active();
  template <class Value>
  std::uint64_t quorum_of(Value value) const;
  void maybe_commit();
  void send_to_peers();
  void send_append(Progress& peer);
  void send_appends(Progress& peer);
  void send_heartbeats();
  void send_snapshot(Progress& peer);
  void send_timeout_now(NodeId to);
  Progress* peer(NodeId id);
  void rebuild_progress();

  Config config_;
  Role role_ = Role::kFollower;
  NodeId leader_ = 0;
  Term term_ = 0;
  NodeId vote_ = 0;
  Log log_;
  Index commit_ = 0;
  Index applied_ = 0;
  Index persisted_ = 0;
  SnapshotRef snapshot_;
  ConfState conf_;

  int election_elapsed_ = 0;
  int heartbeat_elapsed_ = 0;
  int election_timeout_ = 0;
  std::vector<std::pair<NodeId, bool>> votes_;

  std::vector<Progress> peers_;  // all members, this one included, sorted; filled while leading
  Index pending_conf_ = 0;
  NodeId transferee_ = 0;
  std::size_t uncommitted_bytes_ = 0;
  bool heartbeat_due_ = false;
  bool send_due_ = false;
  bool round_open_ = false;  // read_round_ has not been sent yet
  std::uint64_t read_round_ = 0;
  std::vector<PendingRead> early_reads_;  // asked before an entry of this term was committed
  std::deque<PendingRead> reads_;

  // Not yet handed out
  bool fresh_snapshot_ = false;
  bool role_changed_ = true;
  bool hard_changed_ = false;
  std::vector<Message> messages_;
  std::vector<Message> after_sync_;
  std::vector<ReadState> read_states_;
  // Handed out, not yet durable
  bool snapshot_unsynced_ = false;
  std::uint64_t next_number_ = 1;
  std::deque<Handed> handed_;
};

}  // namespace orrery::raft
