// The values of the key space: keys with versions, ranges, transactions, leases, watch events. Names and
// meaning are etcd's v3 API; what Kubernetes does not use (sorting, nested transactions, create_revision
// bounds) is left out.
#pragma once
#include <cstdint>
#include <vector>

#include "control/store/wire.h"

namespace orrery::store {

using Revision = std::int64_t;
/// 0: no lease.
using LeaseId = std::int64_t;

struct KeyValue {
  Str key;
  env::BodyRef value;  ///< null: keys_only was asked, or the key was deleted
  Revision create_revision = 0;
  Revision mod_revision = 0;
  std::int64_t version = 0;  ///< 1 at creation, +1 per put
  LeaseId lease = 0;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.key);
    a(s.value);
    a(s.create_revision);
    a(s.mod_revision);
    a(s.version);
    a(s.lease);
  }
};

enum class CompareTarget : std::uint8_t { kModRevision, kCreateRevision, kVersion, kLast = kVersion };
enum class CompareResult : std::uint8_t { kEqual, kGreater, kLess, kNotEqual, kLast = kNotEqual };

/// A key that does not exist compares as 0 in every target.
struct Compare {
  Str key;
  CompareTarget target = CompareTarget::kModRevision;
  CompareResult result = CompareResult::kEqual;
  std::int64_t operand = 0;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.key);
    a(s.target);
    a(s.result);
    a(s.operand);
  }
};

enum class OpKind : std::uint8_t { kRange, kPut, kDelete, kLast = kDelete };

/// `end` empty: the one key; otherwise the keys in [key, end). prefix_end() makes the end of a prefix.
struct Op {
  OpKind kind = OpKind::kRange;
  Str key;
  Str end;                 ///< range and delete
  env::BodyRef value;      ///< put
  LeaseId lease = 0;       ///< put
  std::int64_t limit = 0;  ///< range; 0: none
  bool keys_only = false;  ///< range
  bool previous = false;   ///< put and delete: answer with what was there before
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.kind);
    a(s.key);
    a(s.end);
    a(s.value);
    a(s.lease);
    a(s.limit);
    a(s.keys_only);
    a(s.previous);
  }
};

struct OpResult {
  std::vector<KeyValue> kvs;  ///< range: the answer; put and delete: what was there before, when asked
  std::int64_t count = 0;     ///< range: keys without the limit; delete: keys deleted
  bool more = false;
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.kvs);
    a(s.count);
    a(s.more);
  }
};

/// One change, as watches see it. A deletion has mod_revision set and no value.
struct Event {
  bool deleted = false;
  KeyValue kv;
  env::BodyRef previous;               ///< the value before, when the watch asked for it and there was one
  Revision previous_mod_revision = 0;  ///< 0: the key was created
  template <class A, class S>
  static void fields(A& a, S& s) {
    a(s.deleted);
    a(s.kv);
    a(s.previous);
    a(s.previous_mod_revision);
  }
};

/// The smallest key greater than every key with this prefix. `prefix` must not be empty or all 0xff.
Str prefix_end(std::string_view prefix);

/// True when `key` is in [from, end), or equals `from` when `end` is empty.
inline bool in_range(std::string_view key, std::string_view from, std::string_view end) {
  return end.empty() ? key == from : key >= from && key < end;
}

/// etcd's limits (server/embed/config.go, server/storage/quota.go).
inline constexpr std::size_t kMaxRequestBytes = 1536 * 1024;
inline constexpr std::size_t kMaxTxnOps = 128;
inline constexpr std::int64_t kDefaultQuotaBytes = std::int64_t{2} << 30;

/// The messages clients see; Kubernetes passes them on.
inline constexpr const char* kErrCompacted = "etcdserver: mvcc: required revision has been compacted";
inline constexpr const char* kErrFutureRevision =
    "etcdserver: mvcc: required revision is a future revision";
inline constexpr const char* kErrNoSpace = "etcdserver: mvcc: database space exceeded";
inline constexpr const char* kErrTooManyOps = "etcdserver: too many operations in txn request";
inline constexpr const char* kErrDuplicateKey = "etcdserver: duplicate key given in txn request";
inline constexpr const char* kErrEmptyKey = "etcdserver: key is not provided";
inline constexpr const char* kErrTooLarge = "etcdserver: request is too large";
inline constexpr const char* kErrTooManyRequests = "etcdserver: too many requests";
inline constexpr const char* kErrTimeout = "etcdserver: request timed out";
inline constexpr const char* kErrTimeoutLeader =
    "etcdserver: request timed out, possibly due to previous leader failure";
inline constexpr const char* kErrNoLeader = "etcdserver: no leader";
inline constexpr const char* kErrLeaseNotFound = "etcdserver: requested lease not found";
inline constexpr const char* kErrLeaseExists = "etcdserver: lease already exists";

}  // namespace orrery::store
