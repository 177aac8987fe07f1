// core/v1 Node. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/resources.h"
#include "model/api/taint.h"

namespace orrery::api {

struct ConfigMapNodeConfigSource {
  Str namespace_, name, uid, resource_version, kubelet_config_key;
};

struct NodeConfigSource {
  Box<ConfigMapNodeConfigSource> config_map;
};

struct NodeSpec {
  Str pod_cidr;
  List<Str> pod_cidrs;
  Str provider_id;
  bool unschedulable = false;
  List<Taint> taints;
  Box<NodeConfigSource> config_source;
  Str external_id;
};

struct NodeCondition {
  Str type, status;
  Time last_heartbeat_time, last_transition_time;
  Str reason, message;
};

struct NodeAddress {
  Str type, address;
};

struct DaemonEndpoint {
  std::int32_t port = 0;
};

struct NodeDaemonEndpoints {
  DaemonEndpoint kubelet_endpoint;
};

struct NodeSwapStatus {
  std::optional<std::int64_t> capacity;
};

struct NodeSystemInfo {
  Str machine_id, system_uuid, boot_id, kernel_version, os_image, container_runtime_version;
  Str kubelet_version, kube_proxy_version, operating_system, architecture;
  Box<NodeSwapStatus> swap;
};

struct ContainerImage {
  List<Str> names;
  std::int64_t size_bytes = 0;
};

struct AttachedVolume {
  Str name, device_path;
};

struct NodeConfigStatus {
  Box<NodeConfigSource> assigned, active, last_known_good;
  Str error;
};

struct NodeRuntimeHandlerFeatures {
  std::optional<bool> recursive_read_only_mounts, user_namespaces;
};

struct NodeRuntimeHandler {
  Str name;
  Box<NodeRuntimeHandlerFeatures> features;
};

struct NodeFeatures {
  std::optional<bool> supplemental_groups_policy;
};

struct NodeStatus {
  ResourceList capacity, allocatable;
  Str phase;
  List<NodeCondition> conditions;
  List<NodeAddress> addresses;
  NodeDaemonEndpoints daemon_endpoints;
  Cow<NodeSystemInfo> node_info;
  List<ContainerImage> images;
  List<Str> volumes_in_use;
  List<AttachedVolume> volumes_attached;
  Box<NodeConfigStatus> config;
  List<NodeRuntimeHandler> runtime_handlers;
  Box<NodeFeatures> features;
};

struct Node {
  ObjectMeta metadata;
  Cow<NodeSpec> spec;
  Cow<NodeStatus> status;
};

ORRERY_DECLARE_STRUCT(ConfigMapNodeConfigSource)
ORRERY_DECLARE_STRUCT(NodeConfigSource)
ORRERY_DECLARE_STRUCT(NodeSpec)
ORRERY_DECLARE_STRUCT(NodeCondition)
ORRERY_DECLARE_STRUCT(NodeAddress)
ORRERY_DECLARE_STRUCT(DaemonEndpoint)
ORRERY_DECLARE_STRUCT(NodeDaemonEndpoints)
ORRERY_DECLARE_STRUCT(NodeSwapStatus)
ORRERY_DECLARE_STRUCT(NodeSystemInfo)
ORRERY_DECLARE_STRUCT(ContainerImage)
ORRERY_DECLARE_STRUCT(AttachedVolume)
ORRERY_DECLARE_STRUCT(NodeConfigStatus)
ORRERY_DECLARE_STRUCT(NodeRuntimeHandlerFeatures)
ORRERY_DECLARE_STRUCT(NodeRuntimeHandler)
ORRERY_DECLARE_STRUCT(NodeFeatures)
ORRERY_DECLARE_STRUCT(NodeStatus)
ORRERY_DECLARE_KIND(Node)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::NodeSpec, PartFacts>;
extern template class Box<api::NodeStatus, PartFacts>;
}  // namespace orrery::base
