// What the strategies share: who may be evicted, and where a pod may go.
#pragma once
#include "control/scheduler/framework/node_info.h"

namespace orrery::scheduler::descheduler {

bool evictable(const PodInfo& pod);
/// Whether taints (NoSchedule, NoExecute), node selector and required node affinity let the pod on the node, and it is not cordoned.
bool may_go_to(const PodInfo& pod, const NodeInfo& node);
/// may_go_to(), and the pod's requests are free.
bool fits_on(const PodInfo& pod, const NodeInfo& node);

}  // namespace orrery::scheduler::descheduler
