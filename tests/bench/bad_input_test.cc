// Whatever is wrong with a bench file or a trace is told with its place and a way out, before anything runs.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "model/base/str.h"
#include "scenarios/bench/bench.h"
#include "scenarios/bench/load_bench.h"
#include "scenarios/load/input_error.h"

using namespace orrery;
using namespace orrery::scenarios;
using namespace orrery::scenarios::bench;

namespace {

/// Files of one test, gone afterwards.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "orrery-bench-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
    write("nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn-1,8000,16384,2,T4\nn-0,8000,16384,2,T4\n");
    write("pods.csv", kPods);
    write("orders.csv", kOrders);
    write("log.swf", "; MaxProcs: 4\n1 0 0 10 2 -1 -1 2 20 -1 1 1 1 1 1 1 -1 -1\n");
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ + "/" + name, std::ios::binary) << text; }
  const std::string& path() const { return path_; }

  static constexpr const char* kPods =
      "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
      "p-0,1000,1024,1,500,,LS,Succeeded,0,50,5\n"
      "p-1,1000,1024,2,1000,T4,LS,Running,10,90,10\n";
  static constexpr const char* kOrders =
      "seed,n_pods,pod_order_as_index_into_name_sorted_pod_list,node_order_as_index_into_name_sorted_node_list\n"
      "42,3,1 0 1,1 0\n";

 private:
  std::string path_;
};

const std::string kHead = "apiVersion: orrery/v1\nkind: Bench\nmode: placement-only\n";
const std::string kOrderTrace =
    "traces:\n  - format: openb\n    nodes: nodes.csv\n    pods: pods.csv\n    arrivals: {orders: orders.csv}\n";
const std::string kTimedTrace =
    "traces:\n  - format: openb\n    nodes: nodes.csv\n    pods: pods.csv\n    arrivals: {recorded: {}}\n";

const std::string kSeed = "seeds: 1\n";
const std::string kGangTrace = "traces: [{format: swf, file: log.swf, gangs: {nodes: [{count: 2, cpu: 2, memory: 1Gi}]}}]\n";

/// The error's text, without the directory; "" when everything is right.
std::string error_of(const Directory& d, const std::string& bench, const std::map<std::string, std::string>& set = {}) {
  d.write("bench.yaml", bench);
  try {
    Bench loaded(load_bench(d.path() + "/bench.yaml", set));
    for (const Cell& cell : loaded.cells()) loaded.run(cell);
    return "";
  } catch (const InputError& e) {
    std::string text = e.text();
    for (std::size_t at = text.find(d.path() + "/"); at != text.npos; at = text.find(d.path() + "/")) text.erase(at, d.path().size() + 1);
    return text;
  }
}

}  // namespace

TEST_CASE("a bench that is right runs") {
  const Directory d;
  CHECK(error_of(d, kHead + "seeds: 42\npolicies: [FGD, Random]\n" + kOrderTrace) == "");
  CHECK(error_of(d, kHead + "seeds: 1..3\npolicies: [FGD, Default]\n" + kTimedTrace) == "");
  CHECK(error_of(d, kHead + "seeds: 1..2\nsizes: [100%, 50%]\npolicies: [FGD, Random]\ntraces:\n  - format: openb\n    nodes: nodes.csv\n" +
                        "    pods: pods.csv\n    arrivals: {shuffled: {demand: 110%}}\n") == "");
  CHECK(error_of(d, kHead + "seeds: 1\npolicies: [EASY]\ntraces: [{format: swf, file: log.swf}]\n") == "");
  CHECK(error_of(d, kHead + "seeds: 1\npolicies: [BestFit, {name: fifo, policy: Default, backfill: none, preemption: true}]\n" + kGangTrace) == "");
  CHECK(error_of(d, kHead + "seeds: 1\n" + kTimedTrace + "policies:\n  - name: all\n    policy: BestFit\n    descheduler: {every: 1m, removeDuplicates: true, " +
                        "topologySpread: {}, lowNodeUtilization: {thresholds: {cpu: 20}, targetThresholds: {cpu: 50}}}\n" +
                        "    autoscaler: {groups: [{name: g, max: 3, cpu: 8, memory: 16Gi, gpus: 2, model: T4}], expander: most-pods}\n") == "");
}

TEST_CASE("what is wrong with a bench file") {
  const Directory d;
  const std::string rest = "seeds: 42\n" + kOrderTrace;
  const struct { std::string bench, error; } kRows[] = {
      {kHead + "seeds: 42\nsedes: 1\npolicies: [FGD]\n" + kOrderTrace, "bench.yaml:5: unknown key \"sedes\""},
      {kHead + rest + "policies: [Fgd]\n", "bench.yaml:10: policies[0]: \"Fgd\" is not a policy (known: FGD, BestFit"},
      {kHead + rest + "policies: []\n", "bench.yaml:10: policies: names no policy"},
      {kHead + rest + "policies: [FGD, FGD]\n", "bench.yaml:10: policies[1]: a policy before is called \"FGD\" too"},
      {kHead + rest + "policies:\n  - name: a\n    plugins: [{name: FGD, weight: 101}]\n",
       "bench.yaml:12: policies[0].plugins[0].weight: 101 is out of range (1 to 100)"},
      {kHead + rest + "policies:\n  - name: a\n    plugins: [{name: FGD, weight: 0}]\n",
       "bench.yaml:12: policies[0].plugins[0].weight: 0 is out of range (1 to 100)"},
      {kHead + rest + "policies:\n  - name: a\n    plugins: [{name: Fancy}]\n",
       "bench.yaml:12: policies[0].plugins[0].name: \"Fancy\" is not a plugin that scores (known: FGD"},
      {kHead + rest + "policies:\n  - {name: a, policy: FGD, devices: best}\n", "bench.yaml:11: policies[0].devices: \"best\" is not one of"},
      {kHead + rest + "policies: [EASY]\n", "bench.yaml:6: traces: trace \"pods\" is of pods, policy \"EASY\" is for batch jobs"},
      {kHead + "seeds: 43\npolicies: [FGD]\n" + kOrderTrace, "has no row of seed 43 (seeds there: 42)"},
      {kHead + "seeds: 5..1\npolicies: [FGD]\n" + kOrderTrace, "bench.yaml:4: seeds: "},
      {kHead + "seeds: [1, 1]\npolicies: [FGD]\n" + kOrderTrace, "bench.yaml:4: seeds: names a seed twice"},
      {kHead + "seeds: 42\nsizes: [120%]\npolicies: [FGD]\n" + kOrderTrace, "bench.yaml:5: sizes[0]: 120 is out of range"},
      {kHead + "seeds: 42\nsizes: [0%]\npolicies: [FGD]\n" + kOrderTrace, "bench.yaml:5: sizes[0]: must be above 0"},
      {kHead + "seeds: ${n}\npolicies: [FGD]\n" + kOrderTrace, "bench.yaml:4: ${n} is not a parameter of the file"},
      {kHead + "parameters: {n: {about: x}}\nseeds: ${n}\npolicies: [FGD]\n" + kOrderTrace,
       "bench.yaml:4: parameters.n: has no value; give one with --set n=VALUE"},
      {kHead + "parameters: {n: {value: 1}}\nseeds: 42\npolicies: [FGD]\n" + kOrderTrace, "bench.yaml:4: parameters.n: is used nowhere"},
      {kHead + "seeds: 42\npolicies: [FGD]\ntraces: [{format: openb, nodes: nodes.csv, pods: gone.csv, arrivals: {recorded: {}}}]\n",
       "bench.yaml:6: traces[0].pods: gone.csv: no such file"},
      {kHead + "seeds: 42\npolicies: [FGD]\ntraces: [{format: openc}]\n", "bench.yaml:6: traces[0].format: \"openc\" is not one of"},
      {kHead + rest + "policies:\n  - {name: a, policy: FGD, backfill: some}\n", "policies[0].backfill: \"some\" is not one of"},
      {kHead + rest + "policies:\n  - {name: a, policy: FGD, backfill: none}\n", "bench.yaml:6: traces: trace \"pods\" and policy \"a\": backfill,"},
      {kHead + rest + "policies:\n  - {name: a, policy: FGD, plugins: [{name: FGD}]}\n", "policies[0]: must say one of policy, plugins"},
      {kHead + rest + "policies:\n  - {name: a, policy: FGD, timeout: 1s}\n", "policies[0].timeout: is for a `command`"},
      {kHead + rest + "policies:\n  - {name: a, plugin: ./gone.so}\n", "policies[0].plugin: ./gone.so: no such file"},
      {kHead + rest + "policies:\n  - {name: a, plugin: pods.csv}\n", "policies[0].plugin: libraries cannot be loaded here"},
      {kHead + rest + "policies:\n  - {name: a, command: []}\n", "policies[0].command: names no program"},
      {kHead + rest + "policies:\n  - {name: a, command: [x]}\n", "policies[0].command: processes cannot be started here"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: FGD, descheduler: {every: 5m}}\n", "descheduler: names no strategy"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: FGD, descheduler: {removeDuplicates: true, every: 0s}}\n", "descheduler.every: must be above 0"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: FGD, descheduler: {lowNodeUtilization: {thresholds: {cpu: 20}, " +
           "targetThresholds: {memory: 50}}}}\n", "must name the same resources (cpu)"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: FGD, descheduler: {lowNodeUtilization: {thresholds: {cpu: 60}, " +
           "targetThresholds: {cpu: 50}}}}\n", "the threshold of cpu is above its target"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: FGD, autoscaler: {groups: []}}\n", "autoscaler.groups: names no group"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: FGD, autoscaler: {groups: [{name: g, min: 3, max: 2, cpu: 1, memory: 1Gi}]}}\n",
       "autoscaler.groups[0].max: is below min"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: FGD, autoscaler: {expander: price, groups: [{name: g, cpu: 1, memory: 1Gi}]}}\n",
       "autoscaler.expander: \"price\" is not one of"},
      {kHead + kSeed + kTimedTrace + "policies:\n  - {name: a, policy: Flow, preemption: true}\n", "go with neither"},
      {kHead + kSeed + "policies: [Flow]\n" + kGangTrace, "gangs cannot be placed by a flow"},
      {kHead + kSeed + "policies: [FCFS]\n" + kGangTrace, "is of pods, policy \"FCFS\" is for batch jobs"},
      {kHead + kSeed + "policies: [FGD]\ntraces: [{format: swf, file: log.swf, processors: 3, gangs: {nodes: [{cpu: 4, memory: 1Gi}]}}]\n",
       "traces[0].processors: is what `gangs` makes of its nodes"},
      {kHead + kSeed + "policies: [FGD]\ntraces: [{format: swf, file: log.swf, gangs: {cpu: 2, nodes: [{cpu: 1, memory: 1Gi}]}}]\n",
       "traces[0].gangs.nodes: none is large enough for one pod"},
      {"kind: Bench\n", "bench.yaml:1: the key \"apiVersion\" is missing"},
      {"apiVersion: [\n", "not YAML"}};
  for (const auto& row : kRows) {
    CAPTURE(row.bench);
    const std::string error = error_of(d, row.bench);
    CAPTURE(error);
    CHECK(error.find(row.error) != error.npos);
  }
  const std::string error = error_of(d, kHead + "seeds: 42\npolicies: [FGD]\n" + kOrderTrace, {{"sed", "1"}});
  CHECK(error.find("--set: \"sed\" is not a parameter of the file") != error.npos);
}

TEST_CASE("what is wrong with a trace") {
  const std::string timed = kHead + "seeds: 1\npolicies: [FGD]\n" + kTimedTrace;
  const std::string orders = kHead + "seeds: 42\npolicies: [FGD]\n" + kOrderTrace;
  const std::string swf = kHead + "seeds: 1\npolicies: [FCFS]\ntraces: [{format: swf, file: log.swf}]\n";
  const std::string batsim = kHead + "seeds: 1\npolicies: [FCFS]\ntraces: [{format: batsim, file: jobs.json}]\n";
  const std::string pods = Directory::kPods;
  const std::string order_head = std::string(Directory::kOrders).substr(0, std::string(Directory::kOrders).find('\n') + 1);
  const struct { std::string bench; const char* file; std::string text, error; } kRows[] = {
      {timed, "pods.csv", pods + "p-2,1000,1024,1\n", "pods.csv:4: has 4 values where the header names 11"},
      {timed, "pods.csv", pods + "p-2,1k,1024,1,500,,LS,Running,0,5,0\n", "pods.csv:4: cpu_milli: \"1k\" is not a whole number"},
      {timed, "pods.csv", pods + "p-2,-5,1024,1,500,,LS,Running,0,5,0\n", "pods.csv:4: cpu_milli: -5 is out of range"},
      {timed, "pods.csv", pods + "p-2,1000,1024,1,500,,LS,Running,10,20,30\n", "pods.csv:4: deletion_time: the duration is negative (-10 s"},
      {timed, "pods.csv", pods + "p-2,1000,1024,1,500,,LS,Running,10,5,\n", "pods.csv:4: deletion_time: the pod is deleted before it is created"},
      {timed, "pods.csv", pods + "p-2,1000,1024,1,500,,LS,Running,10,20,5\n", "pods.csv:4: scheduled_time: the pod is scheduled before"},
      {timed, "pods.csv", pods + "p-1,1000,1024,1,500,,LS,Running,10,20,15\n", "pods.csv:4: name: \"p-1\" is there twice"},
      {timed, "pods.csv", pods + "p-2,1000,1024,1,0,,LS,Running,10,20,15\n", "pods.csv:4: gpu_milli: a pod with GPUs must ask for a part"},
      {timed, "pods.csv", pods + "p-2,1000,99999999999999999999,1,1,,LS,Running,10,20,15\n", "pods.csv:4: memory_mib: 99999999999999999999 is out of range"},
      {timed, "pods.csv", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1,1,0,0\n", "pods.csv:1: the header lacks the column \"pod_phase\""},
      {timed, "pods.csv", "", "pods.csv:1: the header lacks"},
      {timed, "pods.csv", pods.substr(0, pods.find('\n') + 1), "has a header but no rows"},
      {timed, "pods.csv", pods + "\"p,2\",1,1,0,0,,LS,Running,0,1,0\n", "pods.csv:4: quotes are not understood"},
      {timed, "nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn,1,1,65,T4\n", "nodes.csv:2: gpu: 65 is out of range (0 to 64)"},
      {orders, "nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\nn,1,1,0,\nm,1,1,0,\n", "no node has a GPU"},
      {orders, "orders.csv", order_head + "42,3,1 0 2,1 0\n", "orders.csv:2: pod_order_as_index_into_name_sorted_pod_list: index 2 is beyond"},
      {orders, "orders.csv", order_head + "42,2,1 0 1,1 0\n", "orders.csv:2: n_pods: the row lists 3 pods"},
      {orders, "orders.csv", order_head + "42,3,1 0 1,1 1\n", "node 1 is there twice"},
      {orders, "orders.csv", order_head + "42,3,1 0 1,1\n", "lists 1 of 2 nodes"},
      {orders, "orders.csv", order_head + "42,3,1 x 1,1 0\n", "\"x\" is not an index"},
      {swf, "log.swf", "; MaxProcs: 4\n1 0 0 10 2\n", "log.swf:2: has 5 fields, 18 are wanted"},
      {swf, "log.swf", "; MaxProcs: 4\n1 0 0 -7 2 -1 -1 2 20 -1 1 1 1 1 1 1 -1 -1\n", "log.swf:2: run time: -7 is negative"},
      {swf, "log.swf", "; MaxProcs: 4\n1 0 0 x 2 -1 -1 2 20 -1 1 1 1 1 1 1 -1 -1\n", "log.swf:2: run time: \"x\" is not a number"},
      {swf, "log.swf", "1 0 0 10 2 -1 -1 2 20 -1 1 1 1 1 1 1 -1 -1\n", "log.swf: no comment \"; MaxProcs: N\""},
      {swf, "log.swf", "; MaxProcs: 4\n", "has no job with a run time"},
      {batsim, "jobs.json", "{", "jobs.json:1: not YAML"},
      {batsim, "jobs.json", R"({"nb_res": 0, "jobs": [], "profiles": {}})", "jobs.json:1: nb_res: 0 is out of range"},
      {batsim, "jobs.json", R"({"nb_res": 4, "jobs": [{"id": 1, "subtime": -1, "res": 1, "profile": "d"}], "profiles": {"d": {"type": "delay", "delay": 1}}})",
       "jobs.json:1: jobs[0].subtime: -1 is out of range"},
      {batsim, "jobs.json", R"({"nb_res": 4, "jobs": [{"id": 1, "subtime": 1, "res": 1, "profile": "e"}], "profiles": {"d": {"type": "delay", "delay": 1}}})",
       "jobs.json:1: jobs[0].profile: \"e\" is not among the profiles"},
      {batsim, "jobs.json", R"({"nb_res": 4, "jobs": [{"id": 1, "subtime": 1, "res": 1, "profile": "d"}], "profiles": {"d": {"type": "parallel", "cpu": 1}}})",
       "jobs.json:1: profiles.d.type: \"parallel\" depends on a platform"},
      {batsim, "jobs.json", R"({"nb_res": 4, "jobs": [{"id": 1, "subtime": 1, "res": 1, "profile": "d"}], "profiles": {"d": {"type": "composed", "seq": ["d"]}}})",
       "jobs.json:1: profiles.d.seq[0]: profiles are composed of themselves"}};
  for (const auto& row : kRows) {
    const Directory d;
    d.write(row.file, row.text);
    CAPTURE(row.text);
    const std::string error = error_of(d, row.bench);
    CAPTURE(error);
    CHECK(error.find(row.error) != error.npos);
  }
}

TEST_CASE("operations, windows and modes that are wrong") {
  const std::string head = kHead + "seeds: 1\npolicies: [Default]\n";
  const std::string templates =
      "templates:\n  pod: {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}\n"
      "  node: {apiVersion: v1, kind: Node, metadata: {name: n}, status: {capacity: {cpu: 4, memory: 1Gi, pods: 10}}}\n";
  const auto operations = [&](const std::string& list) { return head + templates + "traces:\n  - {format: operations, name: t, operations: [" + list + "]}\n"; };
  const std::string cluster = "cluster: {masters: {count: 1}}\n";
  const std::string whole = "apiVersion: orrery/v1\nkind: Bench\nmode: whole-cluster\nseeds: 1\n";
  const struct { std::string bench, error; } kRows[] = {
      {operations("{create: node, count: 2}, {create: pod, count: 3, measured: true}"), ""},
      {operations("{create: pood, measured: true}"), "\"pood\" is not a template of the file (node, pod)"},
      {operations("{create: node}"), "creates no pods with `measured: true`"},
      {operations("{create: pod, count: -1, measured: true}"), "operations[0].count: -1 is out of range"},
      {operations("{create: pod, measured: true, label: x}"), "\"label\""},
      {operations("{churn: [pod], every: 0s}, {create: pod, measured: true}"), "every: must be above 0"},
      {operations("{create: pod, volume: node, claim: pod, measured: true}"), "template \"node\" is a Node; a PersistentVolume is wanted"},
      {kHead + "seeds: 1\npolicies: [FGD]\n" + templates + "traces:\n  - {format: operations, name: t, operations: [{create: pod, measured: true}]}\n",
       "policy \"FGD\" wants typical pods"},
      {kHead + "seeds: 1\npolicies: [{name: p, policy: Default, backfill: none}]\n" + templates +
           "traces:\n  - {format: operations, name: t, operations: [{create: pod, measured: true}]}\n",
       "policy \"p\" acts in timed runs"},
      {whole + cluster + "policies: [{name: p, policy: Default, backfill: none}]\n" + kTimedTrace, ""},
      {head + "traces:\n  - {format: openb, nodes: nodes.csv, pods: pods.csv, arrivals: {recorded: {window: 6h}}}\n", "\"6h\" is no window"},
      {head + "traces:\n  - {format: openb, nodes: nodes.csv, pods: pods.csv, arrivals: {recorded: {window: busiest 20s}}}\n", ""},
      {head + cluster + kTimedTrace, "cluster: needs mode: whole-cluster"},
      {whole + "policies: [Default]\n" + kTimedTrace, "cluster"},
      {whole + cluster + "policies: [Flow, DRF]\n" + kTimedTrace, ""},
      {kHead + "seeds: 1\npolicies: [{name: p, policy: Default, coscheduling: {podGroupBackoffSeconds: 5}}]\n" + kTimedTrace, "policy \"p\": `coscheduling` is the scheduler's of a whole cluster"},
      {whole + cluster + "policies: [{name: p, policy: Default, coscheduling: {podGroupBackoffSeconds: x}}]\n" + kTimedTrace, "podGroupBackoffSeconds"},
      {whole + cluster + "policies: [Default]\n" + kOrderTrace, "has no pods with times"},
      {whole + cluster + "policies: [EASY]\ntraces: [{format: swf, file: log.swf}]\n", "has processors; in a whole cluster `gangs` says"},
      {whole + cluster + "nodes: machines\npolicies: [Default]\n" + kTimedTrace, "nodes: \"machines\""},
      {head + "nodes: kubelets\n" + kTimedTrace, "nodes: needs mode: whole-cluster"},
      {head + "only: pods\n" + kTimedTrace, ""},
      {head + "only: pods,others\n" + kTimedTrace, "only: \"others\" is no trace of the file (pods; or all)"},
      {whole + cluster + templates + "timeline: [{at: 1s, fault: {kind: machine, action: power-off, target: node/nowhere}}]\npolicies: [Default]\n" +
           "traces:\n  - {format: operations, name: t, operations: [{create: pod, measured: true}]}\n",
       "nowhere"},
      {"apiVersion: orrery/v1\nkind: Bench\nparameters: {m: {value: placement-only}}\nmode: ${m}\nseeds: 1\npolicies: [Default]\n" + cluster + kTimedTrace, ""},
      {whole + "cluster: {masters: {count: 1}, nodes: []}\npolicies: [Default]\n" + kTimedTrace, "a bench takes its nodes from the trace"},
      {whole + cluster + "timeline: [{at: 1s, fault: {kind: machine, action: power-off, target: node/nowhere}}]\npolicies: [Default]\n" + kTimedTrace, "nowhere"}};
  for (const auto& row : kRows) {
    const Directory d;
    CAPTURE(row.bench);
    const std::string error = error_of(d, row.bench);
    CAPTURE(error);
    CHECK((row.error.empty() ? error.empty() : error.find(row.error) != error.npos));
  }
}
