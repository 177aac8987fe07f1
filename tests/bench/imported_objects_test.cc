// Importers of Kubernetes objects: cluster dumps, audit logs, SimKube traces. The pods keep all that they were submitted with.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "scenarios/bench/audit_log.h"
#include "scenarios/bench/bench.h"
#include "scenarios/bench/dump_trace.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/bench/simkube.h"
#include "tests/bench/trace_files.h"

namespace orrery::scenarios::bench {
namespace {

using base::kSecond;

constexpr const char* kNodes = R"(apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata: {name: n-1, labels: {zone: a}}
  status: {allocatable: {cpu: "4", memory: 8Gi, pods: "20"}}
- apiVersion: v1
  kind: Node
  metadata: {name: n-2, labels: {zone: b}}
  spec: {taints: [{key: dedicated, effect: NoSchedule}]}
  status: {allocatable: {cpu: "8", memory: 8Gi, pods: "20"}}
)";
constexpr const char* kDump = R"(- apiVersion: v1
  kind: Namespace
  metadata: {name: shop}
- apiVersion: v1
  kind: Pod
  metadata: {name: late, namespace: shop, creationTimestamp: "2025-01-01T00:00:30Z"}
  spec:
    nodeName: n-1
    nodeSelector: {zone: a}
    containers: [{name: c, image: i, resources: {requests: {cpu: "1", memory: 1Gi}}}]
  status: {phase: Running}
- apiVersion: v1
  kind: Pod
  metadata: {name: early, namespace: shop, creationTimestamp: "2025-01-01T00:00:10Z"}
  spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 500m}}}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: done, namespace: shop, creationTimestamp: "2025-01-01T00:00:00Z"}
  spec: {containers: [{name: c, image: i}]}
  status: {phase: Succeeded}
)";

TEST_CASE("cluster dump: pods come when they were created and stay") {
  TraceFiles files;
  const Trace t = read_dump_trace(files.write("dump.yaml", std::string(kNodes) + kDump));
  REQUIRE(t.nodes.size() == 2);
  CHECK(t.nodes[1].milli_cpu == 8'000);
  CHECK(t.objects.size() == 1);
  REQUIRE(t.pods.size() == 2);
  CHECK(t.pods[0].name == "shop/early");
  CHECK(t.pods[0].arrival == 0);
  CHECK(t.pods[0].milli_cpu == 500);
  CHECK(t.pods[0].censored);
  CHECK(t.pods[0].duration == 20 * kSecond);
  CHECK(t.pods[1].name == "shop/late");
  CHECK(t.pods[1].arrival == 20 * kSecond);
  CHECK(t.pods[1].object->as<api::Pod>().spec->node_name.empty());
  CHECK(t.pods[1].object->as<api::Pod>().spec->node_selector.size() == 1);
  CHECK(refusal([&] { read_dump_trace(files.write("bare.yaml", kNodes)); }) == "bare.yaml: has no pod that has not ended");
  CHECK(refusal([&] { read_dump_trace(files.write("none.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n")); }).starts_with("none.yaml: has no Node"));
}

std::string audit(const char* second, const char* verb, const char* name, const char* more = "", const char* sub = "", int code = 201) {
  return std::string(R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","stage":"ResponseComplete","verb":")") + verb +
         R"(","objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1","name":")" + name + "\"" +
         (*sub ? std::string(R"(,"subresource":")") + sub + "\"" : "") + R"(},"responseStatus":{"code":)" + std::to_string(code) +
         R"(},"requestReceivedTimestamp":"2025-01-01T00:00:)" + second + R"(.500000Z")" + more + "}\n";
}
constexpr const char* kAsked = R"(,"requestObject":{"kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"2"}}}]}})";
constexpr const char* kEnded = R"(,"requestObject":{"status":{"phase":"Succeeded"}})";

TEST_CASE("audit log: pods come when they were created and end when they went or had ended") {
  TraceFiles files;
  const std::string log = audit("10", "create", "a", kAsked) + audit("12", "create", "a", "", "binding") + audit("15", "create", "b", kAsked) +
                          audit("20", "delete", "a", "", "", 200) + audit("21", "create", "a", kAsked) + audit("22", "patch", "b", kEnded, "status", 200) +
                          audit("23", "create", "c", kAsked, "", 403) + audit("24", "create", "d") + audit("30", "delete", "old", "", "", 200) +
                          R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","stage":"ResponseComplete","verb":"get","objectRef":{"resource":"nodes"}})" "\n";
  const Trace t = read_audit_log(files.write("audit.log", log), files.write("nodes.yaml", kNodes));
  REQUIRE(t.pods.size() == 3);
  CHECK(t.pods[0].name == "shop/a");
  CHECK(t.pods[0].milli_cpu == 2'000);
  CHECK(t.pods[0].arrival == 0);
  CHECK(t.pods[0].duration == 8 * kSecond);    // from its binding
  CHECK(t.pods[1].name == "shop/b");
  CHECK(t.pods[1].duration == 7 * kSecond);
  CHECK(t.pods[2].name == "shop/a.2");
  CHECK(t.pods[2].censored);
  CHECK(t.pods[2].duration == 9 * kSecond);
  CHECK(t.notes.size() == 3);
}

TEST_CASE("audit log: what is wrong, with its line") {
  TraceFiles files;
  const std::string nodes = files.write("nodes.yaml", kNodes);
  const auto of_log = [&](const std::string& text) { return refusal([&] { read_audit_log(files.write("a.log", text), nodes); }); };
  CHECK(of_log("\n{\n") == "a.log:2: is not a JSON object; an audit log has one per line");
  CHECK(of_log("{\"kind\":\"Pod\"}\n") == "a.log:1: kind: is not an Event of audit.k8s.io");
  CHECK(of_log(audit("10", "create", "a")) == "a.log: its creations of pods lack the pod; log pods at the audit level Request");
  CHECK(of_log(audit("10", "get", "a")) == "a.log: creates no pod");
  CHECK(of_log(audit("10", "create", "a", kAsked) + audit("11", "create", "a", kAsked)) == "a.log:2: creates the pod shop/a, which is there already");
  CHECK(of_log(audit("10", "create", "a", R"(,"requestObject":{"spec":{"containers":5}})")).starts_with("a.log:1: requestObject.spec.containers: "));
  CHECK(of_log(audit("61", "create", "a", kAsked)) == "a.log:1: requestReceivedTimestamp: is not a time as 2025-01-01T00:00:00.000000Z");
}

std::string simkube(const std::string& events, const std::string& lives = "") {
  return "{\"version\": 2, \"config\": {}, \"index\": {}, \"pod_lifecycles\": {" + lives + "},\n\"events\": [\n" + events + "]}\n";
}
std::string deployment(const char* ts, int replicas, const char* cpu = "1") {
  return std::string("{\"ts\": ") + ts + R"(, "deleted_objs": [], "applied_objs": [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "d", "name": "web"}, "spec": {"replicas": )" +
         std::to_string(replicas) + R"(, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": ")" +
         cpu + R"("}}}]}}}}]})";
}

TEST_CASE("simkube: workloads are followed as their controllers do") {
  TraceFiles files;
  const std::string nodes = files.write("nodes.yaml", kNodes);
  const std::string gone = R"({"ts": 170, "applied_objs": [], "deleted_objs": [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "d", "name": "web"}}]})";
  const Trace t = read_simkube(files.write("t.json", simkube(deployment("100", 2) + ",\n" + deployment("110", 3) + ",\n" + deployment("120", 1) + ",\n" +
                                                             deployment("130", 1, "2") + ",\n" + gone)), nodes);
  REQUIRE(t.pods.size() == 4);
  CHECK(t.pods[0].name == "d/web-0");
  CHECK(t.pods[0].duration == 30 * kSecond);   // until its template changed
  CHECK(t.pods[1].duration == 20 * kSecond);   // until it was scaled down
  CHECK(t.pods[2].arrival == 10 * kSecond);
  CHECK(t.pods[2].duration == 10 * kSecond);
  CHECK(t.pods[3].milli_cpu == 2'000);
  CHECK(t.pods[3].duration == 40 * kSecond);
  CHECK_FALSE(t.pods[3].censored);
  CHECK(t.pods[3].object->meta().labels.size() == 1);
}

TEST_CASE("simkube: pods live as long as the trace tells") {
  TraceFiles files;
  const std::string nodes = files.write("nodes.yaml", kNodes);
  const std::string pod = R"({"ts": 100, "deleted_objs": [], "applied_objs": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "d", "name": "one"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}]})";
  const std::string cron = R"({"ts": 100, "deleted_objs": [], "applied_objs": [{"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick"}, "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "i"}]}}}}}}]})";
  const std::string lives = R"("[\"v1.Pod\", \"d/one\"]": {"7": [{"Finished": [103, 133]}]}, "[\"batch/v1.CronJob\", \"default/tick\"]": {"8": [{"Running": 190}, {"Finished": [160, 165]}]})";
  const Trace t = read_simkube(files.write("t.json", simkube(pod + "," + cron, lives)), nodes);
  REQUIRE(t.pods.size() == 3);
  CHECK(t.pods[0].name == "d/one");
  CHECK(t.pods[0].duration == 30 * kSecond);
  CHECK(t.pods[1].name == "default/tick-0");
  CHECK(t.pods[1].arrival == 60 * kSecond);
  CHECK(t.pods[1].duration == 5 * kSecond);
  CHECK(t.pods[2].censored);
}

TEST_CASE("simkube: what is wrong, with its line") {
  TraceFiles files;
  const std::string nodes = files.write("nodes.yaml", kNodes);
  const auto of_trace = [&](const std::string& text) { return refusal([&] { read_simkube(files.write("t.json", text), nodes); }); };
  CHECK(of_trace("\x93\x01").starts_with("t.json: is not JSON ("));
  CHECK(of_trace("{\"version\": 1, \"events\": []}") == "t.json:1: version: must be 2");
  CHECK(of_trace(simkube("{\"applied_objs\": []}")) == "t.json:3: events[0].ts: is missing: it must be the second of the event");
  CHECK(of_trace(simkube(deployment("100", 1) + ",\n" + deployment("99", 1))) == "t.json:4: events[1].ts: is before the event above");
  CHECK(of_trace(simkube(deployment("100", -1))) ==
        "t.json:3: events[0].applied_objs[0].spec.replicas: must be a whole number from 0 to 1000000");
  CHECK(of_trace(simkube("{\"ts\": 1}")) == "t.json: applies no workload that makes pods");
}

TEST_CASE("pods of objects are placed by all that they ask for") {
  TraceFiles files;
  const std::string dump = files.write("dump.yaml", std::string(kNodes) + kDump);
  const std::string bench = files.write("bench.yaml",
                                        "apiVersion: orrery/v1\nkind: Bench\nmode: placement-only\nseeds: [1]\ntraces:\n  - format: cluster-dump\n"
                                        "    file: " + dump + "\n    arrivals: {recorded: {}}\npolicies: [Default]\n");
  const Bench loaded(load_bench(bench, {}));
  CHECK(loaded.spec().traces[0].censored == CensoredRule::kToTheEnd);
  const RunRecord r = loaded.run(loaded.cells()[0]);
  CHECK(*r.metric("placed") == 2);             // both on n-1: n-2 is tainted
  CHECK(*r.metric("waiting_at_end") == 0);
  REQUIRE(r.notable.size() >= 1);
  RunRecord told = r;
  loaded.explain_notable(loaded.cells()[0], told);
  CHECK(told.notable[0].pod == "shop/early");
}

}  // namespace
}  // namespace orrery::scenarios::bench
