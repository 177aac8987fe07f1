#include "real/loop/timers.h"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace orrery::real {

struct LoopTimers::Alarm {
  explicit Alarm(boost::asio::io_context& context) : timer(context) {}
  boost::asio::steady_timer timer;
};

LoopTimers::LoopTimers(Poster post, const env::Clock& clock)
    : post_(std::move(post)), clock_(clock), alarm_(std::make_shared<Alarm>(post_.loop().context())) {}

LoopTimers::~LoopTimers() = default;

env::TimerId LoopTimers::after(base::Nanos delay, base::UniqueFunction<void()> fire) {
  ORRERY_CHECK(delay >= 0, "a timer's delay is not negative");
  const base::Instant now = clock_.now();
  const base::Instant at = delay < base::kNever - now ? now + delay : base::kNever;
  const std::uint64_t id = ++last_;
  queue_.emplace(Key{at, id}, std::move(fire));
  deadlines_[id] = at;
  arm();
  return static_cast<env::TimerId>(id);
}

void LoopTimers::cancel(env::TimerId id) {
  const auto key = static_cast<std::uint64_t>(id);
  const base::Instant* at = deadlines_.find(key);
  if (!at) return;
  queue_.erase(Key{*at, key});
  deadlines_.erase(key);
}

// A wake-up that has become too early is harmless: it only arms the next.
void LoopTimers::arm() {
  if (queue_.empty() || !post_.alive()) return;
  const base::Instant first = queue_.begin()->first.first;
  if (first >= armed_) return;
  armed_ = first;
  const auto when = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(first.ns));
  alarm_->timer.expires_at(when);
  alarm_->timer.async_wait([this, held = std::weak_ptr<Alarm>(alarm_)](const boost::system::error_code& error) {
    if (error || held.expired()) return;
    armed_ = base::kNever;
    if (post_.alive()) fire_due();
  });
}

void LoopTimers::fire_due() {
  const base::Instant now = clock_.now();
  while (!queue_.empty() && post_.alive()) {
    const auto first = queue_.begin();
    if (first->first.first > now) break;
    base::UniqueFunction<void()> fire = std::move(first->second);
    deadlines_.erase(first->first.second);
    queue_.erase(first);
    fire();
  }
  arm();
}

}  // namespace orrery::real
