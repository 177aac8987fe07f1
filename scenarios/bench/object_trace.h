// Traces that tell Kubernetes objects: nodes and pods of them, as they were submitted.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "model/codec/json_value.h"
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Its allocatable amounts are those of the trace's node.
TraceNode trace_node(const api::ObjectRef& node);
/// The pod with name "NAMESPACE/NAME", without what the cluster made of it: node, status, nomination. A static pod keeps its node.
TracePod trace_pod(const api::Pod& pod);

/// Pod of JSON {metadata, spec}, with defaults; or what is wrong with it, by the field's path ("spec.containers").
struct PodProblem {
  std::string field, what;
};
std::optional<api::Pod> pod_of_json(const codec::JsonValue& json, PodProblem& problem);

/// The nodes, and what plugins read besides, of a dump (kubectl get nodes,... -o yaml or json). Throws InputError.
void take_cluster(const std::string& dump, Trace& out);

}  // namespace orrery::scenarios::bench
