#include "scenarios/oracles/store_order.h"

#include <algorithm>

namespace orrery::scenarios {
namespace {
constexpr std::size_t kVersionsKept = 48;
}

void StoreOrder::on_record(const history::Record& record, const Changes&) {
  switch (record.kind) {
    case RecordKind::kStoreCommit: return on_commit(static_cast<const history::StoreCommit&>(record));
    case RecordKind::kStoreOp: return on_op(static_cast<const history::StoreOp&>(record));
    case RecordKind::kStoreRead: return on_read(static_cast<const history::StoreRead&>(record));
    case RecordKind::kStoreLease: return on_lease(static_cast<const history::StoreLease&>(record));
    default: return;
  }
}

void StoreOrder::on_lease(const history::StoreLease& l) {
  const std::pair<Str, std::int64_t> key{l.origin.machine, l.id};
  if (l.ttl_seconds > 0) {
    leases_[key] = {l.origin.at, l.ttl_seconds};
    return;
  }
  const auto it = leases_.find(key);
  if (it == leases_.end()) return;
  const auto since = it->second.first;
  const std::int64_t ttl = it->second.second;
  // A hundredth for clocks that drift.
  check(l.origin.at - since >= ttl * (base::kSecond - base::kSecond / 100), l.origin.at, [&] {
    return cat("a lease of ", num(ttl), " s ran out on ", l.origin.machine, " after ",
               num((l.origin.at - since) / base::kMillisecond), " ms");
  });
}

void StoreOrder::on_commit(const history::StoreCommit& c) {
  if (c.revision <= revision_) return;
  revision_ = c.revision;
  for (const auto& op : c.ops) {
    KeyHistory& key = keys_[op.key];
    if (key.newest.revision == 0) key.hash = base::hash_bytes(op.key);
    else key.older.push_back(key.newest);
    key.newest = {c.revision, op.value != nullptr};
    if (key.older.size() < kVersionsKept) continue;
    key.older.erase(key.older.begin(), key.older.begin() + kVersionsKept / 2);
    key.forgotten = true;
  }
  if (c.request_id == 0) return;
  if (InFlight* f = in_flight_.find(c.request_id)) {
    f->revision = c.revision;
  } else if (failed_.contains(c.request_id)) {
    check(false, c.origin.at, [&] { return cat("revision ", num(c.revision), " is a transaction that had failed"); });
  }
}

void StoreOrder::on_op(const history::StoreOp& op) {
  using Phase = history::StoreOp::Phase;
  subject();
  if (op.phase == Phase::kInvoked) {
    in_flight_[op.request_id] = {acknowledged_, 0};
    return;
  }
  const InFlight* found = in_flight_.find(op.request_id);
  if (!found) return;
  const InFlight f = *found;
  in_flight_.erase(op.request_id);
  if (op.phase == Phase::kUnknown) return;
  if (op.phase == Phase::kFailed) {
    check(f.revision == 0, op.origin.at,
          [&] { return cat("a transaction committed at revision ", num(f.revision), " was reported as failed"); });
    failed_[op.request_id] = 1;
    return;
  }
  check(op.revision >= f.floor, op.origin.at, [&] {
    return cat("a transaction answered revision ", num(op.revision), " after revision ", num(f.floor),
               " had been acknowledged before it began");
  });
  if (f.revision == 0) return;  // it changed nothing
  check(f.revision == op.revision && f.revision > f.floor, op.origin.at, [&] {
    return cat("a transaction committed at revision ", num(f.revision), " was answered as ", num(op.revision),
               ", acknowledged before it began: ", num(f.floor));
  });
  acknowledged_ = std::max(acknowledged_, op.revision);
}

void StoreOrder::on_read(const history::StoreRead& r) {
  using Phase = history::StoreRead::Phase;
  if (r.phase == Phase::kInvoked) {
    reads_[r.id] = acknowledged_;
    return;
  }
  const std::int64_t* asked = reads_.find(r.id);
  if (!asked) return;
  const std::int64_t floor = *asked;
  reads_.erase(r.id);
  if (r.phase == Phase::kFailed) return;
  subject();
  if (!r.serializable) {
    check(r.revision >= floor, r.origin.at, [&] {
      return cat("a read of ", r.key, " answered at revision ", num(r.revision), ", revision ", num(floor),
                 " had been acknowledged before it began");
    });
  }
  compare_state(r, r.asked_revision > 0 ? r.asked_revision : r.revision);
}

const KeyHistory::Version* KeyHistory::at(std::int64_t revision) const {
  if (newest.revision <= revision) return &newest;
  const auto after = std::upper_bound(older.begin(), older.end(), revision,
                                      [](std::int64_t at, const Version& v) { return at < v.revision; });
  return after == older.begin() ? nullptr : &*std::prev(after);
}

void StoreOrder::compare_state(const history::StoreRead& r, std::int64_t revision) {
  if (revision > revision_) {
    check(r.count == 0 && r.revision <= 1, r.origin.at,
          [&] { return cat("a read answered at revision ", num(revision), ", which nobody has committed"); });
    return;
  }
  std::int64_t count = 0;
  std::uint64_t hash = 0;
  bool equal = r.result_hash == 0;
  auto it = keys_.lower_bound(r.key);
  auto end = r.end.empty() ? keys_.upper_bound(r.key) : keys_.lower_bound(r.end);
  for (; it != end; ++it) {
    const KeyHistory::Version* version = it->second.at(revision);
    if (!version && it->second.forgotten) return;
    if (!version || !version->live) continue;
    ++count;
    hash = base::combine64(hash, it->second.hash);
    hash = base::combine64(hash, static_cast<std::uint64_t>(version->revision));
    equal = equal || hash == r.result_hash;
  }
  check(equal && count == r.count, r.origin.at, [&] {
    return cat("a read of ", r.key, " returned something else than the state at revision ", num(revision), " (",
               num(r.count), " keys, committed are ", num(count), ")");
  });
}

}  // namespace orrery::scenarios
