// WorkQueue: keys to reconcile, each at most once at a time, with client-go's rate limits.
#pragma once
#include <deque>
#include <vector>

#include "control/client/token_bucket.h"
#include "model/base/btree_map.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"

namespace orrery::client {

using base::Str;

struct WorkQueueConfig {
  base::Nanos base_delay = 5 * base::kMillisecond, max_delay = 1000 * base::kSecond;
  double bucket_qps = 10;      ///< of add_rate_limited over all keys
  int bucket_burst = 100;
};

/// A key added while it is being processed is processed once more afterwards. FIFO among ready keys.
class WorkQueue {
 public:
  explicit WorkQueue(env::Environment& env, WorkQueueConfig config = {});
  ~WorkQueue();
  void add(Str key);
  /// The earliest time wins when the key already waits.
  void add_after(Str key, base::Nanos delay);
  /// After max(5 ms * 2^failures, token bucket).
  void add_rate_limited(Str key);
  void forget(std::string_view key);
  int failures(std::string_view key) const;
  /// Waits for a key; it is then in process until done().
  env::Task<Str> get();
  void done(std::string_view key);
  std::size_t ready() const { return queue_.size(); }

 private:
  void push(Str key);

  struct Waiting {
    base::Instant when;
    env::TimerId timer = env::TimerId::kNone;
  };
  env::Environment& env_;
  WorkQueueConfig config_;
  std::deque<Str> queue_;
  base::BTreeSet<Str> dirty_, processing_;
  base::BTreeMap<Str, int> failures_;
  base::BTreeMap<Str, Waiting> waiting_;
  TokenBucket bucket_;
  std::vector<env::Resolver<bool>> idle_;  // one per waiting get()
  env::Liveness liveness_;
};

}  // namespace orrery::client
