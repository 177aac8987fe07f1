// Records: the facts of a run that oracles read. Processes report them through env::Trace; the world stamps time and
// origin. The same records can be made from a real cluster's history.
#pragma once
#include <cstdint>
#include <vector>

#include "model/api/request.h"
#include "model/base/str.h"
#include "model/base/time.h"

namespace orrery::history {

using base::Str;

enum class RecordKind : std::uint8_t {
  kStoreCommit, kStoreOp, kStoreRead, kRaftState, kRaftApply, kStoreHash, kStoreCompact, kStoreLease,
  kStoreDelivery,
  kApiRequest, kApiResponse, kApiUpdate, kWatchOpen, kWatchDelivery, kWatchClose,
  kContainerStarted, kContainerStopped, kSandbox, kPodRemoved, kServiceTable, kEviction,
  kLeaderActs, kFencedWrite, kProcess, kMachine, kFault, kNote,
};

/// Stamped by the world before an oracle sees the record; processes leave it alone.
struct Origin {
  base::Instant at;                 ///< true (kernel) time
  Str machine, process;
  std::uint32_t incarnation = 0;
};

struct Record {
  const RecordKind kind;
  mutable Origin origin;
  virtual ~Record() = default;
  virtual std::uint64_t content_hash() const = 0;

 protected:
  explicit Record(RecordKind k) : kind(k) {}
};

/// One modifying transaction applied by one store member (every member reports its own).
struct StoreCommit final : Record {
  StoreCommit() : Record(RecordKind::kStoreCommit) {}
  std::uint64_t content_hash() const override;
  struct Op {
    Str key;
    env::BodyRef value;                  ///< null: deletion
    std::int64_t previous_mod_revision = 0;
  };
  std::int64_t revision = 0;
  std::uint64_t raft_index = 0, raft_term = 0, request_id = 0;
  std::vector<Op> ops;
};

/// A transaction as its client saw it. One record at invocation (phase kInvoked), one at the end.
struct StoreOp final : Record {
  StoreOp() : Record(RecordKind::kStoreOp) {}
  std::uint64_t content_hash() const override;
  enum class Phase : std::uint8_t { kInvoked, kOk, kFailed, kUnknown } phase = Phase::kInvoked;
  std::uint64_t request_id = 0;          ///< unique over the run
  bool modifies = false;
  std::int64_t revision = 0;             ///< of the answer
  bool succeeded = false;                ///< branch taken
};

/// A read as its client saw it: what was asked and which revisions of the keys came back. One record at invocation, one at the
/// end; what is below `id` is only in that of an answer.
struct StoreRead final : Record {
  StoreRead() : Record(RecordKind::kStoreRead) {}
  std::uint64_t content_hash() const override;
  enum class Phase : std::uint8_t { kInvoked, kOk, kFailed } phase = Phase::kInvoked;
  std::uint64_t id = 0;                  ///< unique among the reads of the run
  bool serializable = false;
  Str key, end;
  std::int64_t asked_revision = 0, revision = 0, count = 0;
  std::uint64_t result_hash = 0;         ///< over (key, mod_revision) in order
};

struct RaftState final : Record {
  RaftState() : Record(RecordKind::kRaftState) {}
  std::uint64_t content_hash() const override;
  std::uint64_t member = 0, term = 0, vote = 0, commit = 0, leader = 0;
  enum class Role : std::uint8_t { kFollower, kPreCandidate, kCandidate, kLeader } role = Role::kFollower;
};

/// A committed entry handed to the state machine.
struct RaftApply final : Record {
  RaftApply() : Record(RecordKind::kRaftApply) {}
  std::uint64_t content_hash() const override;
  std::uint64_t member = 0, index = 0, term = 0, payload_hash = 0;
};

/// Hash of a member's whole key space at an applied index; sampled.
struct StoreHash final : Record {
  StoreHash() : Record(RecordKind::kStoreHash) {}
  std::uint64_t content_hash() const override;
  std::uint64_t member = 0, applied_index = 0, hash = 0;
  std::int64_t revision = 0;
};

struct StoreCompact final : Record {
  StoreCompact() : Record(RecordKind::kStoreCompact) {}
  std::uint64_t content_hash() const override;
  std::int64_t revision = 0;
};

/// A member's clock for one store lease: started (granted or kept alive) or run out. Deadlines are the leader's.
struct StoreLease final : Record {
  StoreLease() : Record(RecordKind::kStoreLease) {}
  std::uint64_t content_hash() const override;
  std::int64_t id = 0, ttl_seconds = 0;  ///< ttl: 0 when it ran out
};

/// One message of a store watch over [key, end), as its client received it. Messages without events are not reported.
struct StoreDelivery final : Record {
  StoreDelivery() : Record(RecordKind::kStoreDelivery) {}
  std::uint64_t content_hash() const override;
  struct Part {
    std::int64_t revision = 0, events = 0;
  };
  Str key, end;
  std::vector<Part> parts;               ///< in the order of the message
};

/// A request as its client sent it and, in ApiResponse, as the client saw the end of it.
struct ApiRequestRecord final : Record {
  ApiRequestRecord() : Record(RecordKind::kApiRequest) {}
  std::uint64_t content_hash() const override;
  std::uint64_t id = 0;                  ///< unique per client process incarnation
  base::Ref<const api::ApiRequest> request;
};

struct ApiResponseRecord final : Record {
  ApiResponseRecord() : Record(RecordKind::kApiResponse) {}
  std::uint64_t content_hash() const override;
  std::uint64_t id = 0;
  base::Ref<const api::ApiRequest> request;
  base::Ref<const api::ApiResponse> response;  ///< null: no answer
  bool maybe_done = false;
  base::Nanos took = 0;
};

/// An update or patch of an object or its status that changed something, as the apiserver did it. Answers do not tell: one without
/// effect names the revision of somebody else's write.
struct ApiUpdate final : Record {
  ApiUpdate() : Record(RecordKind::kApiUpdate) {}
  std::uint64_t content_hash() const override;
  std::int64_t revision = 0;
  bool status = false;
};

struct WatchOpen final : Record {
  WatchOpen() : Record(RecordKind::kWatchOpen) {}
  std::uint64_t content_hash() const override;
  std::uint64_t stream = 0;              ///< unique per client process incarnation
  base::Ref<const api::ApiRequest> request;
  std::int64_t start_revision = 0;       ///< 0: from "now" or with initial events
};

/// Events as the client received them.
struct WatchDelivery final : Record {
  WatchDelivery() : Record(RecordKind::kWatchDelivery) {}
  std::uint64_t content_hash() const override;
  std::uint64_t stream = 0;
  base::Ref<const api::WatchBatch> batch;
};

struct WatchClose final : Record {
  WatchClose() : Record(RecordKind::kWatchClose) {}
  std::uint64_t content_hash() const override;
  std::uint64_t stream = 0;
  std::int32_t code = 0;                 ///< 410 and the like; 0: connection ended
};

/// Reported by the container runtime of the machine (the world itself, not the kubelet).
struct ContainerStarted final : Record {
  ContainerStarted() : Record(RecordKind::kContainerStarted) {}
  std::uint64_t content_hash() const override;
  Str pod_namespace, pod_name, pod_uid, container, container_id;
  std::uint32_t attempt = 0;
};

struct ContainerStopped final : Record {
  ContainerStopped() : Record(RecordKind::kContainerStopped) {}
  std::uint64_t content_hash() const override;
  enum class How : std::uint8_t { kExited, kTerm, kKill, kOom, kPowerLoss } how = How::kExited;
  Str pod_namespace, pod_name, pod_uid, container, container_id, reason;
  int exit_code = 0;
  base::Instant term_at;                 ///< when SIGTERM was sent; kNever: never
};

/// The kubelet has confirmed the end of a pod (deleted it with grace 0).
struct PodRemoved final : Record {
  PodRemoved() : Record(RecordKind::kPodRemoved) {}
  std::uint64_t content_hash() const override;
  Str pod_namespace, pod_name, pod_uid;
};

/// The service table entry that a machine's dataplane now uses.
struct ServiceTable final : Record {
  ServiceTable() : Record(RecordKind::kServiceTable) {}
  std::uint64_t content_hash() const override;
  Str service_namespace, service_name;
  std::uint64_t backends_hash = 0;
  std::vector<Str> backends;             ///< "ip:port" sorted, of all ports
};

/// An elected component starts or ends acting as leader (its own belief).
struct LeaderActs final : Record {
  LeaderActs() : Record(RecordKind::kLeaderActs) {}
  std::uint64_t content_hash() const override;
  Str lease, identity;
  std::int32_t epoch = 0;
  bool acting = false;
};

/// A write that carried the epoch of an elected component, or that took a new epoch (then epoch == revision).
struct FencedWrite final : Record {
  FencedWrite() : Record(RecordKind::kFencedWrite) {}
  std::uint64_t content_hash() const override;
  Str fence;                             ///< "namespace/name" of the lease
  std::int64_t epoch = 0, revision = 0;
};

struct ProcessRecord final : Record {
  ProcessRecord() : Record(RecordKind::kProcess) {}
  std::uint64_t content_hash() const override;
  enum class What : std::uint8_t { kStarted, kKilled, kExited, kPaused, kResumed, kOomKilled } what = What::kStarted;
  Str why;
};

struct MachineRecord final : Record {
  MachineRecord() : Record(RecordKind::kMachine) {}
  std::uint64_t content_hash() const override;
  enum class What : std::uint8_t { kPowerOn, kPowerOff } what = What::kPowerOn;
};

struct FaultRecord final : Record {
  FaultRecord() : Record(RecordKind::kFault) {}
  std::uint64_t content_hash() const override;
  Str text;                              ///< the plan's line
  bool begins = true;
};

/// Free text for the event log; oracles ignore it.
struct Note final : Record {
  Note() : Record(RecordKind::kNote) {}
  std::uint64_t content_hash() const override;
  Str text;
};

/// "store-commit", "api-response", ...
const char* to_string(RecordKind kind);

}  // namespace orrery::history
