// Mvcc: the multi-version key space of one member. One revision counter; every modifying transaction makes
// one revision.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "control/store/messages.h"
#include "model/base/hash_map.h"
#include "model/base/lazy_order.h"

namespace orrery::store {

class Lessor;

/// Deterministic: equal transactions in equal order give equal key spaces, revisions and hashes. Reads see
/// any revision from the compacted one on. Lookup of one key is a hash lookup; ranges walk an ordered
/// index.
class Mvcc {
 public:
  struct Version {
    env::BodyRef value;
    Revision create = 0;
    Revision mod = 0;
    std::int64_t version = 0;  // 0: deleted at `mod`
    LeaseId lease = 0;
  };
  /// A key with its versions. Lives until its last version is a deletion that compaction removes.
  struct Node {
    Str key;
    std::uint64_t key_hash = 0;
    Version latest;
    std::vector<Version> older;   // ascending
    std::uint32_t watch_set = 0;  // WatchHub's cache: who watches this key, valid in watch_generation
    std::uint32_t watch_generation = 0;
  };
  struct Change {
    Revision revision;
    Node* node;
  };
  struct Range {
    std::vector<KeyValue> kvs;
    std::int64_t count = 0;
    bool more = false;
  };

  explicit Mvcc(Lessor& lessor) : lessor_(lessor) {}
  Mvcc(const Mvcc&) = delete;
  Mvcc& operator=(const Mvcc&) = delete;
  ~Mvcc();

  /// Of the last modifying transaction; 1 for an empty store, as etcd.
  Revision revision() const { return revision_; }
  /// Reads below it are refused.
  Revision compacted() const { return compacted_; }
  /// Keys and values of all versions held, as the quota counts them.
  std::int64_t bytes() const { return bytes_; }
  std::size_t keys() const { return order_.size(); }
  /// Of all live keys with their revisions, versions and value sizes, and the two marks. Costs nothing.
  std::uint64_t hash() const { return base::combine64(base::combine64(live_hash_, revision_), compacted_); }
  /// As hash(), but over the encoded values; walks everything.
  std::uint64_t deep_hash() const;

  /// `revision` 0 is the newest. kNotFound-free: an absent key is an empty range. kInvalid: compacted or
  /// future.
  base::Result<Range> range(const Str& key, const Str& end, Revision revision, std::int64_t limit,
                            bool keys_only, bool count_only) const;
  /// Runs a checked transaction (see check_txn). Fails, without effect, when a put names an unknown lease.
  base::Status txn(const TxnRequest& request, TxnReply& reply);
  /// Deletes these keys as one revision (the end of a lease).
  void remove_keys(const std::vector<Str>& keys);
  /// Makes revisions below `revision` unreadable and forgets superseded versions, at once or when unpin()
  /// is called.
  base::Status compact(Revision revision);

  /// Changes still readable, ascending by revision.
  const std::deque<Change>& changes() const { return changes_; }
  /// Position in changes() of the first change at `revision` or later.
  std::size_t change_position(Revision revision) const;
  Event event(const Change& change, bool previous) const;

  /// While pinned no version is forgotten, so that a view at the present revision can be written in pieces.
  void pin() { ++pins_; }
  void unpin();
  /// Versions up to `revision` of the keys after `after` (exclusive; empty: from the start), at most about
  /// `limit` versions and 1 MiB, whole keys. Empty when none is left.
  std::vector<KeyValue> export_after(const Str& after, Revision revision, std::size_t limit) const;
  /// What the changes from `position` on have made, at most about `limit` versions and 1 MiB, whole revisions. `position` ends
  /// behind them.
  std::vector<KeyValue> export_changes(std::size_t& position, std::size_t limit) const;
  /// Fills an empty store from exported versions, those of a key in the order of their revisions; finish_load ends it.
  void load(const std::vector<KeyValue>& versions);
  void finish_load(Revision revision, Revision compacted);
  void clear();

  /// The planted bug "revision-reused-after-restart": forgets the newest revision number.
  void plant_lost_revision() {
    if (revision_ > 1) --revision_;
  }

 private:
  Node* find(const Str& key) const;
  Node* find_or_make(const Str& key);
  const Version* at(const Node& node, Revision revision) const;
  /// The version that a change has made, and the one before it, if that is held.
  static const Version& made_by(const Change& change, const Version*& previous);
  static KeyValue to_kv(const Node& node, const Version& v, bool keys_only);
  std::int64_t size_of(const Node& node, const Version& v) const;
  std::uint64_t hash_of(const Node& node) const;
  void push(Node& node, Version v);
  bool holds(const Compare& c) const;
  base::Status check_leases(const std::vector<Op>& ops) const;
  void put(const Op& op, Revision revision, OpResult& result);
  void erase_range(const Op& op, Revision revision, OpResult& result);
  void erase(Node& node, Revision revision);
  void forget();
  void forget_change(const Change& change);

  Lessor& lessor_;
  Revision revision_ = 1;
  Revision compacted_ = 0;
  std::int64_t bytes_ = 0;
  std::uint64_t live_hash_ = 0;
  int pins_ = 0;
  base::HashMap<Str, Node*> index_;
  mutable Str last_key_;  // of the last lookup: a transaction compares a key and then writes it
  mutable Node* last_node_ = nullptr;
  base::LazyOrder<Node*> order_;
  std::deque<Change> changes_;
};

/// What is wrong with a transaction whatever the state: too many operations, an empty key, one key written
/// twice.
base::Status check_txn(const TxnRequest& request);

}  // namespace orrery::store
