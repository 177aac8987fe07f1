// What-ifs over dumps: how dumps and pods are read, what is refused, and that the explanation of a recorded pod is what the
// real scheduler decided.
#include <doctest/doctest.h>

#include <filesystem>
#include <functional>

#include "control/scheduler/conform/recorded_cluster.h"
#include "scenarios/load/input_error.h"
#include "scenarios/load/packed_file.h"
#include "scenarios/whatif/what_if.h"

namespace orrery::scenarios::whatif {
namespace {

using base::cat;
using codec::JsonValue;

constexpr const char* kNodes = R"(apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: small, labels: {disk: hdd, kubernetes.io/hostname: small}}
  status: {allocatable: {cpu: '2', memory: 4Gi, pods: '10'}}
- apiVersion: v1
  kind: Node
  metadata: {name: big, labels: {disk: ssd, kubernetes.io/hostname: big}}
  spec: {taints: [{key: dedicated, value: db, effect: NoSchedule}]}
  status: {allocatable: {cpu: '8', memory: 16Gi, pods: '10'}}
- apiVersion: v1
  kind: Node
  metadata: {name: twin, labels: {disk: hdd, kubernetes.io/hostname: twin}}
  status: {allocatable: {cpu: '2', memory: 4Gi, pods: '10'}}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: ignored}
- apiVersion: example.com/v1
  kind: Nonesuch
  spec: {whatever: 1}
)";

constexpr const char* kPods = R"(apiVersion: v1
kind: PodList
items:
- metadata: {name: old, namespace: shop}
  spec: {nodeName: small, containers: [{name: c, image: app, resources: {requests: {cpu: 500m}}}]}
- metadata: {name: waiting, namespace: shop}
  spec: {schedulerName: default-scheduler, containers: [{name: c, image: app, resources: {requests: {cpu: '1'}}}]}
- metadata: {name: done, namespace: shop}
  spec: {nodeName: twin, containers: [{name: c, image: app, resources: {requests: {cpu: '2'}}}]}
  status: {phase: Succeeded}
- metadata: {name: waiting, namespace: other}
  spec: {containers: [{name: c, image: app}]}
)";

constexpr const char* kPlainPod = R"(apiVersion: v1
kind: Pod
metadata: {name: new}
spec: {containers: [{name: c, image: app, resources: {requests: {cpu: '1'}}}]}
)";

ClusterDump dump() { return parse_cluster_dump("dump.yaml", cat(kNodes, kPods)); }

Answer ask(const ClusterDump& cluster, const PodArgument& pod) { return what_if(cluster, pod, scheduler::default_configuration(), "defaults"); }
Answer ask(std::string_view manifest) { return ask(dump(), read_pod(dump(), "pod.yaml", manifest)); }

JsonValue json_of(const Answer& a) { return scheduler::to_json(a.pod, a.explanation); }

JsonValue node_of(const JsonValue& explanation, std::string_view name) {
  for (const JsonValue& n : explanation["nodes"].items()) {
    if (n["name"].text_or("") == name) return n;
  }
  return {};
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& e) {
    return e.text();
  }
  return "nothing";
}

TEST_CASE("a dump is Lists, typed lists and documents one after another, in YAML or JSON") {
  CHECK(dump().objects.size() == 7);
  CHECK(parse_cluster_dump("d", cat(kNodes, "---\n", kPods)).objects.size() == 7);
  const std::string node = R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n)";
  CHECK(parse_cluster_dump("d", cat(node, "1\"}}\n", node, "2\"}}")).objects.size() == 2);
  CHECK(parse_cluster_dump("d", cat(R"({"apiVersion":"v1","kind":"List","items":[)", node, "1\"}}]}")).objects.size() == 1);
  CHECK(dump().find(api::KindId::kPod, "shop", "old")->as<api::Pod>().metadata.uid == "shop/old");
  const ClusterDump letters = parse_cluster_dump("d", "apiVersion: v1\nkind: Node\nmetadata: {name: n, labels: {soft: y}}\n");
  CHECK(*letters.objects[0]->meta().labels.find("soft") == "y");
}

TEST_CASE("bad dumps are told with file, line and path") {
  CHECK(refusal([] { parse_cluster_dump("d.yaml", "apiVersion: v1\nkind: List\nitems: []\n"); }).starts_with("d.yaml: has no Node"));
  CHECK(refusal([] { parse_cluster_dump("d.yaml", "a: [\n"); }).starts_with("d.yaml:"));
  CHECK(refusal([] { parse_cluster_dump("d.yaml", ""); }) == "d.yaml: is empty");
  CHECK(refusal([] {
          parse_cluster_dump("d.yaml", cat(kNodes, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  priority: high\n"));
        }).starts_with("d.yaml:28: spec.priority: "));
  CHECK(refusal([] { parse_cluster_dump("d.yaml", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata: {}\n"); })
            .starts_with("d.yaml:6: items[0].metadata"));
}

TEST_CASE("ties, scores and rejections of a new pod") {
  const JsonValue e = json_of(ask(kPlainPod));
  CHECK(e["result"].text_or("") == "scheduled");
  CHECK(e["chosen"].text_or("") == "twin");
  CHECK(e["feasible"].dump() == R"(["small","twin"])");
  CHECK(e["filter"]["big"]["plugin"].text_or("") == "TaintToleration");
  CHECK(e["filter"]["big"]["reasons"].dump() == R"(["node(s) had untolerated taint {dedicated: db}"])");
  const JsonValue twin = node_of(e, "twin");
  CHECK(twin["total"] == e["totals"]["twin"]);
  CHECK(twin["scores"]["TaintToleration"]["weighted"].int_or(0) == 300);
  CHECK(twin["scores"]["TaintToleration"]["normalized"].int_or(0) == 100);
  CHECK(twin["scores"]["TaintToleration"]["raw"].int_or(-1) == 0);
  CHECK(twin["scores"]["TaintToleration"]["weight"].int_or(0) == 3);
  CHECK(e["scores"]["twin"]["TaintToleration"].int_or(0) == 300);
  CHECK(e["tied"].items().empty());
  const JsonValue tie = json_of(ask("apiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: shop}\nspec: {containers: [{name: c, image: app}], "
                                    "nodeSelector: {disk: hdd}, tolerations: [{operator: Exists}]}\n"));
  CHECK(node_of(tie, "big")["shortfall"].text_or("") == "nodeSelector asks for disk=hdd (it has ssd)");
}

TEST_CASE("every filter that rejects a node is told, with amounts") {
  const JsonValue e = json_of(ask("apiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec: {containers: [{name: c, image: app, resources: "
                                  "{requests: {cpu: '9'}}}]}\n"));
  const JsonValue big = node_of(e, "big");
  CHECK(!big["feasible"].bool_or(true));
  CHECK(big["plugin"].text_or("") == "TaintToleration");
  CHECK(big["alsoRejectedBy"].items().size() == 1);
  CHECK(big["alsoRejectedBy"].items()[0]["plugin"].text_or("") == "NodeResourcesFit");
  CHECK(big["alsoRejectedBy"].items()[0]["shortfall"].text_or("") == "cpu: asks 9, free 8 of 8");
  CHECK(node_of(e, "small")["shortfall"].text_or("") == "cpu: asks 9, free 1500m of 2");
  CHECK(e["result"].text_or("") == "unschedulable");
  CHECK(e["message"].text_or("").starts_with("0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: db}, 2 Insufficient cpu."));
}

TEST_CASE("a manifest is admitted as the apiserver does it") {
  const std::string classes = "---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n"
                              "---\napiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: gvisor}\nhandler: x\n"
                              "overhead: {podFixed: {cpu: 250m}}\nscheduling: {nodeSelector: {disk: ssd}}\n"
                              "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: default}\nspec: {limits: [{type: Container, "
                              "default: {cpu: '1'}, defaultRequest: {cpu: 200m}}]}\n";
  const ClusterDump cluster = parse_cluster_dump("d.yaml", cat(kNodes, classes));
  const PodArgument p = read_pod(cluster, "pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {v: '1'}}\nspec:\n  priorityClassName: high\n"
                                 "  runtimeClassName: gvisor\n  containers: [{name: c, image: app}]\n  affinity: {podAntiAffinity: "
                                 "{requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone, labelSelector: {}, matchLabelKeys: [v]}]}}\n");
  const api::PodSpec& spec = *p.pod->as<api::Pod>().spec;
  CHECK(spec.priority == 1000);
  CHECK(spec.scheduler_name == "default-scheduler");
  CHECK(spec.tolerations.size() == 2);
  CHECK(spec.overhead.find("cpu")->str() == "250m");
  CHECK(spec.containers[0].resources.requests.find("cpu")->str() == "200m");
  CHECK(spec.containers[0].resources.limits.find("cpu")->str() == "1");
  CHECK(*spec.node_selector.find("disk") == "ssd");
  const auto& term = spec.affinity->pod_anti_affinity->required_during_scheduling_ignored_during_execution[0];
  CHECK(term.label_selector->match_expressions.size() == 1);
  // One that the API has returned already is taken as it is.
  const PodArgument seen = read_pod(cluster, "pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, uid: u}\nspec: {containers: [{name: c, image: app}]}\n");
  CHECK(seen.pod->as<api::Pod>().spec->tolerations.empty());
}

TEST_CASE("bad pods are told with file, line and path") {
  const auto told = [](std::string_view manifest) { return refusal([&] { read_pod(dump(), "pod.yaml", manifest); }); };
  CHECK(told("apiVersion: apps/v1\nkind: Deployment\n") == "pod.yaml:2: kind: is apps/v1 Deployment; a v1 Pod is wanted");
  CHECK(told("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  contaners: []\n").starts_with("pod.yaml:5: spec.contaners: "));
  CHECK(told("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: a\n    resources: {requests: {cpu: x}}\n")
            .starts_with("pod.yaml:8: spec.containers[0].resources.requests"));
  CHECK(told("apiVersion: v1\nkind: Pod\nmetadata: {name: A}\nspec: {containers: [{name: c, image: a}]}\n").starts_with("pod.yaml:3: metadata.name: Invalid value: \"A\""));
  CHECK(told("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  priorityClassName: nosuch\n  containers: [{name: c, image: a}]\n")
            .starts_with("pod.yaml:5: spec.priorityClassName: no PriorityClass with name nosuch in dump.yaml"));
  CHECK(told("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n").find("second object") != std::string::npos);
}

TEST_CASE("a pod of the dump, by name") {
  const ClusterDump cluster = dump();
  CHECK(ask(cluster, find_pod(cluster, "shop/waiting")).explanation.chosen == "twin");
  const PodArgument bound = find_pod(cluster, "old");
  CHECK(bound.bound_to == "small");
  CHECK(json_of(ask(cluster, bound))["boundTo"].text_or("") == "small");
  // Off its node, and the ended pod holds nothing: the twins are alike.
  CHECK(json_of(ask(cluster, bound))["tied"].dump() == R"(["small","twin"])");
  CHECK(refusal([&] { find_pod(cluster, "waiting"); }) == "--pod: \"waiting\" is in 2 namespaces of dump.yaml; write NAMESPACE/waiting");
  CHECK(refusal([&] { find_pod(cluster, "nosuch"); }) == "--pod: \"nosuch\" is neither a file nor a pod of dump.yaml");
  CHECK(refusal([&] { find_pod(cluster, "shop/done"); }).find("the pod has ended (Succeeded)") != std::string::npos);
}

TEST_CASE("profiles are picked by schedulerName, and change the outcome") {
  const auto read = scheduler::read_configuration(
      "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- schedulerName: default-scheduler\n"
      "  plugins: {score: {disabled: [{name: '*'}], enabled: [{name: NodeResourcesFit}]}}\n"
      "  pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}]\n- schedulerName: other\n");
  REQUIRE(read.ok());
  const Answer packed = what_if(dump(), read_pod(dump(), "pod.yaml", kPlainPod), *read, "c.yaml");
  CHECK(packed.explanation.chosen == "small");
  CHECK(packed.explanation.find("small")->scores.size() == 1);
  const std::string theirs = "apiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec: {schedulerName: mine, containers: [{name: c, image: app}]}\n";
  CHECK(refusal([&] { what_if(dump(), read_pod(dump(), "pod.yaml", theirs), *read, "c.yaml"); }) ==
        "c.yaml: profiles: none is called \"mine\", as the pod's schedulerName is (there is default-scheduler, other)");
}

TEST_CASE("a gated pod is told so") {
  const JsonValue e = json_of(ask("apiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec: {schedulingGates: [{name: example.com/hold}], "
                                  "containers: [{name: c, image: app}]}\n"));
  CHECK(e["result"].text_or("") == "gated");
  CHECK(e["gated"].text_or("") == "waiting for scheduling gates: [example.com/hold]");
  CHECK(e["feasible"].items().size() == 2);
}

TEST_CASE("annotations and text") {
  const Answer a = ask(kPlainPod);
  const JsonValue annotations = scheduler::to_annotations(a.explanation);
  CHECK(annotations["scheduler-simulator/selected-node"].text_or("") == "twin");
  const auto filter = codec::parse_json(annotations["scheduler-simulator/filter-result"].text_or(""));
  REQUIRE(filter.ok());
  CHECK((*filter)["big"]["NodeName"].text_or("") == "passed");
  CHECK((*filter)["big"]["TaintToleration"].text_or("") == "node(s) had untolerated taint {dedicated: db}");
  CHECK((*filter)["big"].find("NodeResourcesFit") == nullptr);
  const auto scores = codec::parse_json(annotations["scheduler-simulator/finalscore-result"].text_or(""));
  CHECK((*scores)["twin"]["TaintToleration"].text_or("") == "300");
  const std::string text = scheduler::to_text(a.pod, a.explanation);
  CHECK(text.find("chosen: twin") != std::string::npos);
  CHECK(text.find("does not tolerate dedicated=db:NoSchedule") != std::string::npos);
}

TEST_CASE("preemption and volume limits") {
  const std::string low = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: low}\nspec: {nodeName: twin, priority: -5, containers: [{name: c, image: a, "
                          "resources: {requests: {cpu: '2'}}}]}\n";
  const ClusterDump cluster = parse_cluster_dump("d.yaml", cat(kNodes, low));
  const JsonValue e = json_of(ask(cluster, read_pod(cluster, "p", "apiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec: {containers: [{name: c, image: a, "
                                                    "resources: {requests: {cpu: '2'}}}], nodeSelector: {kubernetes.io/hostname: twin}}\n")));
  CHECK(e["result"].text_or("") == "preempting");
  CHECK(e["nominated"].text_or("") == "twin");
  CHECK(e["victims"].dump() == R"(["default/low"])");
  CHECK(e["candidates"]["twin"]["pdbViolations"].int_or(-1) == 0);
  const std::string volume = "---\napiVersion: storage.k8s.io/v1\nkind: CSINode\nmetadata: {name: small}\nspec: {drivers: [{name: csi, allocatable: {count: 0}}]}\n"
                             "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {csi: {driver: csi, volumeHandle: h}}\n"
                             "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, namespace: default, annotations: "
                             "{pv.kubernetes.io/bind-completed: 'yes'}}\nspec: {volumeName: v}\nstatus: {phase: Bound}\n";
  const ClusterDump disks = parse_cluster_dump("d.yaml", cat(kNodes, volume));
  const JsonValue v = json_of(ask(disks, read_pod(disks, "p", "apiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec: {containers: [{name: c, image: a}], "
                                                  "volumes: [{name: d, persistentVolumeClaim: {claimName: c}}]}\n")));
  CHECK(v["filter"]["small"]["plugin"].text_or("") == "NodeVolumeLimits");
  CHECK(node_of(v, "small")["shortfall"].text_or("") == "csi: adds 1 volumes to 0, limit 0");
  CHECK(v["chosen"].text_or("") == "twin");
}

TEST_CASE("room for volumes that are to be made") {
  const std::string storage =
      "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: disks}\nprovisioner: csi\nvolumeBindingMode: WaitForFirstConsumer\n"
      "---\napiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi}\nspec: {storageCapacity: true}\n"
      "---\napiVersion: storage.k8s.io/v1\nkind: CSIStorageCapacity\nmetadata: {name: x, namespace: kube-system}\nstorageClassName: disks\n"
      "capacity: 10Gi\nnodeTopology: {matchLabels: {kubernetes.io/hostname: twin}}\n"
      "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, namespace: default}\n"
      "spec: {storageClassName: disks, resources: {requests: {storage: 5Gi}}}\nstatus: {phase: Pending}\n";
  const ClusterDump cluster = parse_cluster_dump("d.yaml", cat(kNodes, storage));
  const JsonValue v = json_of(ask(cluster, read_pod(cluster, "p", "apiVersion: v1\nkind: Pod\nmetadata: {name: new}\nspec: {containers: [{name: c, image: a}], "
                                                    "volumes: [{name: d, persistentVolumeClaim: {claimName: c}}]}\n")));
  CHECK(v["chosen"].text_or("") == "twin");
  CHECK(v["filter"]["small"]["plugin"].text_or("") == "VolumeBinding");
  CHECK(v["filter"]["small"]["reasons"].dump() == R"(["node(s) did not have enough free storage"])");
}

TEST_CASE("all recordings beside the repository agree") {
  const std::filesystem::path directory = ORRERY_SOURCE_DIR "/../shared/data/scheduler";
  if (!std::filesystem::is_directory(directory)) {
    MESSAGE("skipped: no recordings in " << directory.string());
    return;
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().string().ends_with(".jsonl.gz")) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    const auto got = scheduler::conform::replay(read_packed_file(file));
    REQUIRE(got.ok());
    for (const std::string& difference : got->differences) FAIL_CHECK(file << ": " << difference);
  }
}

}  // namespace
}  // namespace orrery::scenarios::whatif
