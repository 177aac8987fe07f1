// ObjectStore: reads and writes of single objects. Every write is one transaction that compares the
// object's mod revision.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "control/apiserver/watch_cache.h"
#include "control/apiserver/write_fence.h"
#include "control/store/kv.h"

namespace orrery::apiserver {

/// What one step of a read-modify-write decides from the present state.
struct Change {
  enum class What : std::uint8_t { kFail, kKeep, kPut, kDelete } what = What::kFail;
  Failure failure;   ///< kFail
  ObjectRef object;  ///< kPut: the new state, its resourceVersion 0; else the state to answer with
  store::LeaseId lease = 0;
  std::vector<store::Compare> compares;  ///< besides the object itself
  std::vector<store::Op> ops;
  bool dry_run = false;  ///< answer as if it had been written
  bool blind = false;    ///< planted bugs only: do not compare

  static Change fail(Failure f) {
    Change c;
    c.failure = std::move(f);
    return c;
  }
  static Change keep(ObjectRef o) {
    Change c;
    c.what = What::kKeep;
    c.object = std::move(o);
    return c;
  }
  static Change put(ObjectRef o) {
    Change c;
    c.what = What::kPut;
    c.object = std::move(o);
    return c;
  }
  static Change remove(ObjectRef last) {
    Change c;
    c.what = What::kDelete;
    c.object = std::move(last);
    return c;
  }
};

struct Outcome {
  Change::What what = Change::What::kFail;
  Failure failure;
  ObjectRef object;  ///< with its revision
};

/// Called with the present state (null: does not exist), once per attempt, until a transaction goes
/// through.
using Step = base::UniqueFunction<Change(const ObjectRef& present)>;
using OutcomeDone = base::UniqueFunction<void(Outcome)>;

class ObjectStore {
 public:
  ObjectStore(env::Environment& env, store::Kv& kv, const ApiserverConfig& config,
              CostMeter& meter);
  void start();

  WatchCache& cache(KindId kind) { return *caches_[static_cast<std::size_t>(kind)]; }
  const WatchCache& cache(KindId kind) const { return *caches_[static_cast<std::size_t>(kind)]; }
  store::Kv& kv() { return kv_; }
  Str key(KindId kind, std::string_view ns, std::string_view name) const;
  /// The cached object; null when the cache has none.
  ObjectRef cached(KindId kind, std::string_view ns, std::string_view name) const;
  bool all_filled() const;
  bool all_synced() const;

  /// Reads from the store itself (linearizable). Null: does not exist.
  void read(const Str& key, base::UniqueFunction<void(Failure, ObjectRef)> done);
  /// Starts from the cached state as a guess; a failure or a "nothing to do" decided on a guess is
  /// decided again on a fresh read. Ends when `step` says so or the store refuses; `done` runs
  /// once, never inside this call, unless the ObjectStore is gone.
  void mutate(Str key, KindId kind, Step step, OutcomeDone done, WriteFence fence = {}) {
    begin(std::move(key), kind, true, std::move(step), std::move(done), std::move(fence));
  }
  /// The guess is that the object does not exist.
  void create(Str key, KindId kind, Step step, OutcomeDone done, WriteFence fence = {}) {
    begin(std::move(key), kind, false, std::move(step), std::move(done), std::move(fence));
  }

 private:
  struct Op;
  void begin(Str key, KindId kind, bool from_cache, Step step, OutcomeDone done, WriteFence fence);
  void attempt(base::Ref<Op> op);
  void decide_again(base::Ref<Op> op);
  void commit(base::Ref<Op> op, Change change);
  void add_fence(const Op& op, const Change& change, store::TxnRequest& txn) const;
  void record_fenced(const WriteFence& fence, std::int64_t revision) const;

  env::Environment& env_;
  store::Kv& kv_;
  std::array<std::unique_ptr<WatchCache>, static_cast<std::size_t>(api::kLastStored) + 1> caches_;
  env::Liveness live_;
};

}  // namespace orrery::apiserver
