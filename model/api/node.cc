#include "model/api/node.h"

namespace orrery::api {

ORRERY_STRUCT(ConfigMapNodeConfigSource,
  FIELD(namespace_, "namespace", 1).required(),
  FIELD(name, "name", 2).required(),
  FIELD(uid, "uid", 3).omit(),
  FIELD(resource_version, "resourceVersion", 4).omit(),
  FIELD(kubelet_config_key, "kubeletConfigKey", 5).required())

ORRERY_STRUCT(NodeConfigSource,
  FIELD(config_map, "configMap", 2).omit())

ORRERY_STRUCT(NodeSpec,
  FIELD(pod_cidr, "podCIDR", 1).omit(),
  FIELD(pod_cidrs, "podCIDRs", 7).omit().set_list().merge(""),
  FIELD(provider_id, "providerID", 3).omit(),
  FIELD(unschedulable, "unschedulable", 4).omit(),
  FIELD(taints, "taints", 5).omit(),
  FIELD(config_source, "configSource", 6).omit(),
  FIELD(external_id, "externalID", 2).omit())

ORRERY_STRUCT(NodeCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_heartbeat_time, "lastHeartbeatTime", 3),
  FIELD(last_transition_time, "lastTransitionTime", 4),
  FIELD(reason, "reason", 5).omit(),
  FIELD(message, "message", 6).omit())

ORRERY_STRUCT(NodeAddress,
  FIELD(type, "type", 1).required(),
  FIELD(address, "address", 2).required())

ORRERY_STRUCT(DaemonEndpoint,
  FIELD(port, "Port", 1))

ORRERY_STRUCT(NodeDaemonEndpoints,
  FIELD(kubelet_endpoint, "kubeletEndpoint", 1))

ORRERY_STRUCT(NodeSwapStatus,
  FIELD(capacity, "capacity", 1).omit())

ORRERY_STRUCT(NodeSystemInfo,
  FIELD(machine_id, "machineID", 1),
  FIELD(system_uuid, "systemUUID", 2),
  FIELD(boot_id, "bootID", 3),
  FIELD(kernel_version, "kernelVersion", 4),
  FIELD(os_image, "osImage", 5),
  FIELD(container_runtime_version, "containerRuntimeVersion", 6),
  FIELD(kubelet_version, "kubeletVersion", 7),
  FIELD(kube_proxy_version, "kubeProxyVersion", 8),
  FIELD(operating_system, "operatingSystem", 9),
  FIELD(architecture, "architecture", 10),
  FIELD(swap, "swap", 11).omit())

ORRERY_STRUCT(ContainerImage,
  FIELD(names, "names", 1).omit(),
  FIELD(size_bytes, "sizeBytes", 2).omit())

ORRERY_STRUCT(AttachedVolume,
  FIELD(name, "name", 1).required(),
  FIELD(device_path, "devicePath", 2).required())

ORRERY_STRUCT(NodeConfigStatus,
  FIELD(assigned, "assigned", 1).omit(),
  FIELD(active, "active", 2).omit(),
  FIELD(last_known_good, "lastKnownGood", 3).omit(),
  FIELD(error, "error", 4).omit())

ORRERY_STRUCT(NodeRuntimeHandlerFeatures,
  FIELD(recursive_read_only_mounts, "recursiveReadOnlyMounts", 1).omit(),
  FIELD(user_namespaces, "userNamespaces", 2).omit())

ORRERY_STRUCT(NodeRuntimeHandler,
  FIELD(name, "name", 1),
  FIELD(features, "features", 2).omit())

ORRERY_STRUCT(NodeFeatures,
  FIELD(supplemental_groups_policy, "supplementalGroupsPolicy", 1).omit())

ORRERY_STRUCT(NodeStatus,
  FIELD(capacity, "capacity", 1).omit(),
  FIELD(allocatable, "allocatable", 2).omit(),
  FIELD(phase, "phase", 3).omit(),
  FIELD(conditions, "conditions", 4).omit().merge("type").map_list("type"),
  FIELD(addresses, "addresses", 5).omit().merge("type").map_list("type"),
  FIELD(daemon_endpoints, "daemonEndpoints", 6),
  FIELD(node_info, "nodeInfo", 7),
  FIELD(images, "images", 8).omit(),
  FIELD(volumes_in_use, "volumesInUse", 9).omit(),
  FIELD(volumes_attached, "volumesAttached", 10).omit(),
  FIELD(config, "config", 11).omit(),
  FIELD(runtime_handlers, "runtimeHandlers", 12).omit(),
  FIELD(features, "features", 13).omit())

ORRERY_STRUCT(Node,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::NodeSpec, PartFacts>;
template class Box<api::NodeStatus, PartFacts>;
}  // namespace orrery::base
