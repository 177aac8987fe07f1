// core/v1 Service. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct ServicePort {
  Str name, protocol;
  std::optional<Str> app_protocol;
  std::int32_t port = 0;
  IntOrString target_port;
  std::int32_t node_port = 0;
};

struct ClientIPConfig {
  std::optional<std::int32_t> timeout_seconds;
};

struct SessionAffinityConfig {
  Box<ClientIPConfig> client_ip;
};

struct ServiceSpec {
  List<ServicePort> ports;
  Map<Str> selector;
  Str cluster_ip;
  List<Str> cluster_ips;
  Str type;
  List<Str> external_ips;
  Str session_affinity, load_balancer_ip;
  List<Str> load_balancer_source_ranges;
  Str external_name, external_traffic_policy;
  std::int32_t health_check_node_port = 0;
  bool publish_not_ready_addresses = false;
  Box<SessionAffinityConfig> session_affinity_config;
  List<Str> ip_families;
  std::optional<Str> ip_family_policy;
  std::optional<bool> allocate_load_balancer_node_ports;
  std::optional<Str> load_balancer_class, internal_traffic_policy, traffic_distribution;
};

struct PortStatus {
  std::int32_t port = 0;
  Str protocol;
  std::optional<Str> error;
};

struct LoadBalancerIngress {
  Str ip, hostname;
  std::optional<Str> ip_mode;
  List<PortStatus> ports;
};

struct LoadBalancerStatus {
  List<LoadBalancerIngress> ingress;
};

struct ServiceStatus {
  LoadBalancerStatus load_balancer;
  List<Condition> conditions;
};

struct Service {
  ObjectMeta metadata;
  Cow<ServiceSpec> spec;
  Cow<ServiceStatus> status;
};

ORRERY_DECLARE_STRUCT(ServicePort)
ORRERY_DECLARE_STRUCT(ClientIPConfig)
ORRERY_DECLARE_STRUCT(SessionAffinityConfig)
ORRERY_DECLARE_STRUCT(ServiceSpec)
ORRERY_DECLARE_STRUCT(PortStatus)
ORRERY_DECLARE_STRUCT(LoadBalancerIngress)
ORRERY_DECLARE_STRUCT(LoadBalancerStatus)
ORRERY_DECLARE_STRUCT(ServiceStatus)
ORRERY_DECLARE_KIND(Service)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::ServiceSpec, PartFacts>;
}  // namespace orrery::base
