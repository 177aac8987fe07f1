#include "model/api/kind.h"

#include <algorithm>
#include <array>

#include "model/api/config_map.h"
#include "model/api/controller_revision.h"
#include "model/api/cron_job.h"
#include "model/api/csi_driver.h"
#include "model/api/csi_node.h"
#include "model/api/csi_storage_capacity.h"
#include "model/api/daemon_set.h"
#include "model/api/deployment.h"
#include "model/api/endpoint_slice.h"
#include "model/api/endpoints.h"
#include "model/api/event.h"
#include "model/api/eviction.h"
#include "model/api/job.h"
#include "model/api/lease.h"
#include "model/api/namespace.h"
#include "model/api/node.h"
#include "model/api/object.h"
#include "model/api/persistent_volume.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod.h"
#include "model/api/pod_disruption_budget.h"
#include "model/api/pod_group.h"
#include "model/api/priority_class.h"
#include "model/api/replica_set.h"
#include "model/api/replication_controller.h"
#include "model/api/resource_quota.h"
#include "model/api/scale.h"
#include "model/api/service.h"
#include "model/api/service_account.h"
#include "model/api/stateful_set.h"
#include "model/api/storage_class.h"
#include "model/api/volume_attachment.h"

namespace orrery::api {

namespace {

enum KindFlag : unsigned { kCluster = 1, kStatus = 2, kScaled = 4, kGeneration = 8, kUnconditional = 16 };

template <class T>
constexpr Kind row(const char* group, const char* kind, const char* plural, const char* singular,
                   const char* short_names, unsigned flags) {
  Kind k;
  k.id = KindOf<T>::kId;
  k.group = group;
  k.kind = kind;
  k.plural = plural;
  k.singular = singular;
  k.short_names = short_names;
  k.namespaced = !(flags & kCluster);
  k.has_status = flags & kStatus;
  k.has_scale = flags & kScaled;
  k.has_generation = flags & kGeneration;
  k.unconditional_update = flags & kUnconditional;
  k.type = &describe<T>;
  k.make = &make_empty_object<T>;
  return k;
}

/// A kind of another API version, upstream defined by a CustomResourceDefinition.
constexpr Kind custom(Kind kind, const char* version) {
  kind.version = version;
  kind.custom = true;
  return kind;
}

constexpr unsigned kU = kUnconditional;
constexpr unsigned kWorkload = kStatus | kGeneration | kUnconditional;

constexpr Kind kKinds[] = {
    row<Namespace>("", "Namespace", "namespaces", "namespace", "ns", kCluster | kStatus | kU),
    row<Node>("", "Node", "nodes", "node", "no", kCluster | kStatus | kU),
    row<Pod>("", "Pod", "pods", "pod", "po", kStatus | kGeneration | kU),
    row<Service>("", "Service", "services", "service", "svc", kStatus | kU),
    row<Endpoints>("", "Endpoints", "endpoints", "endpoints", "ep", kU),
    row<EndpointSlice>("discovery.k8s.io", "EndpointSlice", "endpointslices", "endpointslice", "",
                       kGeneration | kU),
    row<ConfigMap>("", "ConfigMap", "configmaps", "configmap", "cm", kU),
    row<Secret>("", "Secret", "secrets", "secret", "", kU),
    row<ServiceAccount>("", "ServiceAccount", "serviceaccounts", "serviceaccount", "sa", kU),
    row<Event>("", "Event", "events", "event", "ev", kU),
    row<Lease>("coordination.k8s.io", "Lease", "leases", "lease", "", 0),
    row<ReplicaSet>("apps", "ReplicaSet", "replicasets", "replicaset", "rs", kWorkload | kScaled),
    row<Deployment>("apps", "Deployment", "deployments", "deployment", "deploy", kWorkload | kScaled),
    row<StatefulSet>("apps", "StatefulSet", "statefulsets", "statefulset", "sts", kWorkload | kScaled),
    row<DaemonSet>("apps", "DaemonSet", "daemonsets", "daemonset", "ds", kWorkload),
    row<ControllerRevision>("apps", "ControllerRevision", "controllerrevisions", "controllerrevision", "",
                            kU),
    row<Job>("batch", "Job", "jobs", "job", "", kWorkload),
    row<PodDisruptionBudget>("policy", "PodDisruptionBudget", "poddisruptionbudgets", "poddisruptionbudget",
                             "pdb", kStatus | kGeneration),
    row<PriorityClass>("scheduling.k8s.io", "PriorityClass", "priorityclasses", "priorityclass", "pc",
                       kCluster | kGeneration | kU),
    row<ResourceQuota>("", "ResourceQuota", "resourcequotas", "resourcequota", "quota", kStatus | kU),
    row<PersistentVolume>("", "PersistentVolume", "persistentvolumes", "persistentvolume", "pv",
                          kCluster | kStatus | kU),
    row<PersistentVolumeClaim>("", "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim",
                               "pvc", kStatus | kU),
    row<StorageClass>("storage.k8s.io", "StorageClass", "storageclasses", "storageclass", "sc",
                      kCluster | kU),
    row<CronJob>("batch", "CronJob", "cronjobs", "cronjob", "cj", kWorkload),
    custom(row<PodGroup>("scheduling.x-k8s.io", "PodGroup", "podgroups", "podgroup", "pg,pgs", kStatus | kGeneration), "v1alpha1"),
    row<CSINode>("storage.k8s.io", "CSINode", "csinodes", "csinode", "", kCluster),
    row<CSIDriver>("storage.k8s.io", "CSIDriver", "csidrivers", "csidriver", "", kCluster | kGeneration),
    row<CSIStorageCapacity>("storage.k8s.io", "CSIStorageCapacity", "csistoragecapacities", "csistoragecapacity", "", 0),
    row<VolumeAttachment>("storage.k8s.io", "VolumeAttachment", "volumeattachments", "volumeattachment", "", kCluster | kStatus),
    row<ReplicationController>("", "ReplicationController", "replicationcontrollers", "replicationcontroller", "rc",
                               kWorkload | kScaled),
    row<Binding>("", "Binding", "bindings", "binding", "", 0),
    row<Eviction>("policy", "Eviction", "evictions", "eviction", "", 0),
    row<Scale>("autoscaling", "Scale", "scales", "scale", "", 0),
};
constexpr std::size_t kKindCount = std::size(kKinds);

constexpr bool in_id_order() {
  for (std::size_t i = 0; i < kKindCount; ++i)
    if (static_cast<std::size_t>(kKinds[i].id) != i + 1) return false;
  return kKindCount + 1 == static_cast<std::size_t>(KindId::kCount);
}
static_assert(in_id_order(), "one row per KindId, in its order");

/// Rows ordered by the text of one column.
using Index = std::array<const Kind*, kKindCount>;

template <class Less>
constexpr Index sorted(Less less) {
  Index index{};
  for (std::size_t i = 0; i < kKindCount; ++i) index[i] = &kKinds[i];
  std::sort(index.begin(), index.end(), less);
  return index;
}

constexpr Index kByKind =
    sorted([](const Kind* a, const Kind* b) { return std::string_view(a->kind) < b->kind; });
constexpr Index kByPlural =
    sorted([](const Kind* a, const Kind* b) { return std::string_view(a->plural) < b->plural; });

const Kind* find_text(const Index& index, const char* Kind::*column, std::string_view text) {
  const auto at = std::lower_bound(index.begin(), index.end(), text,
                                   [column](const Kind* k, std::string_view t) { return k->*column < t; });
  return at != index.end() && (*at)->*column == text ? *at : nullptr;
}

bool served_as(const Kind& kind, std::string_view group, std::string_view version) {
  return group == kind.group && version == kind.version;
}

}  // namespace

std::string Kind::api_version() const {
  return *group ? base::cat(group, "/", version) : std::string(version);
}

std::string Kind::resource_name() const {
  return *group ? base::cat(plural, ".", group) : std::string(plural);
}

const Kind& kind_of(KindId id) {
  const std::size_t row = static_cast<std::size_t>(id) - 1;
  ORRERY_CHECK(row < kKindCount, "a kind that is registered");
  return kKinds[row];
}

const Kind* find_kind(std::string_view api_version, std::string_view kind) {
  const std::size_t slash = api_version.find('/');
  const bool core = slash == std::string_view::npos;
  const Kind* found = find_text(kByKind, &Kind::kind, kind);
  const std::string_view group = core ? std::string_view() : api_version.substr(0, slash);
  const std::string_view version = core ? api_version : api_version.substr(slash + 1);
  return found && served_as(*found, group, version) ? found : nullptr;
}

const Kind* find_resource(std::string_view group, std::string_view version, std::string_view plural) {
  const Kind* found = find_text(kByPlural, &Kind::plural, plural);
  return found && found->id <= kLastStored && served_as(*found, group, version) ? found : nullptr;
}

}  // namespace orrery::api
