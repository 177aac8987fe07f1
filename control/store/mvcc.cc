#include "control/store/mvcc.h"

#include <algorithm>

#include "control/store/lessor.h"
#include "model/base/check.h"
#include "model/base/prefetch.h"

namespace orrery::store {
namespace {

constexpr std::int64_t kVersionOverhead = 48;
constexpr std::int64_t kPieceBytes = 1 << 20;

std::int64_t target_of(const Mvcc::Version& v, CompareTarget target) {
  switch (target) {
    case CompareTarget::kModRevision: return v.mod;
    case CompareTarget::kCreateRevision: return v.create;
    case CompareTarget::kVersion: return v.version;
  }
  return 0;
}

}  // namespace

Mvcc::~Mvcc() { clear(); }

void Mvcc::clear() {
  for (const auto& [key, node] : order_.map()) delete node;
  order_.clear();
  index_.clear();
  last_node_ = nullptr;
  changes_.clear();
  revision_ = 1;
  compacted_ = 0;
  bytes_ = 0;
  live_hash_ = 0;
}

Mvcc::Node* Mvcc::find(const Str& key) const {
  if (last_node_ != nullptr && key.same_buffer(last_key_)) return last_node_;
  Node* const* node = index_.find(key);
  if (node == nullptr) return nullptr;
  last_key_ = key;
  return last_node_ = *node;
}

Mvcc::Node* Mvcc::find_or_make(const Str& key) {
  if (Node* known = find(key)) return known;
  Node*& slot = index_[key];
  slot = new Node;
  slot->key = key;
  slot->key_hash = base::hash_bytes(key);
  order_.add(key, slot);
  return slot;
}

const Mvcc::Version* Mvcc::at(const Node& node, Revision revision) const {
  const Version* v = &node.latest;
  for (std::size_t i = node.older.size(); v->mod > revision && i > 0; --i) v = &node.older[i - 1];
  return v->mod <= revision && v->version > 0 ? v : nullptr;
}

KeyValue Mvcc::to_kv(const Node& node, const Version& v, bool keys_only) {
  return {node.key, keys_only ? env::BodyRef() : v.value, v.create, v.mod, v.version, v.lease};
}

std::int64_t Mvcc::size_of(const Node& node, const Version& v) const {
  return static_cast<std::int64_t>(node.key.size() + (v.value ? v.value->encoded_size() : 0)) +
         kVersionOverhead;
}

std::uint64_t Mvcc::hash_of(const Node& node) const {
  const Version& v = node.latest;
  if (v.version == 0) return 0;
  std::uint64_t h = base::combine64(node.key_hash, static_cast<std::uint64_t>(v.mod));
  h = base::combine64(h, static_cast<std::uint64_t>(v.create + (v.version << 32)));
  return base::combine64(h, v.value ? v.value->encoded_size() : 0);
}

std::uint64_t Mvcc::deep_hash() const {
  base::Digest digest;
  std::string bytes;
  for (const auto& [key, node] : order_.map()) {
    if (node->latest.version == 0) continue;
    bytes.clear();
    if (node->latest.value) node->latest.value->encode(bytes);
    digest.add(hash_of(*node));
    digest.add(bytes);
  }
  digest.add(static_cast<std::uint64_t>(revision_));
  return digest.value();
}

// ---- reading

base::Result<Mvcc::Range> Mvcc::range(const Str& key, const Str& end, Revision revision, std::int64_t limit,
                                      bool keys_only, bool count_only) const {
  if (revision <= 0) revision = revision_;
  if (revision > revision_) return base::invalid(kErrFutureRevision);
  if (revision < compacted_) return base::invalid(kErrCompacted);
  Range out;
  const auto take = [&](const Node& node) {
    const Version* v = at(node, revision);
    if (v == nullptr) return;
    ++out.count;
    if (count_only) return;
    if (limit > 0 && out.count > limit) out.more = true;
    else out.kvs.push_back(to_kv(node, *v, keys_only));
  };
  if (end.empty()) {
    if (const Node* node = find(key)) take(*node);
    return out;
  }
  const auto& order = order_.map();
  for (auto it = order.lower_bound(key); it != order.end() && it->first < end; ++it) take(*it->second);
  return out;
}

std::size_t Mvcc::change_position(Revision revision) const {
  const auto it = std::lower_bound(changes_.begin(), changes_.end(), revision,
                                   [](const Change& c, Revision r) { return c.revision < r; });
  return static_cast<std::size_t>(it - changes_.begin());
}

const Mvcc::Version& Mvcc::made_by(const Change& change, const Version*& previous) {
  const Node& node = *change.node;
  const Version* v = &node.latest;
  std::size_t i = node.older.size();
  while (v->mod > change.revision && i > 0) v = &node.older[--i];
  ORRERY_CHECK(v->mod == change.revision, "a change without its version");
  previous = i > 0 ? &node.older[i - 1] : nullptr;
  return *v;
}

Event Mvcc::event(const Change& change, bool previous) const {
  const Version* before = nullptr;
  const Version& v = made_by(change, before);
  Event e;
  e.deleted = v.version == 0;
  e.kv = to_kv(*change.node, v, false);
  if (before && before->version > 0) {
    e.previous_mod_revision = before->mod;
    if (previous) e.previous = before->value;
  }
  return e;
}

// ---- writing

void Mvcc::push(Node& node, Version v) {
  live_hash_ -= hash_of(node);
  changes_.push_back({v.mod, &node});
  if (node.latest.mod != 0) {
    if (node.older.capacity() == 0) node.older.reserve(1);
    node.older.push_back(std::move(node.latest));
  }
  node.latest = std::move(v);
  bytes_ += size_of(node, node.latest);
  live_hash_ += hash_of(node);
}

bool Mvcc::holds(const Compare& c) const {
  static const Version kNone;
  const Node* node = find(c.key);
  const Version& v = node && node->latest.version > 0 ? node->latest : kNone;
  const std::int64_t actual = target_of(v, c.target);
  switch (c.result) {
    case CompareResult::kEqual: return actual == c.operand;
    case CompareResult::kGreater: return actual > c.operand;
    case CompareResult::kLess: return actual < c.operand;
    case CompareResult::kNotEqual: return actual != c.operand;
  }
  return false;
}

base::Status Mvcc::check_leases(const std::vector<Op>& ops) const {
  for (const Op& op : ops) {
    if (op.kind == OpKind::kPut && op.lease != 0 && !lessor_.contains(op.lease)) {
      return base::Error{base::ErrorCode::kNotFound, kErrLeaseNotFound};
    }
  }
  return base::ok_status();
}

base::Status Mvcc::txn(const TxnRequest& request, TxnReply& reply) {
  reply.succeeded = true;
  for (const Compare& c : request.compares) reply.succeeded = reply.succeeded && holds(c);
  const std::vector<Op>& ops = reply.succeeded ? request.then : request.otherwise;
  if (auto leases = check_leases(ops); !leases.ok()) return leases;
  const Revision next = revision_ + 1;
  const std::size_t changes = changes_.size();
  reply.results.resize(ops.size());
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const Op& op = ops[i];
    if (op.kind == OpKind::kPut) {
      put(op, next, reply.results[i]);
    } else if (op.kind == OpKind::kDelete) {
      erase_range(op, next, reply.results[i]);
    } else {
      // A range sees what the transaction has written so far.
      const Revision now = revision_;
      revision_ = changes_.size() > changes ? next : now;
      auto found = range(op.key, op.end, 0, op.limit, op.keys_only, false);
      revision_ = now;
      reply.results[i] = {std::move(found->kvs), found->count, found->more};
    }
  }
  if (changes_.size() > changes) revision_ = next;
  reply.revision = revision_;
  return base::ok_status();
}

void Mvcc::put(const Op& op, Revision revision, OpResult& result) {
  Node& node = *find_or_make(op.key);
  const Version& old = node.latest;
  const bool exists = old.version > 0;
  if (exists && op.previous) result.kvs.push_back(to_kv(node, old, false));
  if (old.lease != op.lease) {
    if (exists && old.lease != 0) lessor_.detach(old.lease, op.key);
    if (op.lease != 0) lessor_.attach(op.lease, op.key);
  }
  push(node, {op.value, exists ? old.create : revision, revision, exists ? old.version + 1 : 1, op.lease});
}

void Mvcc::erase(Node& node, Revision revision) {
  if (node.latest.lease != 0) lessor_.detach(node.latest.lease, node.key);
  push(node, {nullptr, 0, revision, 0, 0});
}

void Mvcc::erase_range(const Op& op, Revision revision, OpResult& result) {
  const auto take = [&](Node& node) {
    if (node.latest.version == 0) return;
    if (op.previous) result.kvs.push_back(to_kv(node, node.latest, false));
    ++result.count;
    erase(node, revision);
  };
  if (op.end.empty()) {
    if (Node* node = find(op.key)) take(*node);
    return;
  }
  const auto& order = order_.map();
  for (auto it = order.lower_bound(op.key); it != order.end() && it->first < op.end; ++it)
    take(*it->second);
}

void Mvcc::remove_keys(const std::vector<Str>& keys) {
  const Revision next = revision_ + 1;
  for (const Str& key : keys) {
    Node* node = find(key);
    if (node == nullptr || node->latest.version == 0) continue;
    erase(*node, next);
    revision_ = next;
  }
}

// ---- compaction

base::Status Mvcc::compact(Revision revision) {
  if (revision <= compacted_) return base::invalid(kErrCompacted);
  if (revision > revision_) return base::invalid(kErrFutureRevision);
  compacted_ = revision;
  if (pins_ == 0) forget();
  return base::ok_status();
}

void Mvcc::unpin() {
  ORRERY_CHECK(pins_ > 0, "unpin without pin");
  if (--pins_ == 0) forget();
}

void Mvcc::forget() {
  constexpr std::size_t kAhead = base::kPrefetchAhead;
  while (!changes_.empty() && changes_.front().revision <= compacted_) {
    // What the forgetting of a change walks is fetched link by link.
    if (changes_.size() > 3 * kAhead) {
      base::prefetch(changes_[3 * kAhead].node);
      base::prefetch(changes_[2 * kAhead].node->older.data());
      const std::vector<Version>& older = changes_[kAhead].node->older;
      if (!older.empty()) base::prefetch(older.front().value.get());
    }
    const Change change = changes_.front();
    changes_.pop_front();
    forget_change(change);
  }
}

/// The first change of a key at or below the mark drops all that the mark supersedes: what has a successor
/// there, and deletions.
void Mvcc::forget_change(const Change& change) {
  Node& node = *change.node;
  const std::size_t count = node.older.size();
  std::size_t drop = 0;
  for (; drop < count && node.older[drop].mod <= compacted_; ++drop) {
    const Revision next = drop + 1 < count ? node.older[drop + 1].mod : node.latest.mod;
    if (next > compacted_ && node.older[drop].version != 0) break;
    bytes_ -= size_of(node, node.older[drop]);
  }
  if (drop > 0) {
    node.older.erase(node.older.begin(), node.older.begin() + static_cast<long>(drop));
    if (node.older.empty()) std::vector<Version>().swap(node.older);
  }
  if (node.latest.version != 0 || node.latest.mod != change.revision) return;
  bytes_ -= size_of(node, node.latest);
  const Str key = node.key;
  last_node_ = nullptr;
  index_.erase(key);
  order_.erase(key);
  delete change.node;
}

// ---- views

std::vector<KeyValue> Mvcc::export_after(const Str& after, Revision revision, std::size_t limit) const {
  std::vector<KeyValue> out;
  out.reserve(limit + 8);
  const auto& order = order_.map();
  auto it = after.empty() ? order.begin() : order.upper_bound(after);
  std::int64_t bytes = 0;
  while (it != order.end() && out.size() < limit && bytes < kPieceBytes) {
    const Node& node = *it->second;
    if (++it != order.end()) base::prefetch(it->second);
    const std::size_t before = out.size();
    for (const Version& v : node.older) {
      if (v.mod > revision) break;
      out.push_back(to_kv(node, v, false));
    }
    if (node.latest.mod <= revision) out.push_back(to_kv(node, node.latest, false));
    bytes += size_of(node, node.latest) * static_cast<std::int64_t>(out.size() - before);
  }
  return out;
}

std::vector<KeyValue> Mvcc::export_changes(std::size_t& position, std::size_t limit) const {
  constexpr std::size_t kAhead = base::kPrefetchAhead;
  std::vector<KeyValue> out;
  out.reserve(std::min(limit, changes_.size() - position) + 8);
  std::int64_t bytes = 0;
  for (; position < changes_.size(); ++position) {
    if (position + 2 * kAhead < changes_.size()) {
      base::prefetch(changes_[position + 2 * kAhead].node);
      base::prefetch(changes_[position + kAhead].node->older.data());
    }
    const Change& change = changes_[position];
    const bool full = out.size() >= limit || bytes >= kPieceBytes;
    if (full && change.revision != changes_[position - 1].revision) break;
    const Version* before = nullptr;
    const Version& v = made_by(change, before);
    bytes += size_of(*change.node, v);
    out.push_back(to_kv(*change.node, v, false));
  }
  return out;
}

void Mvcc::load(const std::vector<KeyValue>& versions) {
  for (const KeyValue& kv : versions) {
    Node& node = *find_or_make(kv.key);
    push(node, {kv.value, kv.create_revision, kv.mod_revision, kv.version, kv.lease});
  }
}

void Mvcc::finish_load(Revision revision, Revision compacted) {
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const Change& a, const Change& b) { return a.revision < b.revision; });
  revision_ = revision;
  compacted_ = compacted;
  forget();
  for (const auto& [key, node] : order_.map()) {
    if (node->latest.lease != 0) lessor_.attach(node->latest.lease, key);
  }
}

// ---- checks

base::Status check_txn(const TxnRequest& request) {
  const auto check_ops = [](const std::vector<Op>& ops) -> const char* {
    std::vector<Str> written;
    for (const Op& op : ops) {
      if (op.key.empty()) return kErrEmptyKey;
      if (op.kind == OpKind::kPut && ops.size() > 1) written.push_back(op.key);
    }
    if (written.empty()) return nullptr;
    std::sort(written.begin(), written.end());
    if (std::adjacent_find(written.begin(), written.end()) != written.end()) return kErrDuplicateKey;
    for (const Op& op : ops) {
      if (op.kind != OpKind::kDelete) continue;
      const auto hit = std::lower_bound(written.begin(), written.end(), op.key);
      if (hit != written.end() && in_range(*hit, op.key, op.end)) return kErrDuplicateKey;
    }
    return nullptr;
  };
  if (request.compares.size() > kMaxTxnOps || request.then.size() > kMaxTxnOps ||
      request.otherwise.size() > kMaxTxnOps) {
    return base::invalid(kErrTooManyOps);
  }
  for (const Compare& c : request.compares) {
    if (c.key.empty()) return base::invalid(kErrEmptyKey);
  }
  for (const std::vector<Op>* ops : {&request.then, &request.otherwise}) {
    if (const char* wrong = check_ops(*ops)) return base::invalid(wrong);
  }
  if (request.encoded_size() > kMaxRequestBytes) return base::invalid(kErrTooLarge);
  return base::ok_status();
}

}  // namespace orrery::store
