#include "model/api/defaults/core_defaults.h"

#include "model/api/defaults/fill.h"
#include "model/api/defaults/pod_defaults.h"

namespace orrery::api {

namespace {

constexpr std::int32_t kSessionTimeoutSeconds = 3 * 60 * 60;
constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";

bool fill_phase_active(const NamespaceStatus& in, NamespaceStatus* out) {
  Fill f(in, out);
  f.set_if_empty(&NamespaceStatus::phase, "Active");
  return f.missing();
}

bool fill_node_status(const NodeStatus& in, NodeStatus* out) {
  Fill f(in, out);
  f.part(&NodeStatus::capacity, fill_resource_list);
  if (!f.done() && in.allocatable.is_nil() && !in.capacity.is_nil())
    f.set(&NodeStatus::allocatable, in.capacity);
  f.part(&NodeStatus::allocatable, fill_resource_list);
  return f.missing();
}

bool fill_client_ip(const ClientIPConfig& in, ClientIPConfig* out) {
  Fill f(in, out);
  f.set_if_empty(&ClientIPConfig::timeout_seconds, kSessionTimeoutSeconds);
  return f.missing();
}

bool fill_affinity_config(const SessionAffinityConfig& in, SessionAffinityConfig* out) {
  Fill f(in, out);
  f.create(&SessionAffinityConfig::client_ip);
  f.part(&SessionAffinityConfig::client_ip, fill_client_ip);
  return f.missing();
}

bool fill_service_port(const ServicePort& in, ServicePort* out) {
  Fill f(in, out);
  f.constants();
  const IntOrString& target = in.target_port;
  if (target.is_int() ? target.number() == 0 : target.text().empty())
    if (target.is_string() || in.port != 0) f.set(&ServicePort::target_port, in.port);
  return f.missing();
}

bool fill_service_spec(const ServiceSpec& in, ServiceSpec* out) {
  Fill f(in, out);
  const bool load_balancer = in.type == "LoadBalancer";
  const bool node_ports = load_balancer || in.type == "NodePort";
  const bool cluster_ip = in.type.empty() || in.type == "ClusterIP";
  f.constants();
  const bool sticky = in.session_affinity == "ClientIP";
  if (sticky) f.create(&ServiceSpec::session_affinity_config);
  if (sticky) f.part(&ServiceSpec::session_affinity_config, fill_affinity_config);
  if ((in.session_affinity.empty() || in.session_affinity == "None") && in.session_affinity_config)
    f.set(&ServiceSpec::session_affinity_config, Box<SessionAffinityConfig>());
  f.each(&ServiceSpec::ports, fill_service_port);
  if (node_ports || (cluster_ip && !in.external_ips.empty()))
    f.set_if_empty(&ServiceSpec::external_traffic_policy, "Cluster");
  if (node_ports || cluster_ip) f.set_if_empty(&ServiceSpec::internal_traffic_policy, "Cluster");
  if (load_balancer) f.set_if_empty(&ServiceSpec::allocate_load_balancer_node_ports, true);
  return f.missing();
}

bool fill_ingress(const LoadBalancerIngress& in, LoadBalancerIngress* out) {
  Fill f(in, out);
  if (!in.ip.empty()) f.set_if_empty(&LoadBalancerIngress::ip_mode, "VIP");
  return f.missing();
}

bool fill_load_balancer(const LoadBalancerStatus& in, LoadBalancerStatus* out) {
  Fill f(in, out);
  f.each(&LoadBalancerStatus::ingress, fill_ingress);
  return f.missing();
}

bool fill_service_status(const ServiceStatus& in, ServiceStatus* out) {
  Fill f(in, out);
  f.part(&ServiceStatus::load_balancer, fill_load_balancer);
  return f.missing();
}

bool fill_subset(const EndpointSubset& in, EndpointSubset* out) {
  Fill f(in, out);
  f.each(&EndpointSubset::ports, fill_only_constants<EndpointPort>);
  return f.missing();
}

bool fill_quota_spec(const ResourceQuotaSpec& in, ResourceQuotaSpec* out) {
  Fill f(in, out);
  f.part(&ResourceQuotaSpec::hard, fill_resource_list);
  return f.missing();
}

bool fill_quota_status(const ResourceQuotaStatus& in, ResourceQuotaStatus* out) {
  Fill f(in, out);
  f.part(&ResourceQuotaStatus::hard, fill_resource_list);
  f.part(&ResourceQuotaStatus::used, fill_resource_list);
  return f.missing();
}

bool fill_persistent_source(const PersistentVolumeSource& in, PersistentVolumeSource* out) {
  Fill f(in, out);
  f.part(&PersistentVolumeSource::host_path, fill_only_constants<HostPathVolumeSource>);
  f.part(&PersistentVolumeSource::iscsi, fill_only_constants<ISCSIPersistentVolumeSource>);
  f.part(&PersistentVolumeSource::rbd, fill_only_constants<RBDPersistentVolumeSource>);
  f.part(&PersistentVolumeSource::azure_disk, fill_only_constants<AzureDiskVolumeSource>);
  f.part(&PersistentVolumeSource::scale_io, fill_only_constants<ScaleIOPersistentVolumeSource>);
  return f.missing();
}

bool fill_volume_spec(const PersistentVolumeSpec& in, PersistentVolumeSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&PersistentVolumeSpec::capacity, fill_resource_list);
  f.part(&PersistentVolumeSpec::source, fill_persistent_source);
  return f.missing();
}

bool fill_volume_status(const PersistentVolumeStatus& in, PersistentVolumeStatus* out) {
  Fill f(in, out);
  f.set_if_empty(&PersistentVolumeStatus::phase, "Pending");
  return f.missing();
}

bool fill_claim_resources(const VolumeResourceRequirements& in, VolumeResourceRequirements* out) {
  Fill f(in, out);
  f.part(&VolumeResourceRequirements::limits, fill_resource_list);
  f.part(&VolumeResourceRequirements::requests, fill_resource_list);
  return f.missing();
}

bool fill_claim_spec(const PersistentVolumeClaimSpec& in, PersistentVolumeClaimSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&PersistentVolumeClaimSpec::resources, fill_claim_resources);
  return f.missing();
}

bool fill_claim_status(const PersistentVolumeClaimStatus& in, PersistentVolumeClaimStatus* out) {
  Fill f(in, out);
  f.set_if_empty(&PersistentVolumeClaimStatus::phase, "Pending");
  f.part(&PersistentVolumeClaimStatus::capacity, fill_resource_list);
  return f.missing();
}

bool fill_csi_driver_spec(const CSIDriverSpec& in, CSIDriverSpec* out) {
  Fill f(in, out);
  f.constants();
  if (!f.done() && in.volume_lifecycle_modes.empty()) f.set(&CSIDriverSpec::volume_lifecycle_modes, List<Str>{"Persistent"});
  return f.missing();
}

}  // namespace

bool fill_namespace(const Namespace& in, Namespace* out) {
  Fill f(in, out);
  f.part(&Namespace::status, fill_phase_active);
  const Str* label = in.metadata.labels.find(kNameLabel);
  // A generated name is not known yet.
  if (!f.done() && !in.metadata.name.empty() && (!label || *label != in.metadata.name)) {
    ObjectMeta meta = in.metadata;
    meta.labels.set(kNameLabel, in.metadata.name);
    f.set(&Namespace::metadata, meta);
  }
  return f.missing();
}

bool fill_node(const Node& in, Node* out) {
  Fill f(in, out);
  f.part(&Node::status, fill_node_status);
  return f.missing();
}

bool fill_service(const Service& in, Service* out) {
  Fill f(in, out);
  f.part(&Service::spec, fill_service_spec);
  if (in.spec->type == "LoadBalancer") f.part(&Service::status, fill_service_status);
  return f.missing();
}

bool fill_endpoints(const Endpoints& in, Endpoints* out) {
  Fill f(in, out);
  f.each(&Endpoints::subsets, fill_subset);
  return f.missing();
}

bool fill_endpoint_slice(const EndpointSlice& in, EndpointSlice* out) {
  Fill f(in, out);
  f.each(&EndpointSlice::ports, fill_only_constants<EndpointSlicePort>);
  return f.missing();
}

bool fill_quota(const ResourceQuota& in, ResourceQuota* out) {
  Fill f(in, out);
  f.part(&ResourceQuota::spec, fill_quota_spec);
  f.part(&ResourceQuota::status, fill_quota_status);
  return f.missing();
}

bool fill_csi_driver(const CSIDriver& in, CSIDriver* out) {
  Fill f(in, out);
  f.part(&CSIDriver::spec, fill_csi_driver_spec);
  return f.missing();
}

bool fill_volume(const PersistentVolume& in, PersistentVolume* out) {
  Fill f(in, out);
  f.part(&PersistentVolume::spec, fill_volume_spec);
  f.part(&PersistentVolume::status, fill_volume_status);
  return f.missing();
}

bool fill_claim(const PersistentVolumeClaim& in, PersistentVolumeClaim* out) {
  Fill f(in, out);
  f.part(&PersistentVolumeClaim::spec, fill_claim_spec);
  f.part(&PersistentVolumeClaim::status, fill_claim_status);
  return f.missing();
}

}  // namespace orrery::api
