#include "control/scheduler/plugins/scheduling_gates.h"

namespace orrery::scheduler {

Status SchedulingGates::pre_enqueue(const PodInfo& pod) const {
  const auto& gates = pod.spec().scheduling_gates;
  if (gates.empty()) return {};
  std::string names;
  for (const api::PodSchedulingGate& g : gates) names += base::cat(names.empty() ? "" : " ", g.name);
  return Status(Code::kUnschedulableAndUnresolvable, name(), Str(base::cat("waiting for scheduling gates: [", names, "]")));
}

std::vector<ClusterEvent> SchedulingGates::events() const {
  return {{EventResource::kUnscheduledPod, kActionUpdatePodGatesEliminated}};
}

QueueingHint SchedulingGates::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (!change.now || !(change.now->meta().uid == pod.meta().uid)) return QueueingHint::kSkip;
  return change.now->as<api::Pod>().spec->scheduling_gates.empty() ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
