#include "model/api/defaults/defaults.h"

#include "model/api/config_map.h"
#include "model/api/defaults/core_defaults.h"
#include "model/api/defaults/pod_defaults.h"
#include "model/api/defaults/workload_defaults.h"
#include "model/api/priority_class.h"
#include "model/api/storage_class.h"

namespace orrery::api {

namespace {

template <class T>
void run(bool (*fill)(const T&, T*), void* value) {
  T* object = static_cast<T*>(value);
  fill(*object, object);
}

}  // namespace

void apply_defaults(const Kind& kind, void* value) {
  switch (kind.id) {
    case KindId::kNamespace:
      return run(fill_namespace, value);
    case KindId::kNode:
      return run(fill_node, value);
    case KindId::kPod:
      return run(fill_pod, value);
    case KindId::kService:
      return run(fill_service, value);
    case KindId::kEndpoints:
      return run(fill_endpoints, value);
    case KindId::kEndpointSlice:
      return run(fill_endpoint_slice, value);
    case KindId::kSecret:
      return run(fill_only_constants<Secret>, value);
    case KindId::kReplicationController:
      return run(fill_replication_controller, value);
    case KindId::kReplicaSet:
      return run(fill_replica_set, value);
    case KindId::kDeployment:
      return run(fill_deployment, value);
    case KindId::kStatefulSet:
      return run(fill_stateful_set, value);
    case KindId::kDaemonSet:
      return run(fill_daemon_set, value);
    case KindId::kJob:
      return run(fill_job, value);
    case KindId::kCronJob:
      return run(fill_cron_job, value);
    case KindId::kPriorityClass:
      return run(fill_only_constants<PriorityClass>, value);
    case KindId::kResourceQuota:
      return run(fill_quota, value);
    case KindId::kPersistentVolume:
      return run<PersistentVolume>(fill_volume, value);
    case KindId::kPersistentVolumeClaim:
      return run(fill_claim, value);
    case KindId::kStorageClass:
      return run(fill_only_constants<StorageClass>, value);
    case KindId::kCSIDriver:
      return run(fill_csi_driver, value);
    default:
      return;
  }
}

}  // namespace orrery::api
