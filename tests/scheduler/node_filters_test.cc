// The small filters against upstream's own tables: plugins/nodeports/node_ports_test.go (TestNodePorts, TestFits, TestGetContainerPorts),
// plugins/nodename/node_name_test.go, plugins/nodeunschedulable/node_unschedulable_test.go; and single-node cases of
// plugins/interpodaffinity/filtering_test.go (TestRequiredAffinitySingleNode).
#include <doctest/doctest.h>

#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct PortRow {
  const char* upstream;
  const char* pod;       // "PROTOCOL/IP/PORT ..."; "init:..." of an init container, "sidecar:..." of a sidecar
  const char* placed;
  const char* expected;
};

constexpr const char* kTaken = "Unschedulable: node(s) didn't have free ports for the requested pod ports";

const PortRow kPortRows[] = {
    {"skip filter", "", "", "skip"},
    {"other port", "UDP/127.0.0.1/8080", "UDP/127.0.0.1/9090", "ok"},
    {"same udp port", "UDP/127.0.0.1/8080", "UDP/127.0.0.1/8080", kTaken},
    {"same tcp port", "TCP/127.0.0.1/8080", "TCP/127.0.0.1/8080", kTaken},
    {"different host ip", "TCP/127.0.0.1/8080", "TCP/127.0.0.2/8080", "ok"},
    {"different protocol", "UDP/127.0.0.1/8080", "TCP/127.0.0.1/8080", "ok"},
    {"second udp port conflict", "UDP/127.0.0.1/8000 UDP/127.0.0.1/8080", "UDP/127.0.0.1/8080", kTaken},
    {"first tcp port conflict", "TCP/127.0.0.1/8001 UDP/127.0.0.1/8080", "TCP/127.0.0.1/8001 UDP/127.0.0.1/8081", kTaken},
    {"first tcp port conflict due to 0.0.0.0 hostIP", "TCP/0.0.0.0/8001", "TCP/127.0.0.1/8001", kTaken},
    {"TCP hostPort conflict due to 0.0.0.0 hostIP", "TCP/10.0.10.10/8001 TCP/0.0.0.0/8001", "TCP/127.0.0.1/8001", kTaken},
    {"second tcp port conflict to 0.0.0.0 hostIP", "TCP/127.0.0.1/8001", "TCP/0.0.0.0/8001", kTaken},
    {"second different protocol", "UDP/127.0.0.1/8001", "TCP/0.0.0.0/8001", "ok"},
    {"UDP hostPort conflict due to 0.0.0.0 hostIP", "UDP/127.0.0.1/8001", "TCP/0.0.0.0/8001 UDP/0.0.0.0/8001", kTaken},
    {"non-sidecar initContainer using hostPort", "init:TCP//8001", "TCP/0.0.0.0/8001", "skip"},
    {"TCP hostPort conflict from sidecar initContainer", "sidecar:TCP//8001", "TCP/0.0.0.0/8001", kTaken},
    {"non-conflicting ports", "TCP/127.0.0.1/80", "TCP/127.0.0.1/9090", "ok"},
    {"multiple non-conflicting ports", "TCP/127.0.0.1/80 TCP/127.0.1.1/80 TCP/127.0.1.1/90 TCP/127.0.1.1/100",
     "TCP/127.0.0.1/9090 TCP/127.0.0.1/9191 TCP/127.0.1.1/8080", "ok"},
    {"same ports on different protocols", "TCP/127.0.0.1/80", "UDP/127.0.0.1/80", "ok"},
    {"conflicting ports", "TCP/127.0.0.1/80", "TCP/127.0.0.1/80", kTaken},
    {"multiple ports, some conflicting", "TCP/127.0.0.1/80 TCP/127.0.1.1/80 TCP/127.0.1.1/90 TCP/127.0.1.1/100",
     "TCP/127.0.0.1/9090 TCP/127.0.1.1/90 TCP/127.0.1.1/8080", kTaken},
    // TestHostPortInfo_Check (framework/types_test.go)
    {"empty check should check 0.0.0.0 and TCP", "//81", "TCP/127.0.0.1/80", "ok"},
    {"empty check should check 0.0.0.0 and TCP (conflicted)", "//80", "TCP/127.0.0.1/80", kTaken},
    {"empty port check should pass", "//0", "TCP/127.0.0.1/80", "skip"},
    {"0.0.0.0 should check all registered IPs", "TCP/0.0.0.0/80", "TCP/127.0.0.1/80", kTaken},
    {"0.0.0.0 with different protocol should be allowed", "TCP/0.0.0.0/80", "UDP/127.0.0.1/80", "ok"},
    {"0.0.0.0 with different port should be allowed", "TCP/0.0.0.0/80", "TCP/127.0.0.1/79 TCP/127.0.0.1/81 TCP/127.0.0.1/82", "ok"},
    {"normal ip should check all registered 0.0.0.0", "TCP/127.0.0.1/80", "TCP/0.0.0.0/80", kTaken},
    {"normal ip with different port/protocol should be allowed (0.0.0.0)", "TCP/127.0.0.1/80",
     "TCP/0.0.0.0/79 UDP/0.0.0.0/80 TCP/0.0.0.0/81 TCP/0.0.0.0/82", "ok"},
    {"normal ip with different port/protocol should be allowed", "TCP/127.0.0.1/80",
     "TCP/127.0.0.1/79 UDP/127.0.0.1/80 TCP/127.0.0.1/81 TCP/127.0.0.1/82", "ok"},
};

api::Pod pod_with_ports(std::string_view text) {
  api::Pod pod;
  api::Container plain;
  for (std::string word : parts(text, ' ')) {
    const bool init = word.starts_with("init:");
    const bool sidecar = word.starts_with("sidecar:");
    if (init || sidecar) word = word.substr(word.find(':') + 1);
    const std::vector<std::string> fields = parts(word, '/');
    api::ContainerPort port;
    port.protocol = fields[0];
    port.host_ip = fields[1];
    port.host_port = std::stoi(fields[2]);
    if (!init && !sidecar) {
      plain.ports.push_back(port);
      continue;
    }
    api::Container c;
    c.ports.push_back(port);
    if (sidecar) c.restart_policy = Str("Always");
    pod.spec.edit().init_containers.push_back(std::move(c));
  }
  pod.spec.edit().containers.push_back(std::move(plain));
  return pod;
}

struct YamlRow {
  const char* upstream;
  const char* pod;
  const char* node;
  const char* expected;
};

const YamlRow kNames[] = {
    {"no host specified", "{}", "{}", "ok"},
    {"host matches", "{spec: {nodeName: foo}}", "{metadata: {name: foo}}", "ok"},
    {"host doesn't match", "{spec: {nodeName: bar}}", "{metadata: {name: foo}}",
     "UnschedulableAndUnresolvable: node(s) didn't match the requested node name"},
};

const YamlRow kUnschedulable[] = {
    {"Does not schedule pod to unschedulable node (node.Spec.Unschedulable==true)", "{}", "{spec: {unschedulable: true}}",
     "UnschedulableAndUnresolvable: node(s) were unschedulable"},
    {"Schedule pod to normal node", "{}", "{spec: {unschedulable: false}}", "ok"},
    {"Schedule pod with toleration to unschedulable node (node.Spec.Unschedulable==true)",
     "{spec: {tolerations: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule}]}}", "{spec: {unschedulable: true}}", "ok"},
};

#define SERVICE(op, values) "{topologyKey: region, labelSelector: {matchExpressions: [{key: service, operator: " op values "}]}}"
#define IN(values) ", values: [" values "]"
#define AT(key, op, values) "{topologyKey: " key ", labelSelector: {matchExpressions: [{key: service, operator: " op values "}]}}"

struct RequiredRow {
  const char* upstream;
  const char* labels;         // of the incoming pod
  const char* affinity;       // required terms
  const char* anti_affinity;
  const char* placed;         // "LABELS; anti-affinity terms; NAMESPACE", "" for none
  const char* expected;
};

constexpr const char* kScan = "{service: securityscan}";
constexpr const char* kS1 = "{security: S1}";
constexpr const char* kApart = "UnschedulableAndUnresolvable: node(s) didn't match pod affinity rules";
constexpr const char* kAway = "Unschedulable: node(s) didn't match pod anti-affinity rules";
constexpr const char* kKeptAway = "Unschedulable: node(s) didn't satisfy existing pods anti-affinity rules";

const RequiredRow kRequiredRows[] = {
    {"A pod that has no required pod affinity scheduling rules can schedule onto a node with no existing pods", "{}", "", "", "", "skip"},
    {"satisfies with requiredDuringSchedulingIgnoredDuringExecution in PodAffinity using In operator that matches the existing pod", kS1,
     SERVICE("In", IN("securityscan, value2")), "", kScan, "ok"},
    {"satisfies the pod with requiredDuringSchedulingIgnoredDuringExecution in PodAffinity using not in operator in labelSelector that "
     "matches the existing pod", kS1, SERVICE("NotIn", IN("securityscan3, value3")), "", kScan, "ok"},
    {"Doesn't satisfy the PodAffinity because of unmatching labelSelector with the existing pod", kScan,
     SERVICE("In", IN("antivirusscan, value2")), "", kScan, kApart},
    {"satisfies the PodAffinity with different label Operators in multiple RequiredDuringSchedulingIgnoredDuringExecution", kS1,
     SERVICE("Exists", "") ", " SERVICE("In", IN("securityscan")), "", kScan, "ok"},
    {"The labelSelector requirements(items of matchExpressions) are ANDed, the pod cannot schedule onto the node because one of the "
     "matchExpression item don't match.", kS1, SERVICE("Exists", "") ", " SERVICE("In", IN("securityscan2")), "", kScan, kApart},
    {"satisfies the PodAffinity and PodAntiAffinity with the existing pod", kS1, SERVICE("In", IN("securityscan, value2")),
     AT("node", "In", IN("antivirusscan, value2")), kScan, "ok"},
    {"satisfies the PodAffinity and PodAntiAffinity and PodAntiAffinity symmetry with the existing pod", kS1,
     SERVICE("In", IN("securityscan, value2")), AT("node", "In", IN("antivirusscan, value2")),
     "{service: securityscan}; " AT("node", "In", IN("antivirusscan, value2")), "ok"},
    {"satisfies the PodAffinity but doesn't satisfy the PodAntiAffinity with the existing pod", kS1, SERVICE("In", IN("securityscan, value2")),
     AT("zone", "In", IN("securityscan, value2")), kScan, kAway},
    {"satisfies the PodAffinity and PodAntiAffinity but doesn't satisfy PodAntiAffinity symmetry with the existing pod", kScan,
     SERVICE("In", IN("securityscan, value2")), AT("node", "In", IN("antivirusscan, value2")),
     "{service: securityscan}; " AT("zone", "In", IN("securityscan, value2")),
     kKeptAway},
    {"pod matches its own Label in PodAffinity and that matches the existing pod Labels", kScan, SERVICE("NotIn", IN("securityscan, value2")),
     "", "", kApart},
    {"verify that PodAntiAffinity from existing pod is respected when pod has no AntiAffinity constraints. doesn't satisfy PodAntiAffinity "
     "symmetry with the existing pod", kScan, "", "",
     "{service: securityscan}; " AT("zone", "In", IN("securityscan, value2")),
     kKeptAway},
    {"verify that PodAntiAffinity from existing pod is respected when pod has no AntiAffinity constraints. satisfy PodAntiAffinity symmetry "
     "with the existing pod", kScan, "", "",
     "{service: securityscan}; " AT("zone", "NotIn", IN("securityscan, value2")),
     "skip"},
    {"satisfies the PodAntiAffinity with existing pod but doesn't satisfy PodAntiAffinity symmetry with incoming pod", kScan, "",
     AT("region", "Exists", "") ", {topologyKey: region, labelSelector: {matchExpressions: [{key: security, operator: Exists}]}}",
     "{security: S1}; {topologyKey: zone, labelSelector: {matchExpressions: [{key: security, operator: Exists}]}}", kAway},
};

api::Pod pod_with_terms(std::string_view labels, std::string_view affinity, std::string_view anti) {
  constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
  return from_yaml<api::Pod>(base::cat("{metadata: {namespace: default, labels: ", labels, "}, spec: {affinity: {podAffinity: {", kRequired, ": [",
                                       affinity, "]}, podAntiAffinity: {", kRequired, ": [", anti, "]}}}}"));
}

}  // namespace

TEST_CASE("NodePorts: TestNodePorts, TestFits") {
  for (const PortRow& row : kPortRows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.node({});
    world.place(pod_with_ports(row.placed), "node1");
    CHECK(world.verdicts("NodePorts", world.pod(pod_with_ports(row.pod))) == row.expected);
  }
}

TEST_CASE("NodePorts: TestGetContainerPorts") {   // case_0
  PluginWorld world;
  const auto ports_of = [&](const char* text) {
    const PodInfoRef pod = world.pod(pod_with_ports(text));
    std::string out;
    for (const HostPort& port : pod->ports) {
      out += base::cat(out.empty() ? "" : " ", port.protocol, "/", port.ip, "/", std::to_string(port.port));
    }
    return out;
  };
  CHECK(ports_of("TCP//8001 TCP//8002 TCP//8003 TCP//8004 TCP//0") == "TCP//8001 TCP//8002 TCP//8003 TCP//8004");
  CHECK(ports_of("TCP//8011 TCP//8012 TCP//8013 TCP//8014 TCP//0") == "TCP//8011 TCP//8012 TCP//8013 TCP//8014");
}

TEST_CASE("NodeName and NodeUnschedulable") {
  const auto check = [](const YamlRow& row, std::string_view plugin) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.node(from_yaml<api::Node>(row.node));
    CHECK(world.verdicts(plugin, world.pod(from_yaml<api::Pod>(row.pod))) == row.expected);
  };
  for (const YamlRow& row : kNames) check(row, "NodeName");
  for (const YamlRow& row : kUnschedulable) check(row, "NodeUnschedulable");
}

TEST_CASE("InterPodAffinity: TestRequiredAffinitySingleNode") {
  for (const RequiredRow& row : kRequiredRows) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    world.node(from_yaml<api::Node>("{metadata: {labels: {region: r1, zone: z11}}}"));
    const std::vector<std::string> placed = parts(row.placed, ';');
    if (!placed.empty()) world.place(pod_with_terms(placed[0], "", placed.size() > 1 ? placed[1] : ""), "node1");
    CHECK(world.verdicts("InterPodAffinity", world.pod(pod_with_terms(row.labels, row.affinity, row.anti_affinity))) == row.expected);
  }
}
