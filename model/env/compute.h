// Compute: what thinking costs a process.
#pragma once
#include <cstdint>

#include "model/base/function.h"
#include "model/base/time.h"

namespace orrery::env {

class Compute {
 public:
  virtual ~Compute() = default;
  /// Occupies one of the machine's cores for `cpu` and then runs `done` (queued, never inside the call). The real world
  /// runs it as soon as its loop is free.
  virtual void spend(base::Nanos cpu, base::UniqueFunction<void()> done) = 0;
  /// Declares the bytes this process would hold if nothing were shared; past the machine's memory it is OOM-killed.
  virtual void set_memory(std::int64_t bytes) = 0;
};

}  // namespace orrery::env
