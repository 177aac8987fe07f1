// What of a trace becomes machines and API objects in a whole cluster.
#pragma once
#include <optional>

#include "model/api/node.h"
#include "model/api/object.h"
#include "scenarios/bench/trace.h"
#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios::bench {

/// A kubelet keeps so much memory for itself: machines have it on top, so that pods find what the trace says.
inline constexpr std::int64_t kKubeletMemory = std::int64_t{100} << 20;

/// A machine that offers pods what the node of the trace does.
MachineSpec machine_of(const TraceNode& node, const std::string& zone);

/// The node has none of the taints by which Kubernetes keeps pods from nodes that are not ready, not reached or cordoned.
bool may_take_pods(const api::Node& node);

/// Those of the trace where they are all distinct and ones that the API takes, else pod-NUMBER.
std::vector<Str> names_of(const std::vector<TracePod>& pods);

/// Of the PodGroup of a gang, by the gang's number.
Str group_name(std::size_t gang);
api::ObjectRef group_object(std::size_t gang, std::size_t members);

/// A container that exits after the pod's duration, or runs until it is deleted. `group` "": of no gang. With `busy_for` it works on
/// the CPU that it asks for, those that do not exit for so long.
api::ObjectRef pod_object(const TracePod& pod, const Str& name, const Str& group, bool exits, std::optional<base::Nanos> busy_for = {});

}  // namespace orrery::scenarios::bench
