// Kv: the store as its clients see it.
#pragma once
#include <memory>

#include "control/store/messages.h"
#include "model/base/function.h"
#include "model/base/result.h"

namespace orrery::store {

/// A running watch. Destroying it ends it: no handler runs afterwards.
class Watch {
 public:
  virtual ~Watch() = default;
  /// Asks for a message without events as soon as everything up to the present revision is delivered.
  virtual void request_progress() = 0;
};

struct WatchHandlers {
  /// The confirmation that the watch stands, events, progress; revisions ascend.
  base::UniqueFunction<void(WatchReplyRef)> on_reply;
  /// The end, once. kInvalid with kErrCompacted: the revision to go on from is gone, read the state anew.
  /// kUnavailable or kUnknown: go on from the last revision heard, plus one, perhaps at another member.
  base::UniqueFunction<void(base::Error)> on_closed;
};

/// Every operation ends with exactly one `done`, never inside the call. Errors: kUnavailable, kInvalid,
/// kLimit, kNotFound, kExists, kConflict: certainly not executed. kUnknown: a write that may or may not
/// have been, or may yet be, executed. A transaction whose compares do not hold is no error. Messages are
/// etcd's.
class Kv {
 public:
  template <class T>
  using Done = base::UniqueFunction<void(base::Result<T>)>;

  virtual ~Kv() = default;
  /// The request must not change once it is handed over (but for request_id, which is set here).
  virtual void txn(base::Ref<TxnRequest> request, Done<TxnReplyRef> done) = 0;
  virtual void range(base::Ref<const RangeRequest> request, Done<RangeReplyRef> done) = 0;
  /// Leases, compaction, status, membership.
  virtual void control(base::Ref<const ControlRequest> request, Done<ControlReplyRef> done) = 0;
  virtual std::unique_ptr<Watch> watch(base::Ref<const WatchRequest> request, WatchHandlers handlers) = 0;
};

/// Requests in one line. Lease ids are positive and chosen by the client.
base::Ref<const ControlRequest> control_request(ControlKind kind, std::int64_t id = 0,
                                                std::int64_t number = 0);
base::Ref<const RangeRequest> range_request(Str key, Str end = {}, Revision revision = 0,
                                            std::int64_t limit = 0);
Compare compare_mod(Str key, Revision revision);
Op put_op(Str key, env::BodyRef value, LeaseId lease = 0);
Op delete_op(Str key);
Op range_op(Str key);

}  // namespace orrery::store
