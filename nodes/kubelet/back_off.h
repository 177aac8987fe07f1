// BackOff: the doubling delay between attempts at one thing (client-go util/flowcontrol/backoff.go).
#pragma once
#include <algorithm>

#include "model/base/time.h"

namespace orrery::kubelet {

struct BackOffLimits {
  base::Nanos first = 0, max = 0;
};

/// State of one key. Without history there is no delay; the n-th next() makes it first * 2^(n-1), at most max; a history older
/// than twice max is forgotten.
class BackOff {
 public:
  /// Time still to wait at `now` after something that happened at `event`; 0: go ahead.
  base::Nanos remaining(base::Instant event, base::Instant now, const BackOffLimits& limits) const {
    if (delay_ == 0 || expired(event, limits)) return 0;
    return std::max<base::Nanos>(0, delay_ - (now - event));
  }
  base::Nanos delay() const { return delay_; }
  /// Another attempt is made at `now` because of `event`.
  void next(base::Instant event, base::Instant now, const BackOffLimits& limits) {
    delay_ = delay_ == 0 || expired(event, limits) ? limits.first : std::min(limits.max, 2 * delay_);
    updated_ = now;
  }

 private:
  bool expired(base::Instant event, const BackOffLimits& limits) const { return event - updated_ > 2 * limits.max; }

  base::Nanos delay_ = 0;
  base::Instant updated_{};
};

}  // namespace orrery::kubelet
