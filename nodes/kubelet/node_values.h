// The Node object as the kubelet wants it: pure functions. After pkg/kubelet/kubelet_node_status.go and
// pkg/kubelet/nodestatus/setters.go.
#pragma once
#include <optional>
#include <vector>

#include "model/api/lease.h"
#include "model/api/node.h"
#include "model/api/object.h"
#include "model/env/containers.h"
#include "nodes/kubelet/kubelet_config.h"

namespace orrery::kubelet {

/// What the status tells.
struct NodeFacts {
  env::MachineInfo machine;
  std::vector<env::ImageInfo> images;    ///< by name
  std::optional<std::vector<Str>> volumes_in_use;   ///< in order; none while not known: what was told stays
  bool ready = true;
  Str not_ready_message;
  bool memory_pressure = false, disk_pressure = false, pid_pressure = false;
};

/// The object to register.
api::Node initial_node(const KubeletConfig& config, const NodeFacts& facts, base::Instant wall);

/// By which the node owns what its kubelet keeps beside it.
api::OwnerReference owned_by(const api::Object& node);

/// Labels and annotations an existing Node object lacks or has wrong; false: nothing to change.
bool reconcile_node(const KubeletConfig& config, const env::MachineInfo& machine, api::Node& node);

/// The status that `current` should become. Conditions keep their transition time while their status stays; the heartbeat
/// time is always `wall`. Conditions of others stay.
api::NodeStatus node_status(const KubeletConfig& config, const NodeFacts& facts, const api::NodeStatus& current,
                            base::Instant wall);
/// Whether two statuses differ in more than heartbeat times.
bool node_status_differs(const api::NodeStatus& a, const api::NodeStatus& b);

api::ResourceList node_capacity(const KubeletConfig& config, const env::MachineInfo& machine);
/// Capacity less the reservations and the hard eviction thresholds.
api::ResourceList node_allocatable(const KubeletConfig& config, const env::MachineInfo& machine);

/// True when the condition of this type has status True.
bool condition_true(const api::NodeStatus& status, std::string_view type);

}  // namespace orrery::kubelet
