// Pod and Binding. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/affinity.h"
#include "model/api/container.h"
#include "model/api/container_status.h"
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/reference.h"
#include "model/api/taint.h"
#include "model/api/volume.h"

namespace orrery::api {

struct PodReadinessGate {
  Str condition_type;
};

struct PodSchedulingGate {
  Str name;
};

struct PodResourceClaim {
  Str name;
  std::optional<Str> resource_claim_name, resource_claim_template_name;
};

struct PodResourceClaimStatus {
  Str name;
  std::optional<Str> resource_claim_name;
};

struct PodOS {
  Str name;
};

struct HostAlias {
  Str ip;
  List<Str> hostnames;
};

struct PodDNSConfigOption {
  Str name;
  std::optional<Str> value;
};

struct PodDNSConfig {
  List<Str> nameservers, searches;
  List<PodDNSConfigOption> options;
};

struct PodSpec {
  List<Volume> volumes;
  List<Container> init_containers, containers;
  List<EphemeralContainer> ephemeral_containers;
  Str restart_policy;
  std::optional<std::int64_t> termination_grace_period_seconds, active_deadline_seconds;
  Str dns_policy;
  Map<Str> node_selector;
  Str service_account_name, service_account, node_name;
  Box<PodSecurityContext> security_context;
  List<LocalObjectReference> image_pull_secrets;
  Str hostname, subdomain;
  Box<Affinity> affinity;
  Str scheduler_name;
  List<Toleration> tolerations;
  List<HostAlias> host_aliases;
  Str priority_class_name;
  Box<PodDNSConfig> dns_config;
  List<PodReadinessGate> readiness_gates;
  std::optional<Str> runtime_class_name, preemption_policy;
  ResourceList overhead;
  List<TopologySpreadConstraint> topology_spread_constraints;
  Box<PodOS> os;
  List<PodSchedulingGate> scheduling_gates;
  List<PodResourceClaim> resource_claims;
  Box<ResourceRequirements> resources;
  std::optional<std::int32_t> priority;
  std::optional<bool> automount_service_account_token;
  bool host_network = false, host_pid = false, host_ipc = false;
  std::optional<bool> share_process_namespace, enable_service_links, set_hostname_as_fqdn;
  std::optional<bool> host_users;
};

struct PodCondition {
  Str type;
  std::int64_t observed_generation = 0;
  Str status;
  Time last_probe_time, last_transition_time;
  Str reason, message;
};

struct HostIP {
  Str ip;
};

struct PodIP {
  Str ip;
};

struct PodStatus {
  std::int64_t observed_generation = 0;
  Str phase;
  List<PodCondition> conditions;
  Str message, reason, nominated_node_name, host_ip;
  List<HostIP> host_ips;
  Str pod_ip;
  List<PodIP> pod_ips;
  Time start_time;
  List<ContainerStatus> init_container_statuses, container_statuses;
  Str qos_class;
  List<ContainerStatus> ephemeral_container_statuses;
  Str resize;
  List<PodResourceClaimStatus> resource_claim_statuses;
};

struct Pod {
  ObjectMeta metadata;
  Cow<PodSpec> spec;
  Cow<PodStatus> status;
};

struct Binding {
  ObjectMeta metadata;
  ObjectReference target;
};

ORRERY_DECLARE_STRUCT(PodReadinessGate)
ORRERY_DECLARE_STRUCT(PodSchedulingGate)
ORRERY_DECLARE_STRUCT(PodResourceClaim)
ORRERY_DECLARE_STRUCT(PodResourceClaimStatus)
ORRERY_DECLARE_STRUCT(PodOS)
ORRERY_DECLARE_STRUCT(HostAlias)
ORRERY_DECLARE_STRUCT(PodDNSConfigOption)
ORRERY_DECLARE_STRUCT(PodDNSConfig)
ORRERY_DECLARE_STRUCT(PodSpec)
ORRERY_DECLARE_STRUCT(PodCondition)
ORRERY_DECLARE_STRUCT(HostIP)
ORRERY_DECLARE_STRUCT(PodIP)
ORRERY_DECLARE_STRUCT(PodStatus)
ORRERY_DECLARE_KIND(Pod)
ORRERY_DECLARE_KIND(Binding)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::PodSpec, PartFacts>;
extern template class Box<api::PodStatus, PartFacts>;
}  // namespace orrery::base
