#include "model/api/validation/validation.h"

#include "model/api/scale.h"
#include "model/api/validation/claim_validation.h"
#include "model/api/validation/core_validation.h"
#include "model/api/validation/csi_validation.h"
#include "model/api/validation/meta_validation.h"
#include "model/api/validation/pod_validation.h"
#include "model/api/validation/workload_validation.h"

namespace orrery::api {

namespace {

NameRule name_rule(KindId kind) {
  switch (kind) {
    case KindId::kNamespace:
      return label_name;
    case KindId::kService:
      return service_name;
    case KindId::kPodDisruptionBudget:
    case KindId::kEvent:
      return path_segment_name;
    default:
      return subdomain_name;
  }
}

void check_binding(const Binding& binding, ErrorList& errors) {
  const FieldPath target("target");
  if (!binding.target.kind.empty() && binding.target.kind != "Node")
    errors.not_supported(target.child("kind"), binding.target.kind, {"Node", "<empty>"});
  if (binding.target.name.empty()) errors.required(target.child("name"), "");
}

void check_scale(const Scale& scale, ErrorList& errors) {
  const FieldPath spec("spec");
  check_non_negative(scale.spec->replicas, spec.child("replicas"), errors);
}

void create(const Object& o, ErrorList& errors) {
  switch (o.kind_id()) {
    case KindId::kNamespace:
      return check_namespace(o.as<Namespace>(), errors);
    case KindId::kNode:
      return check_node(o.as<Node>(), errors);
    case KindId::kService:
      return check_service(o.as<Service>(), errors);
    case KindId::kEndpoints:
      return check_endpoints(o.as<Endpoints>(), errors);
    case KindId::kEndpointSlice:
      return check_endpoint_slice(o.as<EndpointSlice>(), errors);
    case KindId::kConfigMap:
      return check_config_map(o.as<ConfigMap>(), errors);
    case KindId::kSecret:
      return check_secret(o.as<Secret>(), errors);
    case KindId::kEvent:
      return check_event(o.as<Event>(), errors);
    case KindId::kLease:
      return check_lease(o.as<Lease>(), errors);
    case KindId::kReplicaSet:
      return check_replica_set_spec(*o.as<ReplicaSet>().spec, errors);
    case KindId::kReplicationController:
      return check_replication_controller_spec(*o.as<ReplicationController>().spec, errors);
    case KindId::kDeployment:
      return check_deployment_spec(*o.as<Deployment>().spec, errors);
    case KindId::kStatefulSet:
      return check_stateful_set_spec(*o.as<StatefulSet>().spec, errors);
    case KindId::kDaemonSet:
      return check_daemon_set_spec(*o.as<DaemonSet>().spec, errors);
    case KindId::kControllerRevision:
      return check_controller_revision(o.as<ControllerRevision>(), errors);
    case KindId::kJob:
      return check_job(o.as<Job>(), errors);
    case KindId::kCronJob:
      return check_cron_job(o.as<CronJob>(), errors);
    case KindId::kPodDisruptionBudget:
      return check_disruption_budget(o.as<PodDisruptionBudget>(), errors);
    case KindId::kPodGroup:
      return check_pod_group(o.as<PodGroup>(), errors);
    case KindId::kPriorityClass:
      return check_priority_class(o.as<PriorityClass>(), errors);
    case KindId::kResourceQuota:
      return check_quota(o.as<ResourceQuota>(), errors);
    case KindId::kPersistentVolume:
      return check_persistent_volume(o.as<PersistentVolume>(), errors);
    case KindId::kPersistentVolumeClaim:
      return check_claim(o.as<PersistentVolumeClaim>(), errors);
    case KindId::kStorageClass:
      return check_storage_class(o.as<StorageClass>(), errors);
    case KindId::kCSINode:
      return check_csi_node(o.as<CSINode>(), errors);
    case KindId::kCSIDriver:
      return check_csi_driver(o.as<CSIDriver>(), errors);
    case KindId::kCSIStorageCapacity:
      return check_storage_capacity(o.as<CSIStorageCapacity>(), errors);
    case KindId::kVolumeAttachment:
      return check_volume_attachment(o.as<VolumeAttachment>(), errors);
    case KindId::kBinding:
      return check_binding(o.as<Binding>(), errors);
    case KindId::kScale:
      return check_scale(o.as<Scale>(), errors);
    default:
      return;
  }
}

/// The spec rules of a workload, unless the spec is the old one, and its selector.
template <class T, class F>
void workload(const Object& old, const Object& next, F check_spec, ErrorList& errors) {
  const T& before = old.as<T>();
  const T& after = next.as<T>();
  if (after.spec.shares(before.spec)) return;
  check_spec(*after.spec, errors);
  check_same_selector(before.spec->selector, after.spec->selector, errors);
}

void stateful_set(const StatefulSet& old, const StatefulSet& next, ErrorList& errors) {
  if (next.spec.shares(old.spec)) return;
  check_stateful_set_spec(*next.spec, errors);
  check_stateful_set_update(*old.spec, *next.spec, errors);
}

/// A kind whose rules do not depend on the old version.
template <class T, class F>
void both(const Object& old, const Object& next, F check, ErrorList& errors) {
  check(old.as<T>(), next.as<T>(), errors);
}

void update(const Object& old, const Object& next, ErrorList& errors) {
  switch (next.kind_id()) {
    case KindId::kNode:
      return both<Node>(old, next, check_node_update, errors);
    case KindId::kPod:
      return both<Pod>(old, next, check_pod_update, errors);
    case KindId::kService:
      return both<Service>(old, next, check_service_update, errors);
    case KindId::kEndpointSlice:
      return both<EndpointSlice>(old, next, check_endpoint_slice_update, errors);
    case KindId::kConfigMap:
      return both<ConfigMap>(old, next, check_config_map_update, errors);
    case KindId::kSecret:
      return both<Secret>(old, next, check_secret_update, errors);
    case KindId::kReplicaSet:
      return workload<ReplicaSet>(old, next, check_replica_set_spec, errors);
    case KindId::kDeployment:
      return workload<Deployment>(old, next, check_deployment_spec, errors);
    case KindId::kDaemonSet:
      return workload<DaemonSet>(old, next, check_daemon_set_spec, errors);
    case KindId::kStatefulSet:
      return both<StatefulSet>(old, next, stateful_set, errors);
    case KindId::kControllerRevision:
      create(next, errors);
      return both<ControllerRevision>(old, next, check_controller_revision_update, errors);
    case KindId::kJob:
      return both<Job>(old, next, check_job_update, errors);
    case KindId::kCronJob:
      return both<CronJob>(old, next, check_cron_job_update, errors);
    case KindId::kPriorityClass:
      return both<PriorityClass>(old, next, check_priority_class_update, errors);
    case KindId::kResourceQuota:
      return both<ResourceQuota>(old, next, check_quota_update, errors);
    case KindId::kPersistentVolume:
      return both<PersistentVolume>(old, next, check_persistent_volume_update, errors);
    case KindId::kPersistentVolumeClaim:
      return both<PersistentVolumeClaim>(old, next, check_claim_update, errors);
    case KindId::kStorageClass:
      return both<StorageClass>(old, next, check_storage_class_update, errors);
    case KindId::kCSINode:
      return both<CSINode>(old, next, check_csi_node_update, errors);
    case KindId::kCSIDriver:
      return both<CSIDriver>(old, next, check_csi_driver_update, errors);
    case KindId::kCSIStorageCapacity:
      return both<CSIStorageCapacity>(old, next, check_storage_capacity_update, errors);
    case KindId::kVolumeAttachment:
      return both<VolumeAttachment>(old, next, check_volume_attachment_update, errors);
    case KindId::kNamespace:
      return;
    default:
      return create(next, errors);
  }
}

void status_update(const Object& old, const Object& next, ErrorList& errors) {
  switch (next.kind_id()) {
    case KindId::kNamespace:
      return both<Namespace>(old, next, check_namespace_status, errors);
    case KindId::kNode:
      return both<Node>(old, next, check_node_update, errors);
    case KindId::kService:
      return both<Service>(old, next, check_service_status, errors);
    case KindId::kReplicaSet:
      return both<ReplicaSet>(old, next, check_replica_set_status, errors);
    case KindId::kReplicationController:
      return both<ReplicationController>(old, next, check_replication_controller_status, errors);
    case KindId::kDeployment:
      return both<Deployment>(old, next, check_deployment_status, errors);
    case KindId::kStatefulSet:
      return both<StatefulSet>(old, next, check_stateful_set_status, errors);
    case KindId::kDaemonSet:
      return both<DaemonSet>(old, next, check_daemon_set_status, errors);
    case KindId::kJob:
      return both<Job>(old, next, check_job_status_update, errors);
    case KindId::kPodDisruptionBudget:
      return both<PodDisruptionBudget>(old, next, check_disruption_budget_status, errors);
    case KindId::kResourceQuota:
      return both<ResourceQuota>(old, next, check_quota_status, errors);
    case KindId::kPersistentVolumeClaim:
      return both<PersistentVolumeClaim>(old, next, check_claim_status_update, errors);
    case KindId::kVolumeAttachment:
      return both<VolumeAttachment>(old, next, check_volume_attachment_status, errors);
    default:
      return;
  }
}

}  // namespace

ErrorList validate_create(const Object& object) {
  ErrorList errors;
  if (object.kind_id() == KindId::kPod) {
    check_pod_create(object.as<Pod>(), errors);
    return errors;
  }
  // Bodies of sub-resources may leave their metadata to the request.
  if (object.kind_id() <= kLastStored)
    check_meta(object.meta(), object.kind().namespaced, name_rule(object.kind_id()), errors);
  create(object, errors);
  return errors;
}

ErrorList validate_update(const Object& old, const Object& next) {
  ErrorList errors;
  if (next.kind_id() != KindId::kPod) check_meta_update(old.meta(), next.meta(), errors);
  update(old, next, errors);
  return errors;
}

ErrorList validate_status_update(const Object& old, const Object& next) {
  ErrorList errors;
  if (next.kind_id() == KindId::kPod) {
    check_pod_status_update(old.as<Pod>(), next.as<Pod>(), errors);
    return errors;
  }
  check_meta_update(old.meta(), next.meta(), errors);
  status_update(old, next, errors);
  return errors;
}

ErrorList validate_ephemeral_containers_update(const Object& old, const Object& next) {
  ErrorList errors;
  check_ephemeral_containers_update(old.as<Pod>(), next.as<Pod>(), errors);
  return errors;
}

ErrorList validate_resize(const Object& old, const Object& next) {
  ErrorList errors;
  check_pod_resize(old.as<Pod>(), next.as<Pod>(), errors);
  return errors;
}

}  // namespace orrery::api
