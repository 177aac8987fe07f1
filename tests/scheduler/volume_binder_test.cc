// VolumeBinding's search for volumes against upstream's own tables (volumebinding/binder_test.go:
// TestFindPodVolumesWithoutProvisioning, TestFindPodVolumesWithProvisioning, TestCapacity): which node will do, and why not. Which
// volume goes to which claim is compared where it is written (volume_prebind_test.cc).
#include <doctest/doctest.h>

#include "model/api/csi_driver.h"
#include "model/api/csi_storage_capacity.h"
#include "tests/scheduler/volume_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct BinderRow {
  const char* upstream;
  const char* pod;        // volumes, as pod_with() takes them
  const char* claims;     // "NAME CLASS SIZE [=VOLUME (bound)] [?VOLUME (asked for)] [@NODE (selected)] [OWNED]", ";" between
  const char* volumes;    // "NAME CLASS SIZE NODE [CLAIM]", ";" between
  const char* expected;   // "fails": an error, whose words upstream's table does not tell
};

#define NO_MATCH "UnschedulableAndUnresolvable: node(s) didn't find available persistent volumes to bind"
#define OTHER_NODE "UnschedulableAndUnresolvable: node(s) had volume node affinity conflict"
#define NO_SUCH "UnschedulableAndUnresolvable: node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"

constexpr const char* kNoSpace = "UnschedulableAndUnresolvable: node(s) did not have enough free storage";

#define BOUND_C "bound wait 1G =pv-bound"
#define BOUND_V "pv-bound wait 1G node1 bound"
#define NODE_1A "pv-node1a wait 5G node1"
#define NODE_1B "pv-node1b wait 10G node1"
#define NODE_2 "pv-node2 wait 1G node2"
const BinderRow kFindRows[] = {
    {"no-volumes", "", "", "", "skip"},
    {"no-pvcs", "empty", "", "", "skip"},
    {"pvc-not-found", "bound", "", "", "fails"},
    {"bound-pvc", "bound", BOUND_C, BOUND_V, "ok"},
    {"bound-pvc,pv-not-exists", "bound", BOUND_C, "", NO_SUCH},
    {"prebound-pvc", "prebound", "prebound wait 1G ?pv-node1a", "pv-node1a wait 5G node1 unbound", "fails"},
    {"unbound-pvc,pv-same-node", "unbound", "unbound wait 1G", NODE_2 "; " NODE_1A "; " NODE_1B, "ok"},
    {"unbound-pvc,pv-different-node", "unbound", "unbound wait 1G", NODE_2, NO_MATCH},
    {"two-unbound-pvcs", "unbound unbound2", "unbound wait 1G; unbound2 wait 5G", NODE_1A "; " NODE_1B, "ok"},
    {"two-unbound-pvcs,order-by-size", "unbound2 unbound", "unbound wait 1G; unbound2 wait 5G", NODE_1A "; " NODE_1B, "ok"},
    {"two-unbound-pvcs,partial-match", "unbound unbound2", "unbound wait 1G; unbound2 wait 5G", NODE_1A, NO_MATCH},
    {"one-bound,one-unbound", "unbound bound", "unbound wait 1G; " BOUND_C, BOUND_V "; " NODE_1A, "ok"},
    {"one-bound,one-unbound,no-match", "unbound bound", "unbound wait 1G; " BOUND_C, BOUND_V "; " NODE_2, NO_MATCH},
    {"one-prebound,one-unbound", "unbound prebound", "unbound wait 1G; prebound wait 1G ?pv-node1a", NODE_1A "; " NODE_1B, "fails"},
    {"immediate-bound-pvc", "now", "now immediate 1G =pv-now", "pv-now immediate 1G node1 now", "ok"},
    {"immediate-bound-pvc-wrong-node", "now", "now immediate 1G =pv-now", "pv-now immediate 1G node2 now", OTHER_NODE},
    {"immediate-unbound-pvc", "now", "now immediate 1G", "", "fails"},
    {"immediate-unbound-pvc,delayed-mode-bound", "now bound", "now immediate 1G; " BOUND_C, BOUND_V, "fails"},
    {"immediate-unbound-pvc,delayed-mode-unbound", "now unbound", "now immediate 1G; unbound wait 1G", "", "fails"},
    {"generic-ephemeral,no-pvc", "~no-such-pvc", "", "", "fails"},
    {"generic-ephemeral,with-pvc", "~test-volume", "test-pod-test-volume wait 1G =pv-bound OWNED",
     "pv-bound wait 1G node1 test-pod-test-volume", "ok"},
    {"generic-ephemeral,wrong-pvc", "~test-volume", "test-pod-test-volume wait 1G =pv-bound", "pv-bound wait 1G node1 test-pod-test-volume",
     "fails"},
    // TestFindPodVolumesWithProvisioning
    {"one-provisioned", "made", "made makes 1Gi", "", "ok"},
    {"two-unbound-pvcs,one-matched,one-provisioned", "unbound made", "unbound wait 1G; made makes 1Gi", NODE_1A, "ok"},
    {"one-bound,one-provisioned", "bound made", BOUND_C "; made makes 1Gi", BOUND_V, "ok"},
    {"one-binding,one-selected-node", "bound made", BOUND_C "; made makes 1Gi @node1", BOUND_V, "ok"},
    {"one-immediate-bound,one-provisioned", "now made", "now immediate 1G =pv-now; made makes 1Gi", "pv-now immediate 1G node1 now", "ok"},
    {"immediate-unbound-pvc (with provisioning)", "now", "now immediate 1G", "", "fails"},
    {"invalid-provisioner", "none", "none wait 1Gi", "", NO_MATCH},
    {"volume-topology-unsatisfied", "far", "far elsewhere 1Gi", "", NO_MATCH},
};

void add_binder_claim(PluginWorld& world, const std::string& text) {
  const std::vector<std::string> words = parts(text, ' ');
  std::string annotations;
  std::string owner;
  std::string spec = base::cat("storageClassName: ", words[1], ", accessModes: [ReadWriteOnce], resources: {requests: {storage: ", words[2], "}}");
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::string rest = words[i].substr(1);
    if (words[i][0] == '=') annotations = "pv.kubernetes.io/bind-completed: 'yes'";
    if (words[i][0] == '@') annotations = base::cat("volume.kubernetes.io/selected-node: ", rest);
    if (words[i][0] == '=' || words[i][0] == '?') spec += base::cat(", volumeName: ", rest);
    if (words[i] == "OWNED") owner = ", ownerReferences: [{apiVersion: v1, kind: Pod, name: test-pod, uid: test-pod, controller: true}]";
  }
  world.lister().set(api::make_object(claim_of_yaml(
      base::cat("{metadata: {name: ", words[0], ", uid: ", words[0], ", annotations: {", annotations, "}", owner, "}, spec: {", spec, "}}"))));
}

void add_binder_volume(PluginWorld& world, const std::string& text) {
  const std::vector<std::string> words = parts(text, ' ');
  const std::string claim = words.size() < 5 ? "" : base::cat(", claimRef: {namespace: default, name: ", words[4], ", uid: ", words[4], "}");
  world.lister().set(api::make_object(from_yaml<api::PersistentVolume>(base::cat(
      "{metadata: {name: ", words[0], "}, spec: {storageClassName: ", words[1], ", accessModes: [ReadWriteOnce], capacity: {storage: ", words[2],
      "}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: nodeKey, operator: In, values: [", words[3], "]}]}]}}", claim,
      "}, status: {phase: ", claim.empty() ? "Available" : "Bound", "}}"))));
}

}  // namespace

/// Each row with every kind of driver, as upstream runs them.
TEST_CASE("VolumeBinding: TestFindPodVolumes...") {
  for (const char* driver : {"no CSIDriver", "CSIDriver with capacity tracking", "CSIDriver without capacity tracking"}) {
    for (const BinderRow& row : kFindRows) {
      CAPTURE(std::string(driver));
      CAPTURE(std::string(row.upstream));
      PluginWorld world;
      const bool tracking = std::string_view(driver).find("with c") != std::string_view::npos;
      if (tracking || std::string_view(driver).starts_with("CSI")) {
        world.lister().set(api::make_object(from_yaml<api::CSIDriver>(
            base::cat("{metadata: {name: test-provisioner}, spec: {storageCapacity: ", tracking ? "true" : "false", "}}"))));
      }
      add_class(world, "immediate", "Immediate");
      add_class(world, "wait", "WaitForFirstConsumer", "kubernetes.io/no-provisioner");
      for (const auto& [name, values] : {std::pair{"makes", "node1, reference-value"}, {"elsewhere", "reference-value"}}) {
        world.lister().set(api::make_object(from_yaml<api::StorageClass>(
            base::cat("{metadata: {name: ", name, "}, provisioner: test-provisioner, volumeBindingMode: WaitForFirstConsumer, ",
                      "allowedTopologies: [{matchLabelExpressions: [{key: nodeKey, values: [", values, "]}]}]}"))));
      }
      world.node(from_yaml<api::Node>("{metadata: {labels: {nodeKey: node1}}}"));
      for (const std::string& c : parts(row.claims, ';')) add_binder_claim(world, c);
      for (const std::string& v : parts(row.volumes, ';')) add_binder_volume(world, v);
      const std::string verdict = world.verdicts("VolumeBinding", world.pod(pod_with(row.pod, "test-pod")));
      CAPTURE(verdict);
      if (std::string_view(row.expected) == "fails") {
        CHECK(verdict.starts_with("UnschedulableAndUnresolvable: "));
        for (const char* reason : {NO_MATCH, OTHER_NODE, NO_SUCH}) CHECK(verdict != reason);
      } else {
        // No capacity is told of.
        const bool blocked = tracking && std::string_view(row.claims).find(" makes ") != std::string_view::npos;
        CHECK(verdict == (blocked ? std::string(kNoSpace) : row.expected));
      }
    }
  }
}

TEST_CASE("VolumeBinding: TestCapacity") {
  struct CapacityRow {
    const char* upstream;
    /// "CLASS TOPOLOGY CAPACITY [MAXIMUM]", ";" between; TOPOLOGY is a value of nodeKey, "all" or "none", CAPACITY "-" none.
    const char* capacities;
    const char* expected;
  };
  const CapacityRow rows[] = {
      {"network-attached", "makes all 1Gi", "ok"},
      {"local-storage", "makes node1 1Gi", "ok"},
      {"multiple", "makes all 1Gi; makes node2 1Gi; makes node1 1Gi", "ok"},
      {"no-storage", "", kNoSpace},
      {"wrong-node", "makes node2 1Gi", kNoSpace},
      {"wrong-storage-class", "elsewhere node1 1Gi", kNoSpace},
      {"insufficient-storage", "makes node1 1Mi", kNoSpace},
      {"insufficient-volume-size", "makes node1 1Gi 1Mi", kNoSpace},
      {"zero-storage", "makes node1 0Mi", kNoSpace},
      {"zero-volume-size", "makes node1 - 0Mi", kNoSpace},
      {"nil-storage", "makes node1 -", kNoSpace},
      // Of our own.
      {"the maximum alone", "makes node1 0Gi 1Gi", "ok"},
      {"nowhere", "makes none 1Gi", kNoSpace},
      {"the second does", "makes node1 1Mi; makes all 2Gi", "ok"},
  };
  for (const bool asks : {true, false}) {
    for (const CapacityRow& row : rows) {
      CAPTURE(asks);
      CAPTURE(std::string(row.upstream));
      PluginWorld world;
      add_class(world, "makes", "WaitForFirstConsumer", "test-provisioner");
      world.node(from_yaml<api::Node>("{metadata: {labels: {nodeKey: node1}}}"));
      world.lister().set(api::make_object(from_yaml<api::CSIDriver>(
          base::cat("{metadata: {name: test-provisioner}, spec: {storageCapacity: ", asks ? "true" : "false", "}}"))));
      int n = 0;
      for (const std::string& text : parts(row.capacities, ';')) {
        const std::vector<std::string> words = parts(text, ' ');
        const std::string where = words[1] == "none" ? "" : words[1] == "all" ? ", nodeTopology: {}"
                                                          : base::cat(", nodeTopology: {matchLabels: {nodeKey: ", words[1], "}}");
        const std::string maximum = words.size() > 3 ? base::cat(", maximumVolumeSize: ", words[3]) : "";
        world.lister().set(api::make_object(from_yaml<api::CSIStorageCapacity>(
            base::cat("{metadata: {name: c", std::to_string(n++), ", namespace: default}, storageClassName: ", words[0],
                      words[2] == "-" ? "" : ", capacity: ", words[2] == "-" ? "" : words[2], maximum, where, "}"))));
      }
      add_binder_claim(world, "made makes 1Gi");
      CHECK(world.verdicts("VolumeBinding", world.pod(pod_with("made", "test-pod"))) == (asks ? row.expected : "ok"));
    }
  }
}

#undef NO_MATCH
#undef OTHER_NODE
#undef NO_SUCH
#undef BOUND_C
#undef BOUND_V
#undef NODE_1A
#undef NODE_1B
#undef NODE_2
