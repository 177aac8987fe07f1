// Times and durations of API objects: metav1.Time, MicroTime and Duration, and their texts as Go's time
// package writes and reads them. Calendar arithmetic is our own: no libc, no time zones, no leap seconds.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/result.h"
#include "model/base/time.h"

namespace orrery::api {

/// 0001-01-01T00:00:00Z, Go's zero time, in seconds since the Unix epoch. It stands for "absent" (null).
inline constexpr std::int64_t kZeroTimeSeconds = -62135596800;

/// metav1.Time: whole seconds since the Unix epoch, UTC.
struct Time {
  std::int64_t seconds = kZeroTimeSeconds;

  Time() = default;
  constexpr explicit Time(std::int64_t s) : seconds(s) {}
  /// Truncated to whole seconds (towards the past), as upstream when it stores a time.
  static Time from(base::Instant wall);
  /// Saturates outside the years 1678 to 2261, which 64-bit nanoseconds cover.
  base::Instant instant() const;
  bool is_zero() const { return seconds == kZeroTimeSeconds; }
  /// 2025-01-01T00:00:00Z. The zero time prints as a time; writers of JSON test is_zero() for null.
  std::string str() const;
  void append_to(std::string& out) const;
  /// RFC 3339, with offset and fraction as time.Parse accepts them; the fraction is dropped.
  static base::Result<Time> parse(std::string_view text);
  friend constexpr auto operator<=>(Time, Time) = default;
};

/// metav1.MicroTime: microseconds since the Unix epoch, UTC.
struct MicroTime {
  static constexpr std::int64_t kZero = kZeroTimeSeconds * 1'000'000;
  std::int64_t micros = kZero;

  MicroTime() = default;
  constexpr explicit MicroTime(std::int64_t us) : micros(us) {}
  static MicroTime from(base::Instant wall);
  base::Instant instant() const;
  bool is_zero() const { return micros == kZero; }
  /// 2025-01-01T00:00:00.000000Z: always six digits.
  std::string str() const;
  void append_to(std::string& out) const;
  /// RFC 3339 with exactly six digits of fraction.
  static base::Result<MicroTime> parse(std::string_view text);
  friend constexpr auto operator<=>(MicroTime, MicroTime) = default;
};

/// Days since 1970-01-01 of a proleptic Gregorian date, and back.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day);
struct CivilDate {
  std::int64_t year;
  unsigned month;
  unsigned day;
};
CivilDate civil_from_days(std::int64_t days);

/// Go's Duration.String: "1h2m3.5s", "1.5ms", "0s".
std::string duration_str(base::Nanos d);
/// Go's ParseDuration, with its error texts.
base::Result<base::Nanos> parse_duration(std::string_view text);

}  // namespace orrery::api
