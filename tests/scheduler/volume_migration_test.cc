// Volumes of in-tree plugins whose CSI drivers have taken over, against upstream's own tables (volumebinding/binder_test.go:
// TestFindPodVolumesWithCSIMigration; csi-translation-lib: TestTranslateTopologyFromInTreeToCSI and those of its plugins). What comes
// between Reserve and Bind is in volume_prebind_test.cc.
#include <doctest/doctest.h>

#include "control/scheduler/plugins/csi_migration.h"
#include "model/api/csi_node.h"
#include "model/codec/json_write.h"
#include "tests/scheduler/volume_world.h"

namespace volume_migration_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

#define GCE "gcePersistentDisk: {pdName: disk}"
#define GA_ZONE "topology.kubernetes.io/zone"
#define GA_REGION "topology.kubernetes.io/region"
#define BETA_ZONE "failure-domain.beta.kubernetes.io/zone"
#define BETA_REGION "failure-domain.beta.kubernetes.io/region"
#define IN(key, values) "{key: " key ", operator: In, values: [" values "]}"
#define TERM(requirements) "{matchExpressions: [" requirements "]}"
#define CONFLICT "UnschedulableAndUnresolvable: node(s) had volume node affinity conflict"

api::PersistentVolume volume_of(const char* labels, const char* source, const char* terms) {
  const std::string affinity = *terms ? base::cat(", nodeAffinity: {required: {nodeSelectorTerms: [", terms, "]}}") : "";
  return from_yaml<api::PersistentVolume>(
      base::cat("{metadata: {name: pv, labels: {", labels, "}}, spec: {storageClassName: wait, accessModes: [ReadWriteOnce], ",
                "capacity: {storage: 1G}, ", source, affinity,
                ", claimRef: {namespace: default, name: bound, uid: bound}}, status: {phase: Bound}}"));
}

struct NodeRow {
  const char* upstream;
  const char* labels;      // of the volume
  const char* source;
  const char* terms;       // of its node affinity
  const char* migrated;    // plugins that the node's CSINode names; "-": there is none
  const char* node;        // labels
  const char* expected;
};
#define ZONE1 BETA_ZONE ": us-east-1, " BETA_REGION ": us-east-1a"
#define ON_ZONE1 "topology.gke.io/zone: us-east-1"
#define ON_ZONE2 "topology.gke.io/zone: us-east-2"
const NodeRow kNodes[] = {
    {"pvc-bound", ZONE1, GCE, "", "kubernetes.io/gce-pd", ON_ZONE1, "ok"},
    {"pvc-bound,csinode-not-migrated", ZONE1, GCE, "", "", ON_ZONE1, "ok"},
    {"pvc-bound,missing-csinode", ZONE1, GCE, "", "-", ON_ZONE1, "ok"},
    {"pvc-bound,node-different-zone", ZONE1, GCE, "", "kubernetes.io/gce-pd", ON_ZONE2, CONFLICT},
    // Of our own.
    {"another plugin has moved", ZONE1, GCE, "", "kubernetes.io/aws-ebs", ON_ZONE2, "ok"},
    {"the affinity as it is without a driver", "", GCE, TERM(IN(GA_ZONE, "z1")), "", GA_ZONE ": z1", "ok"},
    {"the affinity under the driver's key", "", GCE, TERM(IN(GA_ZONE, "z1")), "kubernetes.io/gce-pd", GA_ZONE ": z1", CONFLICT},
    {"the driver knows the zone", "", GCE, TERM(IN(GA_ZONE, "z1")), "a,kubernetes.io/gce-pd", "topology.gke.io/zone: z1", "ok"},
    {"a driver without a key", "", "azureDisk: {diskName: d, diskURI: u}", TERM(IN(GA_ZONE, "z1")), "kubernetes.io/azure-disk", GA_ZONE ": z1", "ok"},
    {"a CSI volume", ZONE1, "csi: {driver: pd.csi.storage.gke.io, volumeHandle: h}", "", "kubernetes.io/gce-pd", ON_ZONE2, "ok"},
    {"a name that is none", "", "awsElasticBlockStore: {volumeID: 'aws://z/disk-1'}", "", "kubernetes.io/aws-ebs", "",
     "Error: could not translate pv: failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (aws://z/disk-1)"},
};

struct TopologyRow {
  const char* upstream;
  const char* labels;
  const char* source;
  const char* terms;
  const char* expected;   // terms, "" no selector; or the error
};
const TopologyRow kTopologies[] = {
    {"Replace GA Kubernetes Zone Topology to GCE CSI Topology", GA_ZONE ": us-east1-a, " GA_REGION ": us-east1", GCE,
     TERM(IN(GA_ZONE, "us-east1-a") ", " IN(GA_REGION, "us-east1")), TERM(IN("topology.gke.io/zone", "us-east1-a") ", " IN(GA_REGION, "us-east1"))},
    {"Replace Beta Kubernetes Topology to GCE CSI Topology and upgrade region label", GA_ZONE ": us-east1-a, " GA_REGION ": us-east1", GCE,
     TERM(IN(BETA_ZONE, "us-west2-b") ", " IN(BETA_REGION, "us-west2")),
     TERM(IN("topology.gke.io/zone", "us-west2-b") ", " IN(GA_REGION, "us-west2"))},
    // The same for what the tables leave out.
    {"zones of the label, in order, without what is empty", BETA_ZONE ": us-east1-c____us-east1-a", "cinder: {volumeID: v}", "",
     TERM(IN("topology.cinder.csi.openstack.org/zone", "us-east1-a, us-east1-c"))},
    {"the zone of the label joins every term", GA_ZONE ": z", "awsElasticBlockStore: {volumeID: 'aws://z/vol-1'}",
     TERM(IN("a", "b")) ", " TERM(IN("c", "d")),
     TERM(IN("a", "b") ", " IN("topology.ebs.csi.aws.com/zone", "z")) ", " TERM(IN("c", "d") ", " IN("topology.ebs.csi.aws.com/zone", "z"))},
    {"a term that names no zone of the volume", GA_ZONE ": z", GCE, TERM("{key: " GA_ZONE ", operator: Exists}"),
     TERM("{key: " GA_ZONE ", operator: Exists}, " IN("topology.gke.io/zone", "z"))},
    {"nothing is known", "", GCE, "", ""},
    {"the plugin's topology stays", GA_ZONE ": z", "vsphereVolume: {volumePath: p}", TERM(IN(GA_ZONE, "z")), TERM(IN(GA_ZONE, "z"))},
    {"a volume of one region", GA_ZONE ": us-east1-a__us-east1-b", GCE, "", TERM(IN("topology.gke.io/zone", "us-east1-a, us-east1-b"))},
    {"a zone that tells no region", GA_ZONE ": us-east1-a__b", GCE, "",
     "could not translate pv: failed to get region from zones: zone in unexpected format, expected: {locale}-{region}-{zone}, got: b"},
    {"a volume of two regions", GA_ZONE ": us-east1-a__eu-west1-a", GCE, "",
     "could not translate pv: failed to get region from zones: multiple or no regions gotten from zones, got: map[eu-west1:{} us-east1:{}]"},
};

}  // namespace

TEST_CASE("VolumeBinding: TestFindPodVolumesWithCSIMigration") {
  for (const NodeRow& row : kNodes) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    add_class(world, "wait", "WaitForFirstConsumer", "kubernetes.io/no-provisioner");
    world.node(from_yaml<api::Node>(base::cat("{metadata: {name: node1, labels: {", row.node, "}}}")));
    if (std::string_view(row.migrated) != "-") {
      world.lister().set(api::make_object(from_yaml<api::CSINode>(
          base::cat("{metadata: {name: node1, annotations: {", api::kMigratedPlugins, ": '", row.migrated, "'}}, spec: {drivers: []}}"))));
    }
    world.lister().set(api::make_object(claim_of_yaml(
        "{metadata: {name: bound, uid: bound, annotations: {pv.kubernetes.io/bind-completed: 'yes'}}, "
        "spec: {storageClassName: wait, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1G}}, volumeName: pv}}")));
    world.lister().set(api::make_object(volume_of(row.labels, row.source, row.terms)));
    CHECK(world.verdicts("VolumeBinding", world.pod(pod_with("bound", "test-pod"))) == row.expected);
  }
}

TEST_CASE("CSI migration: TestTranslateTopologyFromInTreeToCSI") {
  for (const TopologyRow& row : kTopologies) {
    CAPTURE(std::string(row.upstream));
    const api::PersistentVolume volume = volume_of(row.labels, row.source, row.terms);
    const auto affinity = migrated_affinity(volume, migrated(*volume.spec->source)->plugin.zone_key);
    if (!affinity) {
      CHECK(affinity.error().message == row.expected);
      continue;
    }
    const std::string got = *affinity ? codec::to_json(**affinity) : "";
    CHECK(got == (*row.expected ? codec::to_json(from_yaml<api::NodeSelector>(base::cat("{nodeSelectorTerms: [", row.expected, "]}"))) : ""));
  }
}

}  // namespace volume_migration_test
