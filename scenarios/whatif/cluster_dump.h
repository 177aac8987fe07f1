// ClusterDump: a cluster as `kubectl get nodes,pods,... -o yaml` (or json) prints it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/api/object.h"
#include "model/codec/json_value.h"

namespace orrery::scenarios::whatif {

/// What the scheduler reads of a cluster: nodes, pods, namespaces, services, ReplicationControllers, ReplicaSets, StatefulSets, disruption budgets,
/// claims, volumes, storage classes, CSINodes, CSIDrivers, CSIStorageCapacities, VolumeAttachments; and what the apiserver needs to
/// admit a pod: priority classes, RuntimeClasses and LimitRanges.
struct ClusterDump {
  std::string file;
  std::vector<api::ObjectRef> objects;
  std::vector<codec::JsonValue> runtime_classes, limit_ranges;

  /// Null when there is none.
  api::ObjectRef find(api::KindId kind, std::string_view ns, std::string_view name) const;
};

/// "-" is standard input. Other kinds are ignored. Throws InputError.
ClusterDump read_cluster_dump(const std::string& file);
ClusterDump parse_cluster_dump(const std::string& file, std::string_view text);

}  // namespace orrery::scenarios::whatif
