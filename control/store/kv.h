// Kv: the key-value store as its only client, the apiserver, sees it. The model is etcd's v3 API.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "model/base/function.h"
#include "model/base/result.h"
#include "model/base/str.h"
#include "model/base/time.h"
#include "model/env/message.h"

namespace orrery::store {

using base::Str;

enum class LeaseId : std::int64_t { kNone = 0 };

/// One live key at some revision. The value handle is shared by every holder.
struct KeyValue {
  Str key;
  env::BodyRef value;
  std::int64_t create_revision = 0, mod_revision = 0, version = 0;
  LeaseId lease = LeaseId::kNone;
};

struct RangeRequest {
  Str key;                     ///< first key
  Str end;                     ///< exclusive; empty: only `key`; prefix_end(key) for a prefix
  std::int64_t revision = 0;   ///< 0: newest
  std::int64_t limit = 0;      ///< 0: none
  bool count_only = false;
  bool serializable = false;   ///< answered from the member's own state, may be stale
};

struct RangeResponse {
  std::int64_t revision = 0;   ///< store revision when answered
  std::vector<KeyValue> kvs;
  std::int64_t count = 0;      ///< of all keys in the range
  bool more = false;
};

struct Compare {
  enum class Target : std::uint8_t { kModRevision, kCreateRevision, kVersion } target = Target::kModRevision;
  Str key;
  std::int64_t expected = 0;   ///< equality; mod revision 0: the key does not exist
};

struct TxnOp {
  enum class Kind : std::uint8_t { kPut, kDelete, kRange } kind = Kind::kRange;
  Str key, end;                ///< end: delete and range over [key, end)
  env::BodyRef value;          ///< put
  LeaseId lease = LeaseId::kNone;
};

struct Txn {
  std::vector<Compare> compares;  ///< all must hold
  std::vector<TxnOp> then_ops, else_ops;  ///< at most 128 each
};

struct TxnResponse {
  bool succeeded = false;
  std::int64_t revision = 0;      ///< after the transaction; the mod revision of what it wrote
  std::vector<RangeResponse> ranges;  ///< one per range operation of the branch taken, in order
};

struct WatchEventKv {
  bool deleted = false;
  KeyValue kv;                    ///< deleted: key and mod_revision of the deletion
  env::BodyRef previous;          ///< value before; null when the key did not exist or history is compacted
  std::int64_t previous_mod_revision = 0;
};

/// All events of complete revisions, in revision order. Empty events: progress, everything <= revision was sent.
struct WatchNotice {
  std::int64_t revision = 0;
  std::vector<WatchEventKv> events;
};

/// Ends a watch: kCompacted when the start lies below the compaction mark.
struct WatchEnd {
  bool compacted = false;
  std::int64_t compact_revision = 0;
  base::Error error;
};

class Watcher {
 public:
  virtual ~Watcher() = default;  ///< destruction cancels; no callback afterwards
  virtual void request_progress() = 0;
};

/// Every completion is queued, runs once, and not after the Kv is destroyed. Outcomes: kUnavailable (certainly not
/// executed), kUnknown (a write that may have been executed: timeout, lost connection, leader change), kLimit (NOSPACE,
/// too many requests, request too large), kInvalid (future revision), kNotFound (lease), kConflict ("compacted").
class Kv {
 public:
  virtual ~Kv() = default;
  template <class T>
  using Done = base::UniqueFunction<void(base::Result<T>)>;

  virtual void range(RangeRequest request, Done<RangeResponse> done) = 0;
  virtual void txn(Txn txn, Done<TxnResponse> done) = 0;
  /// Events with revision >= start_revision of keys in [key, end); 0 starts after the present revision.
  virtual std::unique_ptr<Watcher> watch(Str key, Str end, std::int64_t start_revision,
                                         base::UniqueFunction<void(WatchNotice)> on_notice,
                                         base::UniqueFunction<void(WatchEnd)> on_end) = 0;
  virtual void compact(std::int64_t revision, Done<base::Unit> done) = 0;
  virtual void lease_grant(base::Nanos ttl, Done<LeaseId> done) = 0;
  virtual void lease_keep_alive(LeaseId lease, Done<base::Nanos> done) = 0;
  virtual void lease_revoke(LeaseId lease, Done<base::Unit> done) = 0;
};

/// The smallest key greater than every key with this prefix.
Str prefix_end(std::string_view prefix);

}  // namespace orrery::store
