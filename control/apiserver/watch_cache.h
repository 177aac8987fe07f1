// WatchCache: one collection as this apiserver last heard of it from the store: its present
// objects, its recent events and the clients that watch it. It may lag behind the store, as
// upstream's.
#pragma once
#include "control/apiserver/contents.h"
#include "control/apiserver/store_feed.h"
#include "control/apiserver/watch_fanout.h"
#include "model/base/sorted_map.h"

namespace orrery::apiserver {

class WatchCache {
 public:
  WatchCache(env::Environment& env, store::Kv& kv, const ApiserverConfig& config, CostMeter& meter,
             KindId kind);
  void start() { feed_.start(); }

  /// False until the first list, and from the loss of the store's watch until it is heard again.
  bool synced() const { return synced_; }
  /// A complete state exists (it may be old).
  bool filled() const { return filled_; }
  std::int64_t revision() const { return revision_; }
  const Contents& contents() const { return contents_; }
  const ObjectRef* find(std::string_view key) const { return contents_.find(key); }
  /// All objects that match, in key order, found through an index where the filter names one object
  /// or one node.
  std::vector<ObjectRef> select(const Filter& filter) const;
  const Str& prefix() const { return prefix_; }
  std::size_t watchers() const { return fanout_.size(); }

  /// Runs `done(true)` when the cache has reached `revision` (at once if it has), `done(false)`
  /// after `patience`.
  void wait_for(std::int64_t revision, base::Nanos patience, base::UniqueFunction<void(bool)> done);

  /// Opens a watch as asked. Refusals go out on the stream as an error. `consistent_revision` > 0:
  /// the initial events must be at least that new (the caller waited for it).
  void watch(const api::ApiRequest& request, Filter filter, std::unique_ptr<env::Stream> stream,
             std::int64_t consistent_revision);
  /// Sends a failure as the only word of a watch.
  static void refuse(env::Stream& stream, const Failure& failure);

  /// Called after each change of an object; for indexes that other parts keep.
  base::UniqueFunction<void(const ObjectRef& before, const ObjectRef& now)> on_change;

 private:
  struct Waiter {
    std::int64_t revision;
    base::UniqueFunction<void(bool)> done;
    env::TimerId timer;
  };
  void on_list(std::vector<store::KeyValue> kvs, std::int64_t revision);
  void on_notice(const store::WatchReply& notice);
  void apply(const store::Event& event);
  void move_node(const Str& key, const ObjectRef& before, const ObjectRef& now);
  void changed(const Str& key, const ObjectRef& before, const ObjectRef& now);
  void wake_waiters();
  void nudge();

  env::Environment& env_;
  const KindId kind_;
  const Str prefix_;
  std::int64_t revision_ = 0;
  bool synced_ = false, filled_ = false, nudging_ = false;
  CostMeter& meter_;
  Contents contents_;
  base::HashMap<Str, Contents::Ordered> by_node_;  // pods only
  EventRing ring_;
  WatchFanout fanout_;
  StoreFeed feed_;
  base::SortedMap<std::uint64_t, Waiter> waiters_;
  std::uint64_t next_waiter_ = 1;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
