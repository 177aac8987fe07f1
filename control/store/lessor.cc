#include "control/store/lessor.h"

namespace orrery::store {

void Lessor::set_deadline(LeaseId id, Lease& lease, base::Instant deadline) {
  deadlines_.erase({lease.deadline, id});
  lease.deadline = deadline;
  deadlines_.insert({deadline, id});
}

bool Lessor::grant(LeaseId id, std::int64_t ttl_seconds, base::Instant now) {
  const auto [it, fresh] = leases_.try_emplace(id);
  if (!fresh) return false;
  it->second.ttl_seconds = ttl_seconds;
  if (primary_) set_deadline(id, it->second, now + ttl_seconds * base::kSecond / divisor_);
  return true;
}

std::vector<Str> Lessor::revoke(LeaseId id) {
  const auto it = leases_.find(id);
  if (it == leases_.end()) return {};
  std::vector<Str> keys(it->second.keys.begin(), it->second.keys.end());
  deadlines_.erase({it->second.deadline, id});
  leases_.erase(it);
  return keys;
}

void Lessor::attach(LeaseId id, const Str& key) {
  const auto it = leases_.find(id);
  if (it != leases_.end()) it->second.keys.insert(key);
}

void Lessor::detach(LeaseId id, const Str& key) {
  const auto it = leases_.find(id);
  if (it != leases_.end()) it->second.keys.erase(key);
}

std::int64_t Lessor::keep_alive(LeaseId id, base::Instant now) {
  const auto it = leases_.find(id);
  if (it == leases_.end() || !primary_) return 0;
  set_deadline(id, it->second, now + it->second.ttl_seconds * base::kSecond / divisor_);
  return it->second.ttl_seconds;
}

void Lessor::promote(base::Instant now) {
  primary_ = true;
  deadlines_.clear();
  for (auto& [id, lease] : leases_) {
    lease.deadline = now + lease.ttl_seconds * base::kSecond / divisor_;
    deadlines_.insert({lease.deadline, id});
  }
}

std::vector<LeaseId> Lessor::expired(base::Instant now, base::Nanos again) {
  std::vector<LeaseId> out;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const LeaseId id = deadlines_.begin()->second;
    out.push_back(id);
    set_deadline(id, leases_.find(id)->second, now + again);
  }
  return out;
}

std::vector<std::pair<LeaseId, std::int64_t>> Lessor::list() const {
  std::vector<std::pair<LeaseId, std::int64_t>> out;
  for (const auto& [id, lease] : leases_) out.emplace_back(id, lease.ttl_seconds);
  return out;
}

void Lessor::clear() {
  leases_.clear();
  deadlines_.clear();
}

}  // namespace orrery::store
