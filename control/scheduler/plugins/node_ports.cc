#include "control/scheduler/plugins/node_ports.h"

#include <algorithm>

namespace orrery::scheduler {

Status NodePorts::pre_filter(CycleState&, const PodInfo& pod, NodeNames&) const {
  return pod.ports.empty() ? Status::skip() : Status();
}

Status NodePorts::filter(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  for (const HostPort& port : pod.ports) {
    if (node.port_taken(port)) return rejected_;
  }
  return {};
}

std::string NodePorts::shortfall(const CycleState&, const PodInfo& pod, const NodeInfo& node) const {
  std::string out;
  for (const HostPort& wanted : pod.ports) {
    for (const PodInfoRef& p : node.pods()) {
      const bool holds = std::any_of(p->ports.begin(), p->ports.end(), [&](const HostPort& h) { return h.conflicts(wanted); });
      if (!holds) continue;
      out += base::cat(out.empty() ? "" : ", ", "host port ", std::to_string(wanted.port), "/", wanted.protocol, " is held by ",
                       api::key_of(p->meta()));
      break;
    }
  }
  return out;
}

std::vector<ClusterEvent> NodePorts::events() const {
  return {{EventResource::kAssignedPod, kActionDelete}, {EventResource::kNode, kActionAdd}};
}

QueueingHint NodePorts::hint(const PodInfo& pod, const ClusterChange& change) const {
  if (change.event.resource == EventResource::kNode) return QueueingHint::kQueue;
  if (!change.old || change.old->as<api::Pod>().spec->node_name.empty()) return QueueingHint::kSkip;
  const PodInfo gone(change.old);
  for (const HostPort& freed : gone.ports) {
    for (const HostPort& port : pod.ports) {
      if (freed.conflicts(port)) return QueueingHint::kQueue;
    }
  }
  return QueueingHint::kSkip;
}

}  // namespace orrery::scheduler
