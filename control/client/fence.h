// Fence: the epoch under which the clients of an elected component write (DESIGN: fencing of leaders).
#pragma once
#include <cstdint>

#include "model/base/function.h"
#include "model/base/ref.h"
#include "model/base/str.h"

namespace orrery::client {

/// Shared by the LeaderElector, which sets the epoch when it takes the lease, and the component's Clients, which name it in
/// every write. The cause of the 409 that a write of an older epoch gets is kFenceTaken.
struct Fence : base::RefCounted {
  static constexpr const char* kFenceTaken = "FenceTaken";
  explicit Fence(base::Str l) : lease(std::move(l)) {}
  base::Str lease;               ///< "namespace/name"
  std::int64_t epoch = 0;        ///< the revision that took it; 0: not elected yet, and nothing may be written
  /// A newer epoch has begun. Runs once per refused write, never inside a call of a client.
  base::UniqueFunction<void()> on_refused;
};

}  // namespace orrery::client
