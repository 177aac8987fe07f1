// TieBreak: who chooses among the nodes that are good for a pod.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "model/api/object.h"

namespace orrery::scheduler {

struct ScoredNode {
  base::Str name;
  std::int64_t total = 0;  ///< weighted sum of all plugins; 0 when there is only one
};

/// Index into `feasible` (at least one, in the order they were found), or none for upstream's choice: a
/// uniform draw among those of the highest total. Replays of recorded clusters choose what was chosen there.
using TieBreak = std::function<std::optional<std::size_t>(const api::ObjectRef& pod,
                                                          const std::vector<ScoredNode>& feasible)>;

}  // namespace orrery::scheduler
