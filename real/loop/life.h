// Life: whether a process of the real world may still act.
#pragma once
#include "model/base/ref.h"

namespace orrery::real {

/// Shared by all parts of one process incarnation; cleared once, when it exits or is torn down. From then on no callback
/// of it runs and no effect is caused. Logic thread only.
struct Life : base::RefCounted {
  bool alive = true;
};

using LifeRef = base::Ref<Life>;

}  // namespace orrery::real
