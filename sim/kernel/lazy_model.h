// LazyModel: a second source of dates (SimGrid) that the event kernel keeps in step without asking it at
// every event.
#pragma once
#include "model/base/time.h"

namespace orrery::sim {

/// Attached with Kernel::attach. The kernel owns neither the model nor its memory.
class LazyModel {
 public:
  virtual ~LazyModel() = default;
  /// The next date at which something happens inside, base::kNever for none. Polled before every event:
  /// answer from a cache.
  virtual base::Instant next() = 0;
  /// Brings the model to `to`, which is Kernel::now(). Completions found on the way must be handed over as
  /// kernel events at this date, never run inside. An owner that touches the model between dates calls this
  /// itself first.
  virtual void advance(base::Instant to) = 0;
};

}  // namespace orrery::sim
