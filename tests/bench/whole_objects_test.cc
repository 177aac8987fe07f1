// Traces of whole objects in a whole cluster: nodes with their labels and taints, pods with all that the scheduler reads.
#include <doctest/doctest.h>

#include <algorithm>

#include "scenarios/bench/bench.h"
#include "scenarios/bench/dump_trace.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/submitted_objects.h"
#include "tests/bench/trace_files.h"
#include "tests/bench/whole_bench.h"

namespace orrery::scenarios::bench {
namespace {

constexpr const char* kShop = R"(apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: n-1, labels: {zone: a, topology.kubernetes.io/zone: east}}
  status: {allocatable: {cpu: "4", memory: 8Gi, pods: "20"}}
- apiVersion: v1
  kind: Node
  metadata: {name: n-2, labels: {zone: b, topology.kubernetes.io/zone: west}}
  spec: {taints: [{key: dedicated, effect: NoSchedule}]}
  status: {allocatable: {cpu: "8", memory: 8Gi, pods: "20", example.com/card: "1"}}
- apiVersion: v1
  kind: Node
  metadata: {name: n-3, labels: {zone: a}}
  spec: {unschedulable: true}
  status: {allocatable: {cpu: "64", memory: 64Gi, pods: "20"}}
- {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: red}}}
- {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: urgent}, value: 100}
- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, clusterIP: 10.1.2.3, ports: [{port: 80}]}}
- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, namespace: shop, uid: rs-1}, spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}}}
- {apiVersion: v1, kind: PersistentVolume, metadata: {name: disk}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /x}, claimRef: {namespace: shop, name: data, uid: "77"}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}}}
- {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {accessModes: [ReadWriteOnce], storageClassName: "", volumeName: disk, resources: {requests: {storage: 1Gi}}}}
)";

std::string shop_pod(const char* name, int second, const std::string& spec, const char* more = "") {
  return std::string("- apiVersion: v1\n  kind: Pod\n  metadata: {name: ") + name + ", namespace: shop, creationTimestamp: \"2025-01-01T00:00:" + (second < 10 ? "0" : "") +
         std::to_string(second) + "Z\"" + more + "}\n  spec: {" + spec + "}\n";
}
std::string container(const char* cpu, const char* more = "") {
  return std::string("containers: [{name: c, image: i, resources: {requests: {cpu: \"") + cpu + "\"}}" + more + "}]";
}

/// Where the pods went, by name; empty: nowhere.
struct WhereTo final : scheduler::DecisionWatcher {
  void deciding(const scheduler::Decision& d) override { asked.push_back(d.pod->meta().name); }
  std::vector<Str> asked;
};

}  // namespace

TEST_CASE("pods of objects run in a whole cluster by all that they ask for") {
  TraceFiles files;
  const std::string dump = files.write(
      "dump.yaml",
      kShop + shop_pod("first", 0, container("1") + ", serviceAccountName: robot, volumes: [{name: s, secret: {secretName: x}}], imagePullSecrets: [{name: y}]") +
          shop_pod("web-1", 1, "priorityClassName: urgent, priority: 100, " + container("2", ", livenessProbe: {httpGet: {port: 80}}, env: [{name: A, valueFrom: {secretKeyRef: {name: x, key: y}}}]"),
                   ", labels: {app: web}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: rs-1, controller: true}]") +
          shop_pod("card", 2, "tolerations: [{key: dedicated, operator: Exists}], containers: [{name: c, image: i, resources: {requests: {example.com/card: \"1\"}, limits: {example.com/card: \"1\"}}}]") +
          shop_pod("disk", 3, container("500m", ", volumeMounts: [{name: d, mountPath: /d}]") + ", volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]") +
          shop_pod("large", 4, container("16")) + shop_pod("last", 59, container("1m")));
  const std::string bench = files.write("bench.yaml",
                                        "apiVersion: orrery/v1\nkind: Bench\nmode: whole-cluster\ncluster: {masters: {count: 1, cpu: 8, memory: 16Gi}, images: present}\nseeds: [1]\n"
                                        "traces:\n  - format: cluster-dump\n    file: " + dump + "\n    arrivals: {recorded: {}}\npolicies: [Default]\n");
  const Bench loaded(load_bench(bench, {}));
  const RunRecord r = loaded.run(loaded.cells()[0]);
  for (const std::string& n : r.notes) MESSAGE(n);
  CHECK(*r.metric("user_requests_undone") == 0);
  CHECK(*r.metric("pods") == 6);
  CHECK(*r.metric("placed") == 4);             // large fits on the cordoned node alone, last comes when the measurement ends
  CHECK(*r.metric("waiting_at_end") == 2);
  CHECK(*r.metric("pods_failed") == 0);
  CHECK(std::any_of(r.notes.begin(), r.notes.end(), [](const std::string& n) { return n.find("1 objects, such as owners, are left out") != n.npos; }));
  WhereTo watched;
  CHECK(loaded.run(loaded.cells()[0], nullptr, &watched).digest == r.digest);
  CHECK(std::count(watched.asked.begin(), watched.asked.end(), Str("large")) >= 1);
}

TEST_CASE("a pod is submitted with what the scheduler reads, and no more") {
  TraceFiles files;
  const std::string dump = files.write("dump.yaml", kShop + shop_pod("web-1", 1, "priority: 100, schedulerName: other, runtimeClassName: gvisor, nodeSelector: {zone: a}, overhead: {cpu: 1}, " +
                                                                                     container("2", ", env: [{name: A, value: b}]"),
                                                                     ", labels: {app: web}, finalizers: [x/y]"));
  const Trace t = read_dump_trace(dump);
  const api::Pod pod = resubmitted(t.pods[0].object->as<api::Pod>(), {"shop", "web-1"});
  CHECK(pod.metadata.labels.size() == 1);
  CHECK(pod.metadata.finalizers.empty());
  CHECK(pod.spec->node_selector.size() == 1);
  CHECK(pod.spec->scheduler_name.empty());
  CHECK(pod.spec->priority_class_name == "priority-100");
  CHECK(pod.spec->containers[0].env.empty());
  CHECK(pod.spec->containers[0].resources.requests.size() == 1);
  CHECK(priority_of(t.pods[0]) == 100);
  CHECK(label_value("a/b c.") == "a-b-cx");
  CHECK(label_value(std::string(80, 'a')).size() == 63);
}

TEST_CASE("machines have the zones of the trace's nodes, and masters none") {
  Trace t;
  t.timed = true;
  t.nodes = {{"n1", 4000, std::int64_t{8} << 30, 0, "", "a"}, {"n2", 4000, std::int64_t{8} << 30, 0, "", "b"}};
  const Scenario zoned = scenario_of(small_whole_bench(), t, *scheduler::known_policy("Default"), nullptr, 1);
  CHECK(zoned.cluster.nodes[0].zone == "a");
  CHECK(zoned.cluster.nodes[1].zone == "b");
  CHECK(zoned.cluster.masters[0].zone.empty());
  t.nodes[0].zone = t.nodes[1].zone = Str();
  const Scenario plain = scenario_of(small_whole_bench(), t, *scheduler::known_policy("Default"), nullptr, 1);
  CHECK(plain.cluster.nodes[0].zone == plain.cluster.masters[0].zone);
}

}  // namespace orrery::scenarios::bench
