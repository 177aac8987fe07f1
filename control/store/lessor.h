// Lessor: leases and the keys bound to them. Grants and revocations are replicated; deadlines are the
// leader's alone.
#pragma once
#include <vector>

#include "control/store/types.h"
#include "model/base/btree_map.h"
#include "model/base/time.h"

namespace orrery::store {

/// A lease never ends before its TTL has passed since the last keepalive; it may end later: a new leader
/// grants every lease its full TTL again (etcd's promotion).
class Lessor {
 public:
  /// False when it exists.
  bool grant(LeaseId id, std::int64_t ttl_seconds, base::Instant now);
  /// The keys that were bound to it, in order; the lease is gone. Empty also when unknown.
  std::vector<Str> revoke(LeaseId id);
  bool contains(LeaseId id) const { return leases_.count(id) > 0; }
  void attach(LeaseId id, const Str& key);
  void detach(LeaseId id, const Str& key);
  /// Leader only. The TTL, or 0 for an unknown lease.
  std::int64_t keep_alive(LeaseId id, base::Instant now);
  /// This member began to lead.
  void promote(base::Instant now);
  void demote() {
    primary_ = false;
    deadlines_.clear();
  }
  /// Leases past their deadline; each is reported again after `again` if it is still there.
  std::vector<LeaseId> expired(base::Instant now, base::Nanos again);
  bool idle() const { return deadlines_.empty(); }
  /// (id, TTL), ascending.
  std::vector<std::pair<LeaseId, std::int64_t>> list() const;
  void clear();

  /// The planted bug "lease-expires-early": deadlines come after half the TTL.
  void plant_early_expiry() { divisor_ = 2; }

 private:
  struct Lease {
    std::int64_t ttl_seconds = 0;
    base::Instant deadline = base::kNever;
    base::BTreeSet<Str> keys;
  };
  void set_deadline(LeaseId id, Lease& lease, base::Instant deadline);

  base::BTreeMap<LeaseId, Lease> leases_;
  base::BTreeSet<std::pair<base::Instant, LeaseId>> deadlines_;
  bool primary_ = false;
  int divisor_ = 1;
};

}  // namespace orrery::store
