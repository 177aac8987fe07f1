// TokenBucket: golang.org/x/time/rate's limiter in its reserving form, as client-go's flow control uses it.
#pragma once
#include <algorithm>

#include "model/base/time.h"

namespace orrery::client {

/// Each take() reserves one token, also in debt; the caller waits for the returned time, so that waiters go in order.
class TokenBucket {
 public:
  /// `qps` <= 0: unlimited.
  TokenBucket(double qps, int burst) : qps_(qps), burst_(burst), tokens_(burst) {}

  /// How long from `now` until the reserved token exists; 0 when it does.
  base::Nanos take(base::Instant now) {
    if (qps_ <= 0) return 0;
    refill(now);
    tokens_ -= 1;
    if (tokens_ >= 0) return 0;
    return static_cast<base::Nanos>(-tokens_ / qps_ * 1e9);
  }
  /// Takes a token only when there is one.
  bool try_take(base::Instant now) {
    if (qps_ <= 0) return true;
    refill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  void refill(base::Instant now) {
    if (now > at_) tokens_ = std::min<double>(burst_, tokens_ + static_cast<double>(now - at_) / 1e9 * qps_);
    at_ = std::max(at_, now);
  }

  double qps_;
  int burst_;
  double tokens_;
  base::Instant at_{};
};

}  // namespace orrery::client
