// Clock and Timers: how a process sees time.
#pragma once
#include <cstdint>

#include "model/base/function.h"
#include "model/base/time.h"

namespace orrery::env {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Monotonic within one process incarnation; its zero is arbitrary and its rate may drift.
  virtual base::Instant now() const = 0;
  /// Nanoseconds since the Unix epoch. May jump, also backwards; never decide an interval by it.
  virtual base::Instant wall() const = 0;
};

enum class TimerId : std::uint64_t { kNone = 0 };

class Timers {
 public:
  virtual ~Timers() = default;
  /// Runs `fire` once, not before `delay` (>= 0) has passed on the monotonic clock. Never runs it inside this call.
  virtual TimerId after(base::Nanos delay, base::UniqueFunction<void()> fire) = 0;
  /// After cancel() returns the callback does not run. Unknown and fired ids are ignored.
  virtual void cancel(TimerId id) = 0;
};

}  // namespace orrery::env
