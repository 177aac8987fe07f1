// TimedQueue: the rate-limited queue of nodes to taint, one per zone
// (pkg/controller/nodelifecycle/scheduler).
#pragma once
#include <optional>

#include "control/client/token_bucket.h"
#include "model/base/btree_map.h"
#include "model/base/str.h"

namespace orrery::controllers {

using base::Str;

/// A name that was taken stays known, so that it is not added again, until it is removed.
class TimedQueue {
 public:
  explicit TimedQueue(double rate) : rate_(rate), limiter_(rate, 1) {}

  /// False when the name is known.
  bool add(const Str& name, base::Instant now) {
    if (known_.contains(name)) return false;
    const Key key{now, next_++};
    known_.emplace(name, key);
    queue_.emplace(key, name);
    return true;
  }
  void remove(std::string_view name) {
    const auto it = known_.find(name);
    if (it == known_.end()) return;
    queue_.erase(it->second);
    known_.erase(it);
  }
  /// Nothing waits, or nothing may be taken at this rate.
  bool idle() const { return queue_.empty() || rate_ <= 0; }
  /// The first name, when the rate allows one more now; it leaves the queue.
  std::optional<Str> take(base::Instant now) {
    if (idle() || !limiter_.try_take(now)) return std::nullopt;
    const auto it = queue_.begin();
    if (it->first.when > now) return std::nullopt;
    Str name = it->second;
    queue_.erase(it);
    return name;
  }
  /// Puts a taken name back, to be tried again after `delay`.
  void retry(const Str& name, base::Instant now, base::Nanos delay) {
    const auto it = known_.find(name);
    if (it == known_.end() || queue_.contains(it->second)) return;
    it->second = Key{now + delay, next_++};
    queue_.emplace(it->second, name);
  }
  /// A limiter that was empty is followed by an empty one; the same rate changes nothing (SwapLimiter).
  void set_rate(double rate, base::Instant now) {
    if (rate == rate_) return;
    const bool drained = rate_ <= 0 || !limiter_.try_take(now);
    rate_ = rate;
    limiter_ = client::TokenBucket(rate, 1);
    if (drained && rate > 0) limiter_.try_take(now);
  }
  double rate() const { return rate_; }

 private:
  struct Key {
    base::Instant when;
    std::uint64_t number;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  double rate_;
  client::TokenBucket limiter_;
  base::BTreeMap<Str, Key> known_;
  base::BTreeMap<Key, Str> queue_;
  std::uint64_t next_ = 0;
};

}  // namespace orrery::controllers
