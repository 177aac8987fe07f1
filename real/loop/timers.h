// LoopTimers: all timers of one process over one timer of the loop.
#pragma once
#include <memory>
#include <utility>

#include "model/base/sorted_map.h"
#include "model/base/hash_map.h"
#include "model/env/clock.h"
#include "real/loop/loop.h"

namespace orrery::real {

/// Fires in order of (deadline, order of setting).
class LoopTimers : public env::Timers {
 public:
  LoopTimers(Poster post, const env::Clock& clock);
  ~LoopTimers() override;
  env::TimerId after(base::Nanos delay, base::UniqueFunction<void()> fire) override;
  void cancel(env::TimerId id) override;

 private:
  struct Alarm;
  using Key = std::pair<base::Instant, std::uint64_t>;
  void arm();
  void fire_due();

  Poster post_;
  const env::Clock& clock_;
  base::SortedMap<Key, base::UniqueFunction<void()>> queue_;
  base::HashMap<std::uint64_t, base::Instant> deadlines_;
  std::uint64_t last_ = 0;
  base::Instant armed_ = base::kNever;
  std::shared_ptr<Alarm> alarm_;
};

}  // namespace orrery::real
