// Member: one process "etcd" of the replicated store. Drives raft from timers, datagrams and the disk,
// applies the log to its State and serves clients (calls and watch streams on client_port) and other
// members (peer_port).
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "control/raft/raft.h"
#include "control/store/snapshot_pieces.h"
#include "control/store/snapshot_transfer.h"
#include "control/store/state.h"
#include "control/store/wal.h"
#include "control/store/watch_hub.h"
#include "model/base/hash_map.h"
#include "model/env/environment.h"
#include "model/env/memory_account.h"

namespace orrery::store {

struct MemberConfig {
  raft::NodeId id = 0;
  std::uint64_t cluster = 1;
  std::vector<MemberInfo>
      members;        ///< the founding members, this one included; when joining, those to be heard
  bool join = false;  ///< not a founding member: wait to be added
  base::Nanos tick = 100 * base::kMillisecond;
  int election_ticks = 10;
  std::uint64_t snapshot_count =
      10'000;  ///< entries between snapshots at least; more when the key space is large
  std::uint64_t catch_up_entries = 5'000;  ///< kept in memory behind a snapshot for members that lag
  std::int64_t quota_bytes = kDefaultQuotaBytes;
  std::uint64_t segment_bytes = 64 << 20;
  base::Nanos request_timeout = 7 * base::kSecond;    ///< 5 s and two election timeouts, as etcd
  base::Nanos progress_interval = 5 * base::kSecond;  ///< kubeadm's setting
  std::size_t max_pending = 10'000;  ///< requests waiting for raft; more get kErrTooManyRequests
  base::Nanos write_cpu = 0;         ///< what a write and a read cost the machine (env::Compute)
  base::Nanos read_cpu = 0;
  std::uint64_t hash_every = 1'000;  ///< applied entries between recorded state hashes
  std::uint16_t client_port = 2379;
  std::uint16_t peer_port = 2380;
};

/// Lives until its process incarnation ends. A damaged disk makes start() end the process with a message
/// instead of serving wrong data; so do a failed write and a failed sync. A full disk makes the member
/// refuse writes (kErrNoSpace) and give leadership away; it goes on when there is room again.
class Member {
 public:
  Member(env::Environment& env, MemberConfig config);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member();
  /// Recovers from the disk, then serves.
  void start();

  bool serving() const { return raft_ != nullptr; }
  /// Valid while serving().
  const raft::Raft& raft() const { return *raft_; }
  const State& state() const { return state_; }
  bool disk_full() const { return wal_.full() || install_stuck_; }
  std::size_t watchers() const { return hub_.size(); }

 private:
  struct Pending {
    env::Reply reply;
    bool control = false;
  };
  struct Queued {
    env::BodyRef payload;  // Proposal or ConfChange
    std::uint64_t id = 0;
  };
  struct Read {
    env::Reply reply;
    base::Ref<const RangeRequest> request;
    base::Instant deadline;
    raft::Index index = 0;
  };
  struct Deadline {
    base::Instant at;
    std::uint64_t id;
  };
  struct AfterSync {
    std::uint64_t number;        // of the change that must be durable first
    std::uint64_t ready_number;  // to tell raft; 0: nothing
    std::vector<raft::Message> messages;
    bool record;  // role and term are news, and may not be taken back once told
  };

  // member.cc: start, the raft loop
  void wait_for_room();
  void serve();
  raft::Bugs bugs() const;
  base::Result<raft::InitialState> recover();
  void on_tick();
  void process();
  void write();
  void start_senders();
  void install(const raft::SnapshotRef& snapshot);
  void write_installed();
  void on_durable(std::uint64_t number);
  /// False for a number met before, among the last kNumbersKept.
  bool first_sight(std::uint64_t number);
  void send_all(std::vector<raft::Message>& messages);
  void on_peer_datagram(env::Message message);
  void on_peer_call(env::Message message, env::Reply reply);
  void on_role_change();
  void record_role();
  void watch_leader();
  void relieve_full_disk();
  env::Peer peer(raft::NodeId id);

  // member_apply.cc: committed entries, snapshots
  void apply(const raft::Entry& entry);
  void apply_conf_change(const raft::Entry& entry);
  void record_commit(const raft::Entry& entry, const Proposal& proposal, std::size_t changes);
  void maybe_snapshot();
  void snapshot_ready(base::Ref<const SnapshotHead> head);
  base::Ref<const SnapshotHead> view_head() const;

  // member_requests.cc: clients
  void on_call(env::Message message, env::Reply reply);
  void on_txn(base::Ref<const TxnRequest> request, env::Reply reply);
  void on_range(base::Ref<const RangeRequest> request, env::Reply reply);
  void on_control(base::Ref<const ControlRequest> request, env::Reply reply);
  void on_keep_alive(base::Ref<const ControlRequest> request, env::Reply reply);
  void on_watch(env::Message hello, std::unique_ptr<env::Stream> stream);
  void propose(env::BodyRef payload, std::uint64_t id, env::Reply reply);
  void push_queued(bool sync_ended = false);
  void finish(std::uint64_t id, env::BodyRef answer);
  void start_read_round();
  void on_read_state(const raft::ReadState& read);
  void answer_reads();
  void answer_range(const RangeRequest& request, env::Reply& reply);
  void expire();
  void expire_leases();
  void record_lease(LeaseId lease, std::int64_t ttl_seconds) const;
  bool no_room(const TxnRequest& request);
  base::Ref<ControlReply> status_reply() const;
  std::uint64_t new_id();

  env::Environment& env_;
  MemberConfig config_;
  State state_;
  SnapshotPieces pieces_;
  WatchHub hub_;
  Wal wal_;
  SnapshotFiles files_;
  SnapshotReceiver receiver_;
  std::vector<std::unique_ptr<SnapshotSender>> senders_;
  std::vector<raft::NodeId> lagging_;  // raft wants these to get a snapshot
  std::unique_ptr<raft::Raft> raft_;
  raft::Ready ready_;
  raft::HardState hard_;
  bool processing_ = false;
  bool leading_ = false;

  env::MemoryAccount memory_;

  std::uint64_t next_change_ = 1;  // numbers of WAL changes
  std::deque<AfterSync> after_sync_;
  SnapshotDataRef installing_;  // received, not yet durable
  bool install_stuck_ = false;  // no room for it
  bool exporting_ = false;      // a snapshot of the running state is being written

  base::HashMap<std::uint64_t, Pending> pending_;
  std::deque<Deadline> deadlines_;
  std::deque<Queued>
      queued_;  // not given to raft yet: no leader, or a sync is running that the next may share
  bool alarm_proposed_ = false;
  std::vector<Read> reads_waiting_;  // for the next read-index round
  std::vector<Read> reads_asked_;    // in the round under way
  std::deque<Read> reads_known_;     // index known, not yet applied
  std::uint64_t read_context_ = 0;
  base::Instant read_asked_at_{};

  base::HashMap<raft::NodeId, env::Peer> peers_;
  base::HashMap<std::uint64_t, bool> numbers_;   // of forwarded proposals that have come
  std::deque<std::uint64_t> numbers_in_order_;
  std::uint32_t next_counter_ = 1;
  base::Instant no_leader_since_{};
  base::Instant leader_elected_at_{};
  raft::NodeId last_leader_ = 0;
  raft::SnapshotRef unmarked_;  // recovered, beyond the end of the log: the next change of the log says that it builds on it
  raft::Index next_snapshot_ = 0;
  std::int64_t log_bytes_ = 0;  // applied since the last snapshot began
  base::Instant next_progress_{};
  raft::Index lost_revision_at_ = 0;  // planted bug "revision-reused-after-restart"
};

}  // namespace orrery::store
