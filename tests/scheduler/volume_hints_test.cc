// Queueing hints of the volume plugins against upstream's own tables. Rows about objects of the wrong Go type are left out.
#include <doctest/doctest.h>

#include "model/api/csi_driver.h"
#include "model/api/csi_node.h"
#include "model/api/csi_storage_capacity.h"
#include "tests/scheduler/volume_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct VolumeHintRow {
  const char* upstream;
  const char* pod;        // volumes, as pod_with() takes them
  const char* old;        // YAML
  const char* now;
  const char* expected;
};

template <class T>
api::ObjectRef volume_object(const char* yaml) {
  if (!*yaml) return {};
  if constexpr (std::is_same_v<T, api::PersistentVolumeClaim>) return api::make_object(claim_of_yaml(yaml));
  else return api::make_object(from_yaml<T>(yaml));
}

template <class T>
void check_hints(const char* plugin, EventResource resource, std::span<const VolumeHintRow> rows) {
  for (const VolumeHintRow& row : rows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    CHECK(world.hint(plugin, world.pod(pod_with(row.pod)), resource, volume_object<T>(row.old), volume_object<T>(row.now)) == row.expected);
  }
}

#define CLASS(topologies) "{metadata: {name: sc-b}" topologies "}"
#define ON_NODES(nodes) ", allowedTopologies: [{matchLabelExpressions: [{key: kubernetes.io/hostname, values: [" nodes "]}]}]"
const VolumeHintRow kBindingClasses[] = {
    {"pod has no pvcs", "", "{metadata: {name: sc-a}}", "{metadata: {name: sc-a}}", "skip"},
    {"pod has no pvc or ephemeral volumes", "empty", "{metadata: {name: sc-a}}", "{metadata: {name: sc-a}}", "skip"},
    {"pvc does not specify a storage class", "pvc-a pvc-b", "{metadata: {name: sc-a}}", "{metadata: {name: sc-a}}", "skip"},
    {"pod has pvc volumes with unchanged storage class", "pvc-a pvc-b", CLASS(""), CLASS(""), "skip"},
    {"pod has pvc that references a newly added storage class", "pvc-a pvc-b", "", CLASS(""), "queue"},
    {"pod has pvc volumes with changed storage class: AllowedTopologies", "pvc-a pvc-b", CLASS(ON_NODES("node1, node2")),
     CLASS(ON_NODES("node1, node3")), "queue"},
    {"pod has ephemeral volume with unchanged storage class: AllowedTopologies", "~ephemeral-a", CLASS(ON_NODES("node1, node2")),
     CLASS(ON_NODES("node1, node3")), "queue"},
};
#define CLAIM(name, rest) "{metadata: {name: " name "}" rest "}"
#define MODES(mode) ", spec: {accessModes: [" mode "]}"
#define NOTED(value) "{metadata: {name: pvc-b, annotations: {volume.beta.kubernetes.io/sample-ann: " value "}}}"
const VolumeHintRow kBindingClaims[] = {
    {"pod has no pvcs", "", "", CLAIM("pvc-b", ""), "skip"},
    {"pod has no pvc or ephemeral volumes", "empty", CLAIM("pvc-b", ""), CLAIM("pvc-b", ""), "skip"},
    {"pod has a newly added pvc", "pvc-a pvc-b", "", CLAIM("pvc-b", ""), "queue"},
    {"pod has pvcs with changed status.phase", "pvc-a pvc-b", CLAIM("pvc-a", ", status: {phase: Pending}"),
     CLAIM("pvc-a", ", status: {phase: Bound}"), "queue"},
    {"pod has ephemeral volume with changed status.phase", "~ephemeral-a", CLAIM("pod-a-ephemeral-a", ", status: {phase: Pending}"),
     CLAIM("pod-a-ephemeral-a", ", status: {phase: Bound}"), "queue"},
    {"pod has pvcs with changed annotations", "pvc-a pvc-b", NOTED("sample-value1"), NOTED("sample-value2"), "queue"},
    {"pod has ephemeral volume with changed annotations", "~ephemeral-a", CLAIM("pod-a-ephemeral-a", ""),
     "{metadata: {name: pod-a-ephemeral-a, annotations: {volume.beta.kubernetes.io/sample-ann: sample-value2}}}", "queue"},
    {"pod has pvcs with changed spec", "pvc-a pvc-b", CLAIM("pvc-b", MODES("ReadWriteOnce")), CLAIM("pvc-b", MODES("ReadWriteOncePod")),
     "queue"},
    {"pod has ephemeral volume with changed spec", "~ephemeral-a", CLAIM("pod-a-ephemeral-a", MODES("ReadWriteOnce")),
     CLAIM("pod-a-ephemeral-a", MODES("ReadWriteOncePod")), "queue"},
};
#define VOLUME(phase) "{metadata: {name: pv-b}, spec: {storageClassName: sc-b}, status: {phase: " phase "}}"
const VolumeHintRow kBindingVolumes[] = {
    {"pod has pvs with no changes", "pv-a pv-b", VOLUME("Available"), VOLUME("Available"), "queue"},
    {"pod has a newly added pv", "pv-a pv-b", "", VOLUME("Available"), "queue"},
    {"pod has pvs with changed fields", "pv-a pv-b", VOLUME("Available"), VOLUME("Bound"), "queue"},
};

#define CAPACITY(rest) "{metadata: {name: cap-a}, storageClassName: sc-b" rest "}"
const VolumeHintRow kBindingCapacities[] = {
    {"pod has no pvcs", "", CAPACITY(""), CAPACITY(""), "skip"},
    {"pod has no pvc or ephemeral volumes", "empty", CAPACITY(""), CAPACITY(""), "skip"},
    {"pod has pvcs with no CSIStorageCapacity changes", "pvc-a pvc-b", CAPACITY(""), CAPACITY(""), "skip"},
    {"pod has pvc that references a newly added CSIStorageCapacity", "pvc-a pvc-b", "", CAPACITY(""), "queue"},
    {"pod has ephemeral volume with changed CSIStorageCapacity.Capacity", "~ephemeral-a", CAPACITY(", capacity: 1Gi"),
     CAPACITY(", capacity: 2Gi"), "queue"},
    {"pod has pvcs with changed CSIStorageCapacity.MaximumVolumeSize", "pvc-a pvc-b", CAPACITY(", maximumVolumeSize: 1Gi"),
     CAPACITY(", maximumVolumeSize: 2Gi"), "queue"},
    {"pod has ephemeral volume with changed CSIStorageCapacity.MaximumVolumeSize", "~ephemeral-a", CAPACITY(", maximumVolumeSize: 1Gi"),
     CAPACITY(", maximumVolumeSize: 2Gi"), "queue"},
    {"pvc does not specify a storage class", "pvc-a pvc-b", CAPACITY(""), CAPACITY(""), "skip"},
    // Of our own: less room, and a maximum that goes before the capacity.
    {"capacity shrinks", "pvc-a", CAPACITY(", capacity: 2Gi"), CAPACITY(", capacity: 1Gi"), "skip"},
    {"only the capacity behind a maximum grows", "pvc-a", CAPACITY(", capacity: 2Gi, maximumVolumeSize: 1Gi"),
     CAPACITY(", capacity: 3Gi, maximumVolumeSize: 1Gi"), "skip"},
};
// Of our own, after isSchedulableAfterCSINodeChange and isSchedulableAfterCSIDriverChange.
#define MIGRATED(plugins) "{metadata: {name: csi-a, annotations: {storage.alpha.kubernetes.io/migrated-plugins: '" plugins "'}}}"
const VolumeHintRow kBindingNodes[] = {
    {"new", "pvc-a", "", MIGRATED("test1"), "queue"},
    {"no changes", "pvc-a", MIGRATED("test1"), MIGRATED("test1"), "skip"},
    {"migrated plugins changed", "pvc-a", MIGRATED("test1"), MIGRATED("test1,test2"), "queue"},
};
#define ASKING(yes) "{metadata: {name: test1}, spec: {storageCapacity: " yes "}}"
const VolumeHintRow kBindingDrivers[] = {
    {"pod has no volume of the driver", "csi:test2", ASKING("true"), ASKING("false"), "skip"},
    {"storage capacity disabled", "csi:test1", ASKING("true"), ASKING("false"), "queue"},
    {"storage capacity enabled", "csi:test1", ASKING("false"), ASKING("true"), "skip"},
    {"no change", "csi:test1", ASKING("true"), ASKING("true"), "skip"},
};

#define CLAIM_IN(ns, volume) "{metadata: {name: PVC_1, namespace: " ns "}, spec: {volumeName: '" volume "'}}"
const VolumeHintRow kZoneClaimHints[] = {
    {"pvc-was-added-but-pod-refers-no-pvc", "", "", CLAIM_IN("default", "Vol_1"), "skip"},
    {"pvc-was-added-and-pod-was-bound-to-different-pvc", "PVC_2", "", CLAIM_IN("default", "Vol_1"), "skip"},
    {"pvc-was-added-and-pod-was-bound-to-pvc-but-different-ns", "PVC_1", "", CLAIM_IN("ns1", "Vol_1"), "skip"},
    {"pvc-was-added-and-pod-was-bound-to-the-pvc", "PVC_1", "", CLAIM_IN("default", "Vol_1"), "queue"},
    {"pvc-was-updated-and-pod-was-bound-to-the-pvc", "PVC_1", CLAIM_IN("default", ""), CLAIM_IN("default", "Vol_1"), "queue"},
    {"pvc-was-updated-but-pod-refers-no-pvc", "", CLAIM_IN("default", ""), CLAIM_IN("default", "Vol_1"), "skip"},
};
const VolumeHintRow kZoneClasses[] = {
    {"sc-doesn't-have-volume-binding-mode", "PVC_1", "", "{metadata: {name: SC_1}}", "skip"},
    {"new-sc-is-wait-for-first-consumer-mode", "PVC_1", "", "{metadata: {name: SC_1}, volumeBindingMode: WaitForFirstConsumer}", "queue"},
};
#define PLACED(labels) "{metadata: {name: Vol_1, labels: {" labels "}}}"
#define BETA "failure-domain.beta.kubernetes.io/zone: "
const VolumeHintRow kZoneVolumes[] = {
    {"new-pv-was-added", "PVC_1", "", PLACED(BETA "us-west1-b"), "queue"},
    {"pv-was-updated-and-changed-topology", "PVC_1", PLACED(BETA "us-west1-a"), PLACED(BETA "us-west1-b"), "queue"},
    {"pv-was-updated-and-added-topology-label", "PVC_1", PLACED(BETA "us-west1-a"),
     PLACED(BETA "us-west1-a, topology.kubernetes.io/zone: zone"), "queue"},
    {"pv-was-updated-but-no-topology-is-changed", "PVC_1", PLACED(BETA "us-west1-a, topology.kubernetes.io/zone: zone"),
     PLACED(BETA "us-west1-a, topology.kubernetes.io/zone: zone"), "skip"},
};

const VolumeHintRow kRestrictedClaims[] = {
    {"queue-new-object-pvc-belong-pod", "claim-with-rwx-1 claim-with-rwx-2", "", CLAIM("claim-with-rwx-1", MODES("ReadWriteMany")), "queue"},
    {"skip-new-object-unused", "claim-with-rwx-1", "", CLAIM("claim-with-rwx-2", MODES("ReadWriteMany")), "skip"},
    {"skip-nil-old-object", "claim-with-rwx-1", "", CLAIM("claim-with-rwx-2", MODES("ReadWriteMany")), "skip"},
    {"skip-new-object-not-belong-pod", "claim-with-rwx-1", "", CLAIM("claim-with-rwx-2", MODES("ReadWriteMany")), "skip"},
    {"skip-new-object-namespace-not-equal-pod", "claim-with-rwx-1", "",
     "{metadata: {name: claim-with-rwx-1, namespace: kube-system}, spec: {accessModes: [ReadWriteMany]}}", "skip"},
};
const VolumeHintRow kLimitedClaims[] = {
    {"a pod isn't in the same namespace as an added PVC", "", "", "{metadata: {name: pvc, namespace: ns2}}", "skip"},
    {"a pod is in the same namespace as an added PVC", "pvc1", "", CLAIM("pvc1", ""), "queue"},
    {"a pod has an ephemeral volume related to an added PVC", "~ephemeral", "", CLAIM("pod-a-ephemeral", ""), "queue"},
    {"a pod doesn't have the same PVC as an added PVC", "pvc1", "", CLAIM("pvc2", ""), "skip"},
    {"a pod doesn't have any PVC attached", "", "", CLAIM("pvc2", ""), "skip"},
};

struct DeletedRow {
  const char* upstream;
  const char* pod;        // volumes
  const char* deleted;    // volumes of the pod that went
  const char* expected;
  bool assigned = true;
};
#define TARGET_A "iscsi:iqn.2016-12.server:storage.target01"
#define TARGET_B "iscsi:iqn.2017-12.server:storage.target01"
const DeletedRow kRestrictedPods[] = {
    {"queue-new-object-gcedisk-conflict", "gce:foo", "gce:foo", "queue"},
    {"skip-new-object-gcedisk-no-conflict", "gce:foo", "gce:bar", "skip"},
    {"queue-new-object-awsdisk-conflict", "aws:foo", "aws:foo", "queue"},
    {"skip-new-object-awsdisk-no-conflict", "aws:foo", "aws:bar", "skip"},
    {"queue-new-object-rbddisk-conflict", "rbd:a,b", "rbd:a,b", "queue"},
    {"skip-new-object-rbddisk-no-conflict", "rbd:a,b", "rbd:c,d", "skip"},
    {"queue-new-object-iscsidisk-conflict", TARGET_A, TARGET_A, "queue"},
    {"skip-new-object-iscsidisk-no-conflict", TARGET_A, TARGET_B, "skip"},
    {"queue-has-same-claim", "claim-rwop", "claim-rwop", "queue"},
    {"skip-no-same-claim", "claim-1-rwop", "claim-2-rwop", "skip"},
};
const DeletedRow kLimitedPods[] = {
    {"return a Queue when a deleted pod has a PVC", "csi-ebs.csi.aws.com-2", "placeholder", "queue"},
    {"return a Queue when a deleted pod has a inline migratable volume", "csi-ebs.csi.aws.com-2", "aws:x", "queue"},
    {"return a QueueSkip when a deleted pod doesn't have any volume", "csi-ebs.csi.aws.com-2", "", "skip"},
    {"return a QueueSkip when a deleted pod is not scheduled.", "csi-ebs.csi.aws.com-2", "csi-ebs.csi.aws.com-0", "skip", false},
};

void check_deleted(const char* plugin, std::span<const DeletedRow> rows) {
  for (const DeletedRow& row : rows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const api::ObjectRef gone = api::make_object(pod_with(row.deleted, "pod-b", "default", row.assigned ? "fake-node" : ""));
    CHECK(world.hint(plugin, world.pod(pod_with(row.pod)), EventResource::kAssignedPod, gone, {}) == row.expected);
  }
}

}  // namespace

TEST_CASE("queueing hints of VolumeBinding") {
  check_hints<api::StorageClass>("VolumeBinding", EventResource::kStorageClass, kBindingClasses);
  check_hints<api::PersistentVolumeClaim>("VolumeBinding", EventResource::kPersistentVolumeClaim, kBindingClaims);
  check_hints<api::PersistentVolume>("VolumeBinding", EventResource::kPersistentVolume, kBindingVolumes);
  check_hints<api::CSIStorageCapacity>("VolumeBinding", EventResource::kCSIStorageCapacity, kBindingCapacities);
  check_hints<api::CSINode>("VolumeBinding", EventResource::kCSINode, kBindingNodes);
  check_hints<api::CSIDriver>("VolumeBinding", EventResource::kCSIDriver, kBindingDrivers);
}

TEST_CASE("queueing hints of VolumeZone") {
  check_hints<api::PersistentVolumeClaim>("VolumeZone", EventResource::kPersistentVolumeClaim, kZoneClaimHints);
  check_hints<api::StorageClass>("VolumeZone", EventResource::kStorageClass, kZoneClasses);
  check_hints<api::PersistentVolume>("VolumeZone", EventResource::kPersistentVolume, kZoneVolumes);
}

TEST_CASE("queueing hints of VolumeRestrictions and NodeVolumeLimits") {
  check_hints<api::PersistentVolumeClaim>("VolumeRestrictions", EventResource::kPersistentVolumeClaim, kRestrictedClaims);
  check_hints<api::PersistentVolumeClaim>("NodeVolumeLimits", EventResource::kPersistentVolumeClaim, kLimitedClaims);
  check_deleted("VolumeRestrictions", kRestrictedPods);
  check_deleted("NodeVolumeLimits", kLimitedPods);
}

#undef CLASS
#undef ON_NODES
#undef CLAIM
#undef MODES
#undef NOTED
#undef VOLUME
#undef CAPACITY
#undef MIGRATED
#undef ASKING
#undef CLAIM_IN
#undef PLACED
#undef BETA
#undef TARGET_A
#undef TARGET_B
