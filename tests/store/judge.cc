#include "tests/store/judge.h"

#include <algorithm>

namespace orrery::store_test {

using history::RecordKind;

void Judge::log(base::Instant, const env::Process& p, env::LogLevel, std::string_view line) {
  logged.push_back(base::cat(p.machine(), ": ", line));
}

void Judge::record(base::Instant, const env::Process&, const history::Record& r) {
  switch (r.kind) {
    case RecordKind::kStoreCommit: commit(static_cast<const history::StoreCommit&>(r)); break;
    case RecordKind::kStoreOp: op(static_cast<const history::StoreOp&>(r)); break;
    case RecordKind::kStoreRead: read(static_cast<const history::StoreRead&>(r)); break;
    case RecordKind::kRaftState: raft_state(static_cast<const history::RaftState&>(r)); break;
    case RecordKind::kRaftApply: raft_apply(static_cast<const history::RaftApply&>(r)); break;
    case RecordKind::kStoreHash: hash(static_cast<const history::StoreHash&>(r)); break;
    default: break;
  }
}

void Judge::fail(std::string what) {
  if (violations.size() < 20) violations.push_back(std::move(what));
}

void Judge::finish() {
  for (const auto& [id, revision] : acknowledged_) {
    const auto it = by_request_.find(id);
    if (it == by_request_.end() || it->second != revision)
      fail("S2: an acknowledged write is not in the history");
  }
}

void Judge::commit(const history::StoreCommit& c) {
  std::uint64_t h = 0;
  for (const auto& op : c.ops) {
    h = base::combine64(h, base::hash_bytes(op.key));
    h = base::combine64(h, op.value ? op.value->encoded_size() + 1 : 0);
  }
  const auto [it, fresh] = commits_.try_emplace(c.revision, Commit{c.raft_index, h, c.request_id});
  if (!fresh) {
    if (it->second.index != c.raft_index || it->second.hash != h) {
      fail("S3/S5: revision " + std::to_string(c.revision) + " differs between members or was used twice");
    }
    return;
  }
  if (!by_request_.emplace(c.request_id, c.revision).second) fail("S1: a request was applied twice");
  for (const auto& op : c.ops) keys_[op.key.str()].emplace_back(c.revision, static_cast<bool>(op.value));
}

void Judge::op(const history::StoreOp& o) {
  using Phase = history::StoreOp::Phase;
  if (o.phase == Phase::kInvoked) {
    invoked_[o.request_id] = floor_;
    return;
  }
  if (o.phase == Phase::kUnknown) ++unknown;
  if (o.phase == Phase::kFailed && by_request_.count(o.request_id)) fail("S1: a failed write took effect");
  if (o.phase != Phase::kOk) return;
  ++acknowledged;
  if (o.revision < invoked_[o.request_id]) fail("S1: a later transaction saw an older store");
  floor_ = std::max(floor_, o.revision);
  if (by_request_.count(o.request_id)) acknowledged_[o.request_id] = o.revision;
}

/// A linearizable read must see at least what anybody knew before it was asked, and the keys as they were
/// then.
void Judge::read(const history::StoreRead& r) {
  using Phase = history::StoreRead::Phase;
  if (r.phase == Phase::kInvoked) {
    asked_[r.id] = floor_;
    return;
  }
  if (r.phase == Phase::kFailed) return;
  ++reads;
  if (!r.serializable) {
    if (r.revision < asked_[r.id]) fail("S1: stale read");
    floor_ = std::max(floor_, r.revision);
  }
  std::uint64_t h = 0;
  for (const auto& [key, versions] : keys_) {
    if (!store::in_range(key, r.key, r.end)) continue;
    const auto after = std::upper_bound(versions.begin(), versions.end(), r.revision,
                                        [](Revision at, const auto& v) { return at < v.first; });
    if (after == versions.begin() || !std::prev(after)->second) continue;
    h = base::combine64(h, base::hash_bytes(key));
    h = base::combine64(h, static_cast<std::uint64_t>(std::prev(after)->first));
  }
  if (h != r.result_hash) fail("S1: a read does not equal the store at its revision");
}

void Judge::raft_state(const history::RaftState& s) {
  if (s.role == history::RaftState::Role::kLeader) {
    const auto [it, fresh] = leaders_.emplace(s.term, s.member);
    if (!fresh && it->second != s.member) fail("S4: two leaders in term " + std::to_string(s.term));
  }
  Vote& known = votes_[s.member];
  if (s.term < known.term) fail("S4: the term of a member went back");
  if (s.term == known.term && known.vote != 0 && s.vote != known.vote)
    fail("S4: a member changed its vote");
  known = {s.term, s.vote};
}

void Judge::raft_apply(const history::RaftApply& a) {
  const auto value = std::make_pair(a.term, a.payload_hash);
  const auto [it, fresh] = applied_.emplace(a.index, value);
  if (!fresh && it->second != value)
    fail("S4: index " + std::to_string(a.index) + " differs between members");
}

void Judge::hash(const history::StoreHash& h) {
  ++hashes;
  const auto [it, fresh] = hashes_.emplace(h.applied_index, h.hash);
  if (!fresh && it->second != h.hash)
    fail("S5: key spaces differ at index " + std::to_string(h.applied_index));
}

}  // namespace orrery::store_test
