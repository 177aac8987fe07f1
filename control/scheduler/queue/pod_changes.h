// What about a pod or node changed, as far as scheduling goes (pkg/scheduler/framework/events.go).
#pragma once
#include <vector>

#include "control/scheduler/framework/cluster_event.h"

namespace orrery::scheduler {

/// Events of a pending or assigned pod's update; what has no name of its own is kActionUpdateOther.
std::vector<ClusterEvent> pod_changes(const api::ObjectRef& old, const api::ObjectRef& now);
/// Empty: nothing that matters.
std::vector<ClusterEvent> node_changes(const api::ObjectRef& old, const api::ObjectRef& now);

}  // namespace orrery::scheduler
