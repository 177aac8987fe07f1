// VolumeBinding, VolumeZone and VolumeRestrictions against upstream's own tables (volume_binding_test.go: TestVolumeBinding,
// volume_zone_test.go: TestSingleZone, TestMultiZone, TestWithBinding, volume_restrictions_test.go). Scores of VolumeBinding are
// left out: they stand behind a gate (VolumeCapacityPriority) that is off in 1.33.
#include <doctest/doctest.h>

#include "tests/scheduler/volume_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct VolumeRow {
  const char* upstream;
  const char* pod;        // volumes, as pod_with() takes them
  const char* nodes;      // labels, "|" between
  const char* claims;     // "NAME CLASS [=VOLUME] [LOST] [SIZE]", ";" between
  const char* volumes;    // "NAME CLASS [SIZE] [key=v+key=v]", ";" between; what follows SIZE is the node affinity
  const char* expected;
};

#define NO_BIND "node(s) didn't find available persistent volumes to bind"
#define CONFLICT "node(s) had volume node affinity conflict"
#define GONE "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
#define HARD_NO "UnschedulableAndUnresolvable: "

#define ON_A "kubernetes.io/hostname=node-a"
#define ON_B "kubernetes.io/hostname=node-b"
#define IN_A "topology.kubernetes.io/region=region-a+topology.kubernetes.io/zone=zone-a"
#define IN_B "topology.kubernetes.io/region=region-b+topology.kubernetes.io/zone=zone-b"
#define LABELS(x) "{topology.kubernetes.io/region: region-" x ", topology.kubernetes.io/zone: zone-" x "}"
constexpr const char* kThree = "{kubernetes.io/hostname: node-a} | {kubernetes.io/hostname: node-b} | {kubernetes.io/hostname: node-c}";
constexpr const char* kSix = LABELS("a") " | " LABELS("a") " | " LABELS("b") " | " LABELS("b") " | " LABELS("c") " | " LABELS("c");
constexpr const char* kZonal = "pv-a-0 wait 200Gi " IN_A "; pv-a-1 wait 200Gi " IN_A "; pv-b-0 wait 100Gi " IN_B "; pv-b-1 wait 100Gi " IN_B;

const VolumeRow kBinding[] = {
    {"pod has not pvcs", "", "{}", "", "", "skip"},
    {"all bound", "pvc-a", "{}", "pvc-a wait =pv-a", "pv-a wait", "ok"},
    {"all bound with local volumes", "pvc-a pvc-b", "{kubernetes.io/hostname: node-a}", "pvc-a wait =pv-a; pvc-b wait =pv-b",
     "pv-a wait 1Gi " ON_A "; pv-b wait 1Gi " ON_A, "ok"},
    {"PVC does not exist", "pvc-a", "{}", "", "", HARD_NO "persistentvolumeclaim \"pvc-a\" not found"},
    {"Part of PVCs do not exist", "pvc-a pvc-b", "{}", "pvc-a wait =pv-a", "", HARD_NO "persistentvolumeclaim \"pvc-b\" not found"},
    {"immediate claims not bound", "pvc-a", "{}", "pvc-a immediate", "", HARD_NO "pod has unbound immediate PersistentVolumeClaims"},
    {"unbound claims no matches", "pvc-a", "{}", "pvc-a wait", "", HARD_NO NO_BIND},
    {"bound and unbound unsatisfied", "pvc-a pvc-b", "{foo: barbar}", "pvc-a wait =pv-a; pvc-b wait", "pv-a wait 1Gi foo=bar",
     HARD_NO CONFLICT ", " NO_BIND},
    {"pvc not found", "pvc-a", "{}", "", "", HARD_NO "persistentvolumeclaim \"pvc-a\" not found"},
    {"pv not found", "pvc-a", "{}", "pvc-a wait =pv-a", "", HARD_NO GONE},
    {"pv not found claim lost", "pvc-a", "{}", "pvc-a wait =pv-a LOST", "",
     HARD_NO "persistentvolumeclaim \"pvc-a\" bound to non-existent persistentvolume \"pv-a\""},
    {"local volumes with close capacity are preferred", "pvc-a", kThree, "pvc-a wait 50Gi",
     "pv-a-0 wait 200Gi " ON_A "; pv-a-1 wait 200Gi " ON_A "; pv-b-0 wait 100Gi " ON_B "; pv-b-1 wait 100Gi " ON_B,
     "ok | ok | " HARD_NO NO_BIND},
    {"local volumes with close capacity are preferred (multiple pvcs)", "pvc-0 pvc-1", kThree, "pvc-0 wait 50Gi; pvc-1 wait-hdd 100Gi",
     "pv-a-0 wait 200Gi " ON_A "; pv-a-1 wait 200Gi " ON_A "; pv-a-2 wait-hdd 200Gi " ON_A "; pv-a-3 wait-hdd 200Gi " ON_A
     "; pv-b-0 wait 100Gi " ON_B "; pv-b-1 wait 100Gi " ON_B "; pv-b-2 wait-hdd 100Gi " ON_B "; pv-b-3 wait-hdd 100Gi " ON_B,
     "ok | ok | " HARD_NO NO_BIND},
    {"zonal volumes with close capacity are preferred", "pvc-a", kSix, "pvc-a wait 50Gi", kZonal,
     "ok | ok | ok | ok | " HARD_NO NO_BIND " | " HARD_NO NO_BIND},
    {"zonal volumes with close capacity are preferred (custom shape)", "pvc-a", kSix, "pvc-a wait 50Gi", kZonal,
     "ok | ok | ok | ok | " HARD_NO NO_BIND " | " HARD_NO NO_BIND},
};

void add_claim(PluginWorld& world, const std::string& text) {
  const std::vector<std::string> words = parts(text, ' ');
  std::string meta;
  std::string spec = base::cat("storageClassName: ", words[1]);
  std::string phase = "Pending";
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i].starts_with('=')) {
      meta = ", annotations: {pv.kubernetes.io/bind-completed: 'yes'}";
      spec += base::cat(", volumeName: ", words[i].substr(1));
    } else if (words[i] == "LOST") {
      phase = "Lost";
    } else {
      spec += base::cat(", resources: {requests: {storage: ", words[i], "}}");
    }
  }
  world.lister().set(api::make_object(
      claim_of_yaml(base::cat("{metadata: {name: ", words[0], meta, "}, spec: {", spec, "}, status: {phase: ", phase, "}}"))));
}

void add_volume(PluginWorld& world, const std::string& text) {
  const std::vector<std::string> words = parts(text, ' ');
  std::string affinity;
  if (words.size() > 3) {
    for (const std::string& pair : parts(words[3], '+')) {
      const std::vector<std::string> kv = parts(pair, '=');
      affinity += base::cat(affinity.empty() ? "" : ", ", "{key: ", kv[0], ", operator: In, values: [", kv[1], "]}");
    }
    affinity = base::cat(", nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [", affinity, "]}]}}");
  }
  world.lister().set(api::make_object(from_yaml<api::PersistentVolume>(
      base::cat("{metadata: {name: ", words[0], "}, spec: {storageClassName: ", words[1], ", capacity: {storage: ",
                words.size() > 2 ? words[2] : "1Gi", "}", affinity, "}, status: {phase: Available}}"))));
}

#define BETA_ZONE "failure-domain.beta.kubernetes.io/zone"
#define BETA_REGION "failure-domain.beta.kubernetes.io/region"
#define ZONE "topology.kubernetes.io/zone"
#define REGION "topology.kubernetes.io/region"
#define NO_ZONE HARD_NO "node(s) had no available volume zone"

struct ZoneRow {
  const char* upstream;
  const char* volume;     // labels of the volume behind the pod's claim; "" for none
  const char* node;       // labels
  const char* expected;
};
const ZoneRow kZones[] = {
    {"pod without volume", "", "{" BETA_ZONE ": us-west1-a}", "skip"},
    {"node without labels", "{" BETA_ZONE ": us-west1-a}", "{}", "ok"},
    {"beta zone label matched", "{" BETA_ZONE ": us-west1-a}", "{" BETA_ZONE ": us-west1-a, uselessLabel: none}", "ok"},
    {"beta region label matched", "{" BETA_REGION ": us-west1, uselessLabel: none}", "{" BETA_REGION ": us-west1, uselessLabel: none}", "ok"},
    {"beta region label doesn't match", "{" BETA_REGION ": us-west1, uselessLabel: none}", "{" BETA_REGION ": no_us-west1, uselessLabel: none}",
     NO_ZONE},
    {"beta zone label doesn't match", "{" BETA_ZONE ": us-west1-a}", "{" BETA_ZONE ": no_us-west1-a, uselessLabel: none}", NO_ZONE},
    {"zone label matched", "{" ZONE ": us-west1-a}", "{" ZONE ": us-west1-a, uselessLabel: none}", "ok"},
    {"region label matched", "{" REGION ": us-west1, uselessLabel: none}", "{" REGION ": us-west1, uselessLabel: none}", "ok"},
    {"region label doesn't match", "{" REGION ": us-west1, uselessLabel: none}", "{" REGION ": no_us-west1, uselessLabel: none}", NO_ZONE},
    {"zone label doesn't match", "{" ZONE ": us-west1-a}", "{" ZONE ": no_us-west1-a, uselessLabel: none}", NO_ZONE},
    {"pv with zone and region, node with only zone", "{" ZONE ": us-west1-a, " REGION ": us-west1-a}", "{" ZONE ": us-west1-a}", NO_ZONE},
    {"pv with zone,node with beta zone", "{" ZONE ": us-west1-a}", "{" BETA_ZONE ": us-west1-a}", NO_ZONE},
    {"pv with beta label,node with ga label, matched", "{" BETA_ZONE ": us-west1-a}", "{" ZONE ": us-west1-a}", "ok"},
    {"pv with beta label,node with ga label, don't match", "{" BETA_ZONE ": us-west1-a}", "{" ZONE ": us-west1-b}", NO_ZONE},
    // TestMultiZone
    {"node without labels (several zones)", "{" BETA_ZONE ": us-west1-c__us-west1-a}", "{}", "ok"},
    {"beta zone label matched (several zones)", "{" BETA_ZONE ": us-west1-c__us-west1-a}", "{" BETA_ZONE ": us-west1-a, uselessLabel: none}",
     "ok"},
    {"beta zone label doesn't match (several zones)", "{" BETA_ZONE ": us-west1-a}", "{" BETA_ZONE ": us-west1-b, uselessLabel: none}", NO_ZONE},
    {"zone label matched (several zones)", "{" ZONE ": us-west1-c__us-west1-a}", "{" ZONE ": us-west1-a, uselessLabel: none}", "ok"},
    {"zone label doesn't match (several zones)", "{" ZONE ": us-west1-a}", "{" ZONE ": us-west1-b, uselessLabel: none}", NO_ZONE},
};

struct ZoneClaimRow {
  const char* upstream;
  const char* spec;       // of the claim
  const char* expected;
};
/// A missing class is named as client-go's own lister does it; the lister of upstream's test has a plural there.
const ZoneClaimRow kZoneClaims[] = {
    {"label zone failure domain matched", "{volumeName: Vol_1}", "ok"},
    {"unbound volume empty storage class", "{}", HARD_NO "PersistentVolumeClaim had no pv name and storageClass name"},
    {"unbound volume no storage class", "{storageClassName: Class_0}", HARD_NO "storageclass.storage.k8s.io \"Class_0\" not found"},
    {"unbound volume immediate binding mode", "{storageClassName: Class_Immediate}",
     HARD_NO "VolumeBindingMode not set for StorageClass \"Class_Immediate\""},
    {"unbound volume wait binding mode", "{storageClassName: Class_Wait}", "skip"},
};

#define DISK "Unschedulable: node(s) had no available disk"
#define IN_USE "Unschedulable: node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"

struct DiskRow {
  const char* upstream;
  const char* pod;
  const char* placed;     // volumes of a pod each, "|" between
  const char* expected;
};
#define TARGET1 "iscsi:iqn.2016-12.server:storage.target01"
#define TARGET2 "iscsi:iqn.2017-12.server:storage.target01"
const DiskRow kDisks[] = {
    {"GCE: nothing", "", "", "skip"},
    {"GCE: one state", "", "gce:foo", "skip"},
    {"GCE: same state", "gce:foo", "gce:foo", DISK},
    {"GCE: different state", "gce:bar", "gce:foo", "ok"},
    {"pod with a volume that doesn't have restrictions", "empty", "", "skip"},
    {"AWS: nothing", "", "", "skip"},
    {"AWS: one state", "", "aws:foo", "skip"},
    {"AWS: same state", "aws:foo", "aws:foo", DISK},
    {"AWS: different state", "aws:bar", "aws:foo", "ok"},
    {"RBD: nothing", "", "", "skip"},
    {"RBD: one state", "", "rbd:a,b", "skip"},
    {"RBD: same state", "rbd:a,b", "rbd:a,b", DISK},
    {"RBD: different state", "rbd:c,d", "rbd:a,b", "ok"},
    {"ISCSI: nothing", "", "", "skip"},
    {"ISCSI: one state", "", TARGET1, "skip"},
    {"ISCSI: same state", TARGET1, TARGET1, DISK},
    {"ISCSI: different state", TARGET2, TARGET1, "ok"},
    // TestAccessModeConflicts
    {"nothing", "", "", "skip"},
    {"failed to get PVC", "missing", "", HARD_NO "persistentvolumeclaim \"missing\" not found"},
    {"no access mode conflict", "rwop-1", "rwx", "skip"},
    {"access mode conflict, unschedulable", "rwop-1", "rwop-1 | rwx", IN_USE},
    {"two conflicts, unschedulable", "rwop-1 rwop-2", "rwop-1 rwop-2 | rwx", IN_USE},
};

}  // namespace

TEST_CASE("VolumeBinding: TestVolumeBinding") {
  for (const VolumeRow& row : kBinding) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    add_class(world, "immediate", "Immediate");
    add_class(world, "wait", "WaitForFirstConsumer");
    add_class(world, "wait-hdd", "WaitForFirstConsumer");
    for (const std::string& labels : parts(row.nodes, '|')) world.node(from_yaml<api::Node>(base::cat("{metadata: {labels: ", labels, "}}")));
    for (const std::string& c : parts(row.claims, ';')) add_claim(world, c);
    for (const std::string& v : parts(row.volumes, ';')) add_volume(world, v);
    CHECK(world.verdicts("VolumeBinding", world.pod(pod_with(row.pod))) == row.expected);
  }
}

TEST_CASE("VolumeZone: TestSingleZone, TestMultiZone") {
  for (const ZoneRow& row : kZones) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.node(from_yaml<api::Node>(base::cat("{metadata: {labels: ", row.node, "}}")));
    if (*row.volume) {
      world.lister().set(api::make_object(from_yaml<api::PersistentVolume>(base::cat("{metadata: {name: v, labels: ", row.volume, "}}"))));
      world.lister().set(api::make_object(claim_of_yaml("{metadata: {name: c}, spec: {volumeName: v}}")));
    }
    CHECK(world.verdicts("VolumeZone", world.pod(pod_with(*row.volume ? "c" : ""))) == row.expected);
  }
}

TEST_CASE("VolumeZone: TestWithBinding") {
  for (const ZoneClaimRow& row : kZoneClaims) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.node(from_yaml<api::Node>("{metadata: {labels: {" BETA_ZONE ": us-west1-a, uselessLabel: none}}}"));
    add_class(world, "Class_Immediate", "");
    add_class(world, "Class_Wait", "WaitForFirstConsumer");
    world.lister().set(api::make_object(from_yaml<api::PersistentVolume>("{metadata: {name: Vol_1, labels: {" BETA_ZONE ": us-west1-a}}}")));
    world.lister().set(api::make_object(claim_of_yaml(base::cat("{metadata: {name: c}, spec: ", row.spec, "}"))));
    CHECK(world.verdicts("VolumeZone", world.pod(pod_with("c"))) == row.expected);
  }
}

TEST_CASE("VolumeRestrictions: Test...DiskConflicts, TestAccessModeConflicts") {
  for (const DiskRow& row : kDisks) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.node({});
    for (const char* claim : {"{metadata: {name: rwop-1}, spec: {accessModes: [ReadWriteOncePod]}}",
                              "{metadata: {name: rwop-2}, spec: {accessModes: [ReadWriteOncePod]}}",
                              "{metadata: {name: rwx}, spec: {accessModes: [ReadWriteMany]}}"}) {
      world.lister().set(api::make_object(claim_of_yaml(claim)));
    }
    int n = 0;
    for (const std::string& volumes : parts(row.placed, '|')) {
      world.place(pod_with(volumes, base::cat("placed", std::to_string(n++)).c_str()), "node1");
    }
    CHECK(world.verdicts("VolumeRestrictions", world.pod(pod_with(row.pod))) == row.expected);
  }
}

#undef NO_BIND
#undef CONFLICT
#undef GONE
#undef HARD_NO
#undef ON_A
#undef ON_B
#undef IN_A
#undef IN_B
#undef LABELS
#undef BETA_ZONE
#undef BETA_REGION
#undef ZONE
#undef REGION
#undef NO_ZONE
#undef DISK
#undef IN_USE
#undef TARGET1
#undef TARGET2
