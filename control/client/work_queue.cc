#include "control/client/work_queue.h"

#include <algorithm>

namespace orrery::client {

WorkQueue::WorkQueue(env::Environment& env, WorkQueueConfig config)
    : env_(env), config_(config), bucket_(config.bucket_qps, config.bucket_burst) {}

WorkQueue::~WorkQueue() = default;

void WorkQueue::add(Str key) {
  if (!dirty_.insert(key).second || processing_.contains(key)) return;
  push(std::move(key));
}

void WorkQueue::push(Str key) {
  queue_.push_back(std::move(key));
  if (idle_.empty()) return;
  env::Resolver<bool> waiter = std::move(idle_.back());
  idle_.pop_back();
  waiter(true);
}

void WorkQueue::add_after(Str key, base::Nanos delay) {
  if (delay <= 0) return add(std::move(key));
  const base::Instant when = env_.clock.now() + delay;
  Waiting& waiting = waiting_[key];
  if (waiting.timer != env::TimerId::kNone) {
    if (waiting.when <= when) return;
    env_.timers.cancel(waiting.timer);
  }
  waiting.when = when;
  waiting.timer = env_.timers.after(delay, [this, token = liveness_.token(), key = std::move(key)] {
    if (!token.alive()) return;
    waiting_.erase(key);
    add(key);
  });
}

void WorkQueue::add_rate_limited(Str key) {
  int& failures = failures_[key];
  const int n = failures++;
  base::Nanos delay = config_.max_delay;
  if (n < 62 && config_.base_delay <= (config_.max_delay >> n)) delay = config_.base_delay << n;
  delay = std::max(delay, bucket_.take(env_.clock.now()));
  add_after(std::move(key), delay);
}

void WorkQueue::forget(std::string_view key) {
  const auto it = failures_.find(key);
  if (it != failures_.end()) failures_.erase(it);
}

int WorkQueue::failures(std::string_view key) const {
  const auto it = failures_.find(key);
  return it == failures_.end() ? 0 : it->second;
}

env::Task<Str> WorkQueue::get() {
  while (queue_.empty()) {
    auto [added, resolver] = env::make_future<bool>(env_.trampoline);
    idle_.push_back(std::move(resolver));
    co_await added;
  }
  Str key = std::move(queue_.front());
  queue_.pop_front();
  processing_.insert(key);
  dirty_.erase(key);
  co_return key;
}

void WorkQueue::done(std::string_view key) {
  const auto it = processing_.find(key);
  if (it == processing_.end()) return;
  Str kept = *it;
  processing_.erase(it);
  if (!dirty_.contains(kept)) return;
  push(std::move(kept));
}

}  // namespace orrery::client
