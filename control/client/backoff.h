// Backoffs of client-go and apimachinery: exponential with jitter, and jitter alone.
#pragma once
#include <algorithm>

#include "model/base/random.h"
#include "model/base/time.h"

namespace orrery::client {

/// wait.Jitter: uniform in [d, d * (1 + factor)).
inline base::Nanos jitter(base::RandomStream& random, base::Nanos d, double factor) {
  return d + static_cast<base::Nanos>(random.unit() * factor * static_cast<double>(d));
}

/// Parameters of an ExponentialBackoff; the defaults are the reflector's.
struct BackoffConfig {
  base::Nanos initial = 800 * base::kMillisecond, cap = 30 * base::kSecond;
  base::Nanos reset_after = 2 * base::kMinute;  ///< starts anew when the last use is longer ago; 0: never
  double factor = 2.0, jitter = 1.0;
};

/// wait.BackoffManager: each next() is longer, up to the cap (the jitter comes on top of it).
class ExponentialBackoff {
 public:
  explicit ExponentialBackoff(base::RandomStream random, BackoffConfig config = {})
      : random_(random), config_(config), current_(config.initial) {}

  base::Nanos next(base::Instant now) {
    if (config_.reset_after > 0 && now - last_ > config_.reset_after) current_ = config_.initial;
    last_ = now;
    const base::Nanos d = current_;
    current_ = std::min(config_.cap, static_cast<base::Nanos>(static_cast<double>(current_) * config_.factor));
    return config_.jitter > 0 ? jitter(random_, d, config_.jitter) : d;
  }
  void reset() { current_ = config_.initial; }

 private:
  base::RandomStream random_;
  BackoffConfig config_;
  base::Nanos current_;
  base::Instant last_{};
};

}  // namespace orrery::client
