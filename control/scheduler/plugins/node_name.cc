#include "control/scheduler/plugins/node_name.h"

namespace orrery::scheduler {

Status NodeName::filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  const Str& wanted = pod.spec().node_name;
  if (wanted.empty() || wanted == node.name()) return {};
  return rejected_;
}

}  // namespace orrery::scheduler
