#include "control/scheduler/descheduler/evictable.h"

#include <algorithm>

#include "control/client/tolerations.h"
#include "control/scheduler/descheduler/strategies.h"
#include "control/scheduler/framework/node_affinity.h"

namespace orrery::scheduler::descheduler {
namespace {

bool keeps_off(const api::Taint& taint) { return taint.effect == "NoSchedule" || taint.effect == "NoExecute"; }

}  // namespace

bool evictable(const PodInfo& pod) {
  if (pod.priority() >= kCriticalPriority || pod.meta().deleting()) return false;
  const api::OwnerReference* owner = api::controller_of(pod.meta());
  return !owner || !(owner->kind == "DaemonSet");
}

bool may_go_to(const PodInfo& pod, const NodeInfo& node) {
  if (node.node().spec->unschedulable) return false;
  if (client::untolerated_taint(node.node().spec->taints, pod.spec().tolerations, keeps_off)) return false;
  return RequiredNodeAffinity(pod.pod()).matches(node.node());
}

bool fits_on(const PodInfo& pod, const NodeInfo& node) {
  const Resource& has = node.allocatable();
  const Resource& used = node.requested();
  const Resource& wants = pod.wanted;
  if (static_cast<std::int64_t>(node.pods().size()) + 1 > has.allowed_pods) return false;
  if (used.milli_cpu + wants.milli_cpu > has.milli_cpu || used.memory + wants.memory > has.memory) return false;
  if (used.ephemeral_storage + wants.ephemeral_storage > has.ephemeral_storage && wants.ephemeral_storage > 0) return false;
  const auto lacks = [&](const ScalarAmount& s) { return used.scalar(s.name) + s.amount > has.scalar(s.name); };
  if (std::any_of(wants.scalars.begin(), wants.scalars.end(), lacks)) return false;
  return (!pod.gpu.wants() || node.gpus().fits(pod.gpu)) && may_go_to(pod, node);
}

}  // namespace orrery::scheduler::descheduler
