// What of a trace becomes machines and API objects in a whole cluster.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/api/node.h"
#include "model/api/object.h"
#include "scenarios/bench/trace.h"
#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios::bench {

/// A kubelet keeps so much memory for itself: machines have it on top, so that pods find what the trace says.
inline constexpr std::int64_t kKubeletMemory = std::int64_t{100} << 20;

/// A machine that offers pods what the node of the trace does. `zone`: where the trace tells none; of a Node object, its labels and
/// taints tell all.
MachineSpec machine_of(const TraceNode& node, const std::string& zone);
/// A machine that comes to the Node object, with the same amounts.
MachineSpec machine_of_node(const api::Node& node);
/// The zones of the trace's nodes are its own: those of masters would be among them.
bool tells_zones(const Trace& trace);

/// The node has none of the taints by which Kubernetes keeps pods from nodes that are not ready, not reached or cordoned.
bool may_take_pods(const api::Node& node);

/// A pod's name in the API.
struct PodName {
  Str ns, name;
  Str key() const;
};
/// Those of the trace where they are all distinct and ones that the API takes, else pod-NUMBER in the same namespaces.
std::vector<PodName> names_of(const std::vector<TracePod>& pods);

/// Of the PodGroup of a gang, by the gang's number.
Str group_name(std::size_t gang);
api::ObjectRef group_object(std::size_t gang, std::size_t members);

struct PodShaping {
  Str group = {};                              ///< PodGroup; empty: of no gang
  bool exits = true;                           ///< its containers exit after the pod's duration; else they run until it is deleted
  std::optional<base::Nanos> busy_for = {};    ///< set: it works on the CPU that it asks for, where it does not exit for so long
  bool gated = false;                          ///< by kQueueGate
  bool tells_tenant = false;                   ///< by the label kTenantLabel
};
api::ObjectRef pod_object(const TracePod& pod, const PodName& name, const PodShaping& shaping);

}  // namespace orrery::scenarios::bench
