#include "model/api/service.h"

namespace orrery::api {

ORRERY_STRUCT(ServicePort,
  FIELD(name, "name", 1).omit(),
  FIELD(protocol, "protocol", 2).omit().def("TCP").values("SCTP,TCP,UDP"),
  FIELD(app_protocol, "appProtocol", 6).omit(),
  FIELD(port, "port", 3).required().range(1, 65535),
  FIELD(target_port, "targetPort", 4),
  FIELD(node_port, "nodePort", 5).omit())

ORRERY_STRUCT(ClientIPConfig,
  FIELD(timeout_seconds, "timeoutSeconds", 1).omit().range(1, 86400))

ORRERY_STRUCT(SessionAffinityConfig,
  FIELD(client_ip, "clientIP", 1).omit())

ORRERY_STRUCT(ServiceSpec,
  FIELD(ports, "ports", 1).omit().merge("port").map_list("port,protocol"),
  FIELD(selector, "selector", 2).omit().atomic(),
  FIELD(cluster_ip, "clusterIP", 3).omit(),
  FIELD(cluster_ips, "clusterIPs", 18).omit(),
  FIELD(type, "type", 4).omit().def("ClusterIP").values("ClusterIP,ExternalName,LoadBalancer,NodePort"),
  FIELD(external_ips, "externalIPs", 5).omit(),
  FIELD(session_affinity, "sessionAffinity", 7).omit().def("None").values("ClientIP,None"),
  FIELD(load_balancer_ip, "loadBalancerIP", 8).omit(),
  FIELD(load_balancer_source_ranges, "loadBalancerSourceRanges", 9).omit(),
  FIELD(external_name, "externalName", 10).omit(),
  FIELD(external_traffic_policy, "externalTrafficPolicy", 11).omit().values("Cluster,Local"),
  FIELD(health_check_node_port, "healthCheckNodePort", 12).omit(),
  FIELD(publish_not_ready_addresses, "publishNotReadyAddresses", 13).omit(),
  FIELD(session_affinity_config, "sessionAffinityConfig", 14).omit(),
  FIELD(ip_families, "ipFamilies", 19).omit(),
  FIELD(ip_family_policy, "ipFamilyPolicy", 17).omit()
      .values("SingleStack,PreferDualStack,RequireDualStack"),
  FIELD(allocate_load_balancer_node_ports, "allocateLoadBalancerNodePorts", 20).omit(),
  FIELD(load_balancer_class, "loadBalancerClass", 21).omit(),
  FIELD(internal_traffic_policy, "internalTrafficPolicy", 22).omit().values("Cluster,Local"),
  FIELD(traffic_distribution, "trafficDistribution", 23).omit())

ORRERY_STRUCT(PortStatus,
  FIELD(port, "port", 1),
  FIELD(protocol, "protocol", 2),
  FIELD(error, "error", 3).omit())

ORRERY_STRUCT(LoadBalancerIngress,
  FIELD(ip, "ip", 1).omit(),
  FIELD(hostname, "hostname", 2).omit(),
  FIELD(ip_mode, "ipMode", 3).omit(),
  FIELD(ports, "ports", 4).omit())

ORRERY_STRUCT(LoadBalancerStatus,
  FIELD(ingress, "ingress", 1).omit())

ORRERY_STRUCT(ServiceStatus,
  FIELD(load_balancer, "loadBalancer", 1),
  FIELD(conditions, "conditions", 2).omit().merge("type").map_list("type"))

ORRERY_STRUCT(Service,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::ServiceSpec, PartFacts>;
}  // namespace orrery::base
