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

/// Index into `waiting` (more than one, in upstream's order), the pods that back off while nothing else is to be tried: which is
/// tried first, or none for upstream's order. How long a pod backs off hangs on how often anything in the cluster woke it, of
/// which a replay knows a part; it tries first whom the recording shows to have got the room.
using NextPod = std::function<std::optional<std::size_t>(const std::vector<api::ObjectRef>& waiting)>;

}  // namespace orrery::scheduler
