// Life: whether a process of the real world may still act.
#pragma once
#include <memory>

namespace orrery::real {

/// Shared by all parts of one process incarnation; cleared once, when it exits or is torn down. From then on no callback
/// of it runs and no effect is caused. Logic thread only.
struct Life {
  bool alive = true;
};

using LifeRef = std::shared_ptr<Life>;

}  // namespace orrery::real
