// Instants and durations: integer nanoseconds everywhere.
#pragma once
#include <compare>
#include <cstdint>

namespace orrery::base {

/// A duration in nanoseconds.
using Nanos = std::int64_t;

inline constexpr Nanos kNanosecond = 1;
inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;
inline constexpr Nanos kMinute = 60 * kSecond;
inline constexpr Nanos kHour = 60 * kMinute;

/// A point on one clock (monotonic or wall, the holder knows which), in nanoseconds since that clock's zero.
/// For a wall clock the zero is the Unix epoch.
struct Instant {
  std::int64_t ns = 0;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant a, Nanos d) { return {a.ns + d}; }
  friend constexpr Instant operator-(Instant a, Nanos d) { return {a.ns - d}; }
  friend constexpr Nanos operator-(Instant a, Instant b) { return a.ns - b.ns; }
};

inline constexpr Instant kNever{INT64_MAX};

}  // namespace orrery::base
