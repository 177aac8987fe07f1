#include "control/scheduler/plugins/node_unschedulable.h"

#include "control/client/tolerations.h"

namespace orrery::scheduler {
namespace {

bool tolerated(const api::PodSpec& pod) {
  api::Taint taint;
  taint.key = "node.kubernetes.io/unschedulable";
  taint.effect = "NoSchedule";
  for (const api::Toleration& t : pod.tolerations) {
    if (client::tolerates(t, taint)) return true;
  }
  return false;
}

}  // namespace

Status NodeUnschedulable::filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  if (!node.node().spec->unschedulable || tolerated(pod.spec())) return {};
  return rejected_;
}

std::string NodeUnschedulable::shortfall(const CycleState&, const PodInfo&, const NodeInfo&) const {
  return "the node is cordoned; the pod does not tolerate node.kubernetes.io/unschedulable:NoSchedule";
}

std::vector<ClusterEvent> NodeUnschedulable::events() const {
  return {{EventResource::kNode, kActionAdd | kActionUpdateNodeTaint},
          {EventResource::kUnscheduledPod, kActionUpdatePodTolerations}};
}

QueueingHint NodeUnschedulable::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kUnscheduledPod) {
    const bool mine = change.now && change.now->meta().uid == pod.meta().uid;
    return mine && tolerated(*change.now->as<api::Pod>().spec) ? QueueingHint::kQueue : QueueingHint::kSkip;
  }
  if (!change.now || change.now->as<api::Node>().spec->unschedulable) return QueueingHint::kSkip;
  return !change.old || change.old->as<api::Node>().spec->unschedulable ? QueueingHint::kQueue : QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
