// NodeVolumeLimits against upstream's own tables (csi_test.go: TestCSILimits, TestCSILimitsDeletedVolumeAttachmentQHint).
#include <doctest/doctest.h>

#include "model/api/csi_node.h"
#include "model/api/volume_attachment.h"
#include "tests/scheduler/volume_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

constexpr const char* kEbs = "ebs.csi.aws.com";
constexpr const char* kInTreeEbs = "kubernetes.io/aws-ebs";
constexpr const char* kHostPath = "kubernetes.io/hostpath";

struct LimitRow {
  const char* upstream;
  const char* pod;        // a name of pods()
  const char* placed;     // names of pods(), blanks between
  const char* drivers;    // the first is the provisioner of the class
  int limit;              // of each driver; negative: the node's CSINode says none, and -2: it has no CSINode
  const char* expected;
  const char* claims = "";   // of pods "ephemeral" and "ephemeral-xy": "owned", "alien"; the others are there anyway
  int kept = 0;              // volumes of the first driver that have a VolumeAttachment, without a pod
};

#define FULL "Unschedulable: node(s) exceed max volume count"
#define MISSING "UnschedulableAndUnresolvable: looking up PVC test/abc-xyz: persistentvolumeclaim \"abc-xyz\" not found"
#define BOTH "kubernetes.io/aws-ebs ebs.csi.aws.com"

const LimitRow kLimits[] = {
    {"should count VolumeAttachments towards volume limit when no pods exist", "one", "", kEbs, 2, FULL, "", 2},
    {"should schedule pod when VolumeAttachments count does not exceed limit", "one", "", kEbs, 2, "ok", "", 1},
    {"fits when node volume limit >= new pods CSI volume", "one", "running two", kEbs, 4, "ok"},
    {"doesn't when node volume limit <= pods CSI volume", "one", "running two", kEbs, 2, FULL},
    {"should when driver does not support volume limits", "one", "running two", kEbs, -1, "ok"},
    {"count pending PVCs towards volume limit <= pods CSI volume", "one", "pending two", kEbs, 2, FULL},
    {"count multiple pending pvcs towards volume limit >= pods CSI volume", "one", "pending pending two", kEbs, 4, "ok"},
    {"should count PVCs with invalid PV name but valid SC", "one", "missing-pv two", kEbs, 2, FULL},
    {"don't count pvcs with missing SC towards volume limit", "one", "running no-class", kEbs, 2, "ok"},
    {"count pvcs with the same type towards volume limit", "one", "gce-two two", "ebs.csi.aws.com pd.csi.storage.gke.io", 2, FULL},
    {"don't count pvcs with different type towards volume limit", "gce-two", "two running", "ebs.csi.aws.com pd.csi.storage.gke.io", 2, "ok"},
    {"should count in-tree volumes if migration is enabled", "in-tree", "in-tree-two", BOTH, 2, FULL},
    {"nil csi node", "inline", "in-tree-two", BOTH, -2, "ok"},
    {"should count unbound in-tree volumes if migration is enabled", "pending", "in-tree-two", BOTH, 2, FULL},
    {"should not limit pod if volume used does not report limits", "in-tree", "in-tree-two", BOTH, -1, "ok"},
    {"should not count non-migratable in-tree volumes", "host-path", "two", "kubernetes.io/hostpath ebs.csi.aws.com", 2, "ok"},
    {"should count in-tree inline volumes if migration is enabled", "inline", "in-tree-two", BOTH, 2, FULL},
    {"should count in-tree and csi volumes if migration is enabled (when scheduling in-tree volumes)", "in-tree", "two", BOTH, 2, FULL},
    {"should count in-tree, inline and csi volumes if migration is enabled (when scheduling in-tree volumes)", "inline", "two in-tree", BOTH, 3,
     FULL},
    {"should not count in-tree, inline and csi volumes if migration is enabled (when scheduling in-tree volumes)", "inline-same",
     "two in-tree", BOTH, 3, "ok"},
    {"should count in-tree and csi volumes if migration is enabled (when scheduling csi volumes)", "one", "in-tree-two", BOTH, 2, FULL},
    {"ephemeral volume missing", "ephemeral", "", kEbs, -1, MISSING},
    {"ephemeral volume not owned", "ephemeral", "", kEbs, -1,
     "Error: PVC test/abc-xyz was not created for pod test/abc (pod is not owner)", "alien"},
    {"ephemeral volume unbound", "ephemeral", "", kEbs, -1, "ok", "owned"},
    {"ephemeral doesn't when node volume limit <= pods CSI volume", "ephemeral", "running two", kEbs, 2, FULL, "owned"},
    {"ephemeral doesn't when node volume limit <= pods ephemeral CSI volume", "one", "running ephemeral-xy", kEbs, 2, FULL, "owned"},
    {"persistent doesn't when node volume limit <= pods ephemeral CSI volume + persistent volume, ephemeral disabled", "one",
     "running ephemeral two", kEbs, 3, FULL, "owned"},
    {"persistent doesn't when node volume limit <= pods ephemeral CSI volume + persistent volume", "one", "running ephemeral two", kEbs, 3, FULL,
     "owned"},
    {"persistent okay when node volume limit > pods ephemeral CSI volume + persistent volume", "one", "running ephemeral two", kEbs, 5, "ok",
     "owned"},
    {"skip Filter when the pod only uses secrets and configmaps", "secrets", "", kEbs, 2, "skip"},
    {"don't skip Filter when the pod has pvcs", "secrets-one", "", kEbs, 2, "ok"},
    {"don't skip Filter when the pod has ephemeral volumes", "secrets-ephemeral", "", kEbs, -1, MISSING},
    {"don't skip Filter when the pod has inline migratable volumes", "secrets-inline", "in-tree-two", BOTH, 2, FULL},
};

api::Pod pod_named(const std::string& name) {
  struct Entry {
    const char *name, *volumes, *pod = "p", *ns = "default";
  };
  static constexpr Entry kPods[] = {{"one", "csi-ebs.csi.aws.com-0"}, {"two", "csi-ebs.csi.aws.com-1 csi-ebs.csi.aws.com-2"},
      {"running", "csi-ebs.csi.aws.com-3"}, {"pending", "csi-4"}, {"no-class", "csi-5"}, {"missing-pv", "csi-6"},
      {"gce-two", "csi-pd.csi.storage.gke.io-1 csi-pd.csi.storage.gke.io-2"}, {"in-tree", "csi-kubernetes.io/aws-ebs-0"},
      {"in-tree-two", "csi-kubernetes.io/aws-ebs-1 csi-kubernetes.io/aws-ebs-2"}, {"host-path", "csi-kubernetes.io/hostpath-0"},
      {"inline", "aws:aws-inline1"}, {"inline-same", "aws:csi-ebs.csi.aws.com-1"}, {"ephemeral", "~xyz", "abc", "test"},
      {"ephemeral-xy", "~x ~y", "abc", "test"}, {"secrets", "empty secret"}, {"secrets-one", "empty secret csi-ebs.csi.aws.com-0"},
      {"secrets-ephemeral", "empty secret ~xyz", "abc", "test"}, {"secrets-inline", "empty secret aws:aws-inline1"}};
  for (const Entry& e : kPods) {
    if (name == e.name) return pod_with(e.volumes, e.pod, e.ns);
  }
  FAIL("no pod ", name);
  return {};
}

/// Bound claims and volumes "csi-DRIVER-N" of each driver, and upstream's three odd claims.
void add_storage(PluginWorld& world, const std::vector<std::string>& drivers) {
  add_class(world, "csi-sc", "Immediate", drivers[0].c_str());
  for (const std::string& driver : drivers) {
    for (int i = 0; i < 4; ++i) {
      const std::string name = base::cat("csi-", driver, "-", std::to_string(i));
      std::string source = base::cat("csi: {driver: ", driver, ", volumeHandle: ", name, "}");
      if (driver == kInTreeEbs) source = base::cat("awsElasticBlockStore: {volumeID: ", name, "}");
      if (driver == kHostPath) source = "hostPath: {path: /tmp}";
      world.lister().set(api::make_object(from_yaml<api::PersistentVolume>(base::cat("{metadata: {name: ", name, "}, spec: {", source, "}}"))));
      world.lister().set(api::make_object(claim_of_yaml(base::cat("{metadata: {name: ", name, "}, spec: {volumeName: ", name, "}}"))));
    }
  }
  for (const char* claim : {"{metadata: {name: csi-4}, spec: {storageClassName: csi-sc}}", "{metadata: {name: csi-5}}",
                            "{metadata: {name: csi-6}, spec: {storageClassName: csi-sc, volumeName: missing-in-action}}"}) {
    world.lister().set(api::make_object(claim_of_yaml(claim)));
  }
}

/// node1's, with every driver but the in-tree one.
void add_csi_node(PluginWorld& world, const std::vector<std::string>& drivers, int limit) {
  std::string all;
  for (const std::string& driver : drivers) {
    if (driver == kInTreeEbs) continue;
    const std::string count = limit >= 0 ? base::cat(", allocatable: {count: ", std::to_string(limit), "}") : "";
    all += base::cat(all.empty() ? "" : ", ", "{name: ", driver, ", nodeID: node1", count, "}");
  }
  world.lister().set(api::make_object(from_yaml<api::CSINode>(base::cat(
      "{metadata: {name: node1, annotations: {", api::kMigratedPlugins, ": 'kubernetes.io/gce-pd,", kInTreeEbs, "'}}, spec: {drivers: [", all, "]}}"))));
}

void add_ephemeral_claims(PluginWorld& world, const std::string& kind) {
  for (const char* name : {"abc-xyz", "abc-x", "abc-y"}) {
    const char* owner = kind == "owned" ? ", ownerReferences: [{apiVersion: v1, kind: Pod, name: abc, uid: abc, controller: true}]" : "";
    world.lister().set(api::make_object(claim_of_yaml(
        base::cat("{metadata: {name: ", name, ", namespace: test", owner, "}, spec: {storageClassName: csi-sc}}"))));
  }
}

std::string attachment(const std::string& name, const std::string& node, const std::string& driver, const std::string& source) {
  return base::cat("{metadata: {name: ", name, "}, spec: {attacher: ", driver, ", nodeName: ", node, ", source: {", source, "}}}");
}

void keep_volumes(PluginWorld& world, const std::string& driver, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string volume = base::cat("csi-", driver, "-", std::to_string(i));
    world.lister().set(api::make_object(from_yaml<api::VolumeAttachment>(
        attachment(base::cat("va-", volume), "node1", driver, base::cat("persistentVolumeName: ", volume)))));
  }
}

struct DetachedRow {
  const char* upstream;
  const char* pod;        // volumes
  const char* driver;
  const char* source;     // of the VolumeAttachment that went
  const char* expected;
};
#define INLINE_EBS "inlineVolumeSpec: {csi: {driver: ebs.csi.aws.com, volumeHandle: test}}"
const DetachedRow kDetached[] = {
    {"a pod has PVC when VolumeAttachment is deleting", "pvc1", "test.storage.gke.io", "persistentVolumeName: pv1", "queue"},
    {"a pod has an Inline Migratable volume (AWSEBSDriver) when VolumeAttachment (AWSEBSDriver) is deleting (match)", "aws:test", kEbs,
     INLINE_EBS, "queue"},
    {"a pod has an Inline Migratable volume (GCEPDDriver) when VolumeAttachment (AWSEBSDriver) is deleting (no match)", "gce:test", kEbs,
     INLINE_EBS, "skip"},
    {"a pod has an Inline Migratable volume (AWSEBSDriver) and PVC when VolumeAttachment (AWSEBSDriver) is deleting", "aws:test pvc1", kEbs,
     INLINE_EBS, "queue"},
    {"a pod has an Inline Migratable volume (AWSEBSDriver) and PVC when VolumeAttachment (AWSEBSDriver)  is deleting", "aws:test pvc1",
     "test.storage.gke.io", "persistentVolumeName: pv1", "queue"},
    {"a pod has no PVC when VolumeAttachment is deleting", "", "test.storage.gke.io", "persistentVolumeName: pv1", "skip"},
};

}  // namespace

TEST_CASE("NodeVolumeLimits: TestCSILimitsDeletedVolumeAttachmentQHint") {
  for (const DetachedRow& row : kDetached) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.lister().set(api::make_object(claim_of_yaml("{metadata: {name: pvc1}, spec: {volumeName: pv1}}")));
    const api::ObjectRef gone =
        api::make_object(from_yaml<api::VolumeAttachment>(attachment("volumeattachment1", "fake-node", row.driver, row.source)));
    CHECK(world.hint("NodeVolumeLimits", world.pod(pod_with(row.pod)), EventResource::kVolumeAttachment, gone, {}) == row.expected);
  }
}

TEST_CASE("NodeVolumeLimits: a CSINode helps when it is new or one of its drivers takes more") {
  const auto node = [](const std::string& count) {
    return api::make_object(from_yaml<api::CSINode>(
        base::cat("{metadata: {name: node1}, spec: {drivers: [{name: ebs.csi.aws.com, nodeID: node1, allocatable: {count: ", count, "}}]}}")));
  };
  const auto hint = [](api::ObjectRef old, api::ObjectRef now) {
    PluginWorld world;
    return world.hint("NodeVolumeLimits", world.pod(pod_with("pvc1")), EventResource::kCSINode, old, now);
  };
  CHECK(hint({}, node("2")) == "queue");
  CHECK(hint(node("2"), node("3")) == "queue");
  CHECK(hint(node("2"), node("2")) == "skip");
  CHECK(hint(node("3"), node("2")) == "skip");
}

TEST_CASE("NodeVolumeLimits: TestCSILimits") {
  for (const LimitRow& row : kLimits) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.node({});
    const std::vector<std::string> drivers = parts(row.drivers, ' ');
    if (row.limit > -2) add_csi_node(world, drivers, row.limit);
    add_storage(world, drivers);
    if (*row.claims) add_ephemeral_claims(world, row.claims);
    keep_volumes(world, drivers[0], row.kept);
    int n = 0;
    for (const std::string& name : parts(row.placed, ' ')) {
      api::Pod pod = pod_named(name);
      if (pod.metadata.name == "p") pod.metadata.uid = base::cat("placed", std::to_string(n++));
      world.place(std::move(pod), "node1");
    }
    CHECK(world.verdicts("NodeVolumeLimits", world.pod(pod_named(row.pod))) == row.expected);
  }
}

#undef INLINE_EBS
#undef FULL
#undef MISSING
#undef BOTH
