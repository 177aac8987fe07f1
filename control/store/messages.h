// What clients and members say to each other: requests, answers, watch streams, raft messages, snapshot
// pieces.
#pragma once
#include "control/raft/types.h"
#include "control/store/types.h"
#include "model/base/result.h"

namespace orrery::store {

/// Body numbers 100-119: requests, answers and what stands in logs. 101 is raft::ConfChange.
struct TxnRequest final : PlainBody<TxnRequest> {  // 110
  static const env::BodyType kType;
  std::vector<Compare> compares;  ///< all must hold for `then`
  std::vector<Op> then;
  std::vector<Op> otherwise;
  std::uint64_t request_id = 0;  ///< the client's, for the record of the run; 0: none
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.compares);
    a(s.then);
    a(s.otherwise);
    a(s.request_id);
  }
};
using TxnRequestRef = base::Ref<const TxnRequest>;

struct RangeRequest final : PlainBody<RangeRequest> {  // 111
  static const env::BodyType kType;
  Str key;
  Str end;
  Revision revision = 0;   ///< 0: the newest
  std::int64_t limit = 0;  ///< 0: none
  bool keys_only = false;
  bool count_only = false;
  bool serializable = false;  ///< from this member's applied state, however old
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.key);
    a(s.end);
    a(s.revision);
    a(s.limit);
    a(s.keys_only);
    a(s.count_only);
    a(s.serializable);
  }
};

enum class ControlKind : std::uint8_t {
  kLeaseGrant,
  kLeaseRevoke,
  kLeaseKeepAlive,
  kCompact,
  kAlarmNoSpace,
  kAlarmClear,
  kStatus,
  kAddLearner,
  kAddVoter,
  kRemoveMember,
  kMoveLeader,
  kLast = kMoveLeader
};

/// Everything but key operations. `id` is a lease or a member, `number` a TTL in seconds or a revision.
struct ControlRequest final : PlainBody<ControlRequest> {  // 112
  static const env::BodyType kType;
  ControlKind kind = ControlKind::kStatus;
  std::int64_t id = 0;
  std::int64_t number = 0;
  Str host;  ///< kAddLearner, kAddVoter
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.kind);
    a(s.id);
    a(s.number);
    a(s.host);
  }
};

/// Part of every answer: `code` is kOk or a base::ErrorCode + 1.
struct Outcome {
  std::uint8_t code = 0;
  std::string message;
  bool ok() const { return code == 0; }
  base::Error error() const { return {static_cast<base::ErrorCode>(code - 1), message}; }
  static Outcome failure(base::ErrorCode code, std::string message) {
    return {static_cast<std::uint8_t>(static_cast<std::uint8_t>(code) + 1), std::move(message)};
  }
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.code);
    a(s.message);
  }
};

struct TxnReply final : PlainBody<TxnReply> {  // 113
  static const env::BodyType kType;
  Outcome outcome;
  bool succeeded = false;         ///< `then` was taken
  Revision revision = 0;          ///< of the store after it; its own mod revision when it modified
  std::vector<OpResult> results;  ///< one per operation of the branch taken
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.outcome);
    a(s.succeeded);
    a(s.revision);
    a(s.results);
  }
};
using TxnReplyRef = base::Ref<const TxnReply>;

struct RangeReply final : PlainBody<RangeReply> {  // 114
  static const env::BodyType kType;
  Outcome outcome;
  std::vector<KeyValue> kvs;
  std::int64_t count = 0;  ///< keys in the range at that revision, without the limit
  bool more = false;
  Revision revision = 0;  ///< of the store when it answered, also when an older one was asked
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.outcome);
    a(s.kvs);
    a(s.count);
    a(s.more);
    a(s.revision);
  }
};
using RangeReplyRef = base::Ref<const RangeReply>;

struct ControlReply final : PlainBody<ControlReply> {  // 115
  static const env::BodyType kType;
  Outcome outcome;
  Revision revision = 0;
  std::int64_t id = 0;           ///< lease; status: the member
  std::int64_t ttl_seconds = 0;  ///< lease
  std::uint64_t leader = 0;      ///< status; 0: none known
  std::uint64_t term = 0;
  std::uint64_t applied = 0;
  std::int64_t db_bytes = 0;
  bool no_space = false;  ///< the space alarm is on
  std::vector<std::uint64_t> voters;
  std::vector<std::uint64_t> learners;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.outcome);
    a(s.revision);
    a(s.id);
    a(s.ttl_seconds);
    a(s.leader);
    a(s.term);
    a(s.applied);
    a(s.db_bytes);
    a(s.no_space);
    a(s.voters);
    a(s.learners);
  }
};
using ControlReplyRef = base::Ref<const ControlReply>;

/// First message of a watch stream.
struct WatchRequest final : PlainBody<WatchRequest> {  // 116
  static const env::BodyType kType;
  Str key;
  Str end;
  Revision start_revision = 0;   ///< first revision wanted; 0: what comes next
  bool previous = false;         ///< events carry the value before
  bool progress_notify = false;  ///< tell the revision now and then while nothing happens
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.key);
    a(s.end);
    a(s.start_revision);
    a(s.previous);
    a(s.progress_notify);
  }
};

/// Server to client: all events of the revisions up to `revision` that were not sent yet; none means
/// progress. Revisions are never split over messages.
struct WatchReply final : PlainBody<WatchReply> {  // 117
  static const env::BodyType kType;
  bool created = false;  ///< the first answer: the watch stands; `revision` is the store's
  Revision revision = 0;
  std::vector<Event> events;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.created);
    a(s.revision);
    a(s.events);
  }
};
using WatchReplyRef = base::Ref<const WatchReply>;

/// Client to server on a watch stream: tell the revision as soon as everything up to it is sent.
struct ProgressRequest final : PlainBody<ProgressRequest> {  // 118
  static const env::BodyType kType;
  std::uint8_t none = 0;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.none);
  }
};

/// What stands in the raft log: one request on its way to every member's state machine.
struct Proposal final : PlainBody<Proposal> {  // 102
  static const env::BodyType kType;
  std::uint64_t id = 0;  ///< of the origin: member (16 bits), incarnation (16), counter (32)
  TxnRequestRef txn;     ///< this or `control`
  base::Ref<const ControlRequest> control;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.id);
    a(s.txn);
    a(s.control);
  }
};

/// A raft message between members. Snapshots travel as SnapshotChunk calls, never in here.
struct RaftMessage final : PlainBody<RaftMessage> {  // 103
  static const env::BodyType kType;
  std::uint64_t cluster = 0;
  raft::Message message;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.cluster);
    a(s.message);
  }
};

}  // namespace orrery::store
