// MachineClock: how far one machine's clocks are from kernel time.
#pragma once
#include <cstdint>

#include "model/base/time.h"

namespace orrery::sim {

/// Monotonic time runs at (10^9 + drift) / 10^9 of kernel time and may stand still; wall time is monotonic
/// time plus an offset.
class MachineClock {
 public:
  MachineClock(base::Instant epoch, base::Nanos offset, std::int64_t drift_ppb)
      : wall_offset_(epoch.ns + offset), drift_ppb_(drift_ppb) {}
  base::Instant monotonic(base::Instant kernel_now) const {
    if (kernel_now <= stalled_until_) return base_mono_;
    const base::Nanos passed = kernel_now - base_kernel_;
    return base_mono_ + (drift_ppb_ == 0 ? passed : scaled(passed, kBillion + drift_ppb_, kBillion));
  }
  base::Instant wall(base::Instant kernel_now) const { return monotonic(kernel_now) + wall_offset_; }
  /// The kernel date, not before `kernel_now`, at which the monotonic clock has advanced by `delay`.
  base::Instant due(base::Instant kernel_now, base::Nanos delay) const {
    const base::Instant from = kernel_now < stalled_until_ ? stalled_until_ : kernel_now;
    if (drift_ppb_ == 0) return from + delay;
    return from + scaled(delay, kBillion, kBillion + drift_ppb_) + 1;  // rounded up: never early
  }
  void step(base::Nanos by) { wall_offset_ += by; }
  void set_drift(base::Instant kernel_now, std::int64_t ppb) {
    rebase(kernel_now);
    drift_ppb_ = ppb;
  }
  std::int64_t drift_ppb() const { return drift_ppb_; }
  void stall(base::Instant kernel_now, base::Nanos length) {
    rebase(kernel_now);
    const base::Instant from = stalled_until_ < kernel_now ? kernel_now : stalled_until_;
    stalled_until_ = base_kernel_ = from + length;
  }

 private:
  static constexpr std::int64_t kBillion = 1'000'000'000;
  static base::Nanos scaled(base::Nanos t, std::int64_t num, std::int64_t den) {
    return static_cast<base::Nanos>(static_cast<__int128>(t) * num / den);
  }
  void rebase(base::Instant kernel_now) {
    const base::Instant mono = monotonic(kernel_now);
    base_mono_ = mono;
    base_kernel_ = kernel_now < stalled_until_ ? stalled_until_ : kernel_now;
  }

  base::Instant base_mono_, base_kernel_, stalled_until_{INT64_MIN};
  base::Nanos wall_offset_;
  std::int64_t drift_ppb_;
};

}  // namespace orrery::sim
