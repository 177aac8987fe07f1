// Random: the process's own stream of randomness.
#pragma once
#include <string_view>

#include "model/base/random.h"

namespace orrery::env {

class Random {
 public:
  virtual ~Random() = default;
  /// A stream for one concern of this process incarnation ("uid", "jitter/kubelet-lease", ...). Equal arguments give equal
  /// streams within one incarnation, so a component asks once and keeps it.
  virtual base::RandomStream stream(std::string_view concern) = 0;
};

}  // namespace orrery::env
