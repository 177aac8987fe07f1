// Every way to get a scenario file wrong: one line that names file, line and what is wrong, and nothing is run.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "scenarios/load/input_error.h"
#include "scenarios/load/loader.h"
#include "tests/scenarios/fixture.h"

namespace {

using orrery::scenarios::InputError;
using orrery::scenarios_test::TemporaryFile;
using orrery::scenarios::load_scenario;

constexpr const char* kGood = R"(apiVersion: orrery/v1
kind: Scenario
about: a good one
until: 5m
cluster:
  version: "1.33"
  apiAccess: {mode: load-balancer, healthCheck: 5s}
  masters: {count: 3, zones: [a, b, c], cpu: 4, memory: 16Gi}
  nodes:
  - {group: worker, count: 4, zones: [a, b], cpu: 8, memory: 32Gi, labels: {disk: ssd}}
  network: {sameZone: 250us, crossZone: 1ms}
  images: {size: 120Mi, registryBandwidth: 1Gbps}
workloads:
- namespace: shop
  manifest:
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: cart}
    spec:
      replicas: 2
      selector: {matchLabels: {app: cart}}
      template:
        metadata: {labels: {app: cart}}
        spec:
          containers:
          - {name: server, image: "cart:v1"}
  scale: {"deployment/*": 3}
  behaviour:
    "deployment/*": {kind: service, ready: 3s}
- namespace: shop
  manifest:
    apiVersion: v1
    kind: Service
    metadata: {name: cart}
    spec: {selector: {app: cart}, ports: [{port: 80}]}
clients:
- {name: writer, kind: write-configmaps, rate: 20/s, via: all}
- {name: shopper, kind: http, service: shop/cart, rate: 5/s}
timeline:
- at: 60s
  scale: {object: shop/deployment/cart, replicas: 4}
- at: 70s
  fault: {kind: machine, action: power-off, target: master/1, as: victim}
- every: 10s
  from: 80s
  until: 100s
  fault: {kind: network, action: delay, target: "zone/a -> zone/b", latency: 20ms, duration: 5s}
- when: {event: update, kind: Deployment, name: shop/cart, field: spec.replicas, nth: 1}
  fault: {kind: process, action: kill, target: etcd/2}
expect:
  invariants: all
  converge:
  - {what: rollout-complete, object: shop/deployment/cart, after: 60s, within: 60s}
  always:
  - {metric: ready_endpoints, service: "shop/*", min: 1, from: 50s}
  final:
  - {metric: acknowledged_writes_lost, equals: 0}
  - {object: shop/deployment/cart, condition: Available}
)";

struct Row {
  const char* find;      ///< text of the good scenario
  const char* replace;
  const char* says;      ///< part of the message
};

constexpr Row kRows[] = {
    // The file itself.
    {"apiVersion: orrery/v1\n", "apiVersion: orrery/v2\n", "must be orrery/v1"},
    {"apiVersion: orrery/v1\n", "", "the key \"apiVersion\" is missing"},
    {"kind: Scenario", "kind: Scene", "must be Scenario"},
    {"about: a good one", "abuot: typo", "unknown key \"abuot\""},
    {"until: 5m", "until: 5", "is not a duration"},
    {"until: 5m", "until: 5 parsecs", "is not a duration"},
    {"until: 5m", "until: 10ms", "must be at least 1s"},
    {"until: 5m", "until: 20000h", "longer than 400 days"},
    {"until: 5m", "until: 5m\nuntil: 6m", "duplicate key"},
    {"about: a good one", "epoch: yesterday", "is not a time"},
    {"about: a good one", "about: [", "not YAML"},
    {"about: a good one", "\"about\\nthis\": a good one", "unknown key \"about\\nthis\""},
    {"about: a good one", "about: &a [*a]", "an anchor within itself?"},
    {"about: a good one", "[about]: a good one", "a key must be a text"},
    {"about: a good one", "about: a good one\n---\nabout: another", "only one document is wanted"},
    {"about: a good one", "plant: no-such-bug", "is not a planted bug"},
    // cluster
    {"cluster:\n", "cluster:\n  mastres: 3\n", "unknown key \"mastres\""},
    {"version: \"1.33\"", "version: \"1.20\"", "is not modelled"},
    {"mode: load-balancer", "mode: anycast", "is not one of load-balancer, client-list"},
    {"healthCheck: 5s", "healthCheck: 1ms", "must be at least 100ms"},
    {"masters: {count: 3", "masters: {count: 0", "out of range"},
    {"masters: {count: 3", "masters: {count: 2", "use an odd number"},
    {"masters: {count: 3", "masters: {count: three", "is not a whole number"},
    {"masters: {count: 3, zones: [a, b, c]", "masters: {count: 3, zones: []", "at least one zone"},
    {"masters: {count: 3, zones: [a, b, c]", "masters: {count: 3, zones: [A_1]", "is not a valid zone"},
    {"zones: [a, b, c], cpu: 4", "zones: [a, b, c], cpu: 10m", "at least 100m of cpu"},
    {"cpu: 4, memory: 16Gi", "cpu: 4, memory: 16Gx", "is not a quantity"},
    {"cpu: 4, memory: 16Gi", "cpu: 4, memory: -1Gi", "is negative"},
    {"cpu: 4, memory: 16Gi", "cpu: 4, memory: 1Mi", "at least 64Mi of memory"},
    {"cpu: 4, memory: 16Gi", "cpu: 4, disk: 1Mi", "at least 1Gi of disk"},
    {"group: worker", "group: Worker_1", "is not a valid group name"},
    {"group: worker, count: 4", "group: worker, count: -4", "out of range"},
    {"group: worker, count: 4", "group: master, count: 4", "exists already"},
    {"labels: {disk: ssd}", "labels: {\"-bad-\": ssd}", "is not a label key"},
    {"labels: {disk: ssd}", "labels: {disk: \"a b\"}", "is not a label value"},
    {"labels: {disk: ssd}", "taints: [{key: a, effect: Maybe}]", "is not one of NoSchedule"},
    {"labels: {disk: ssd}", "taints: [{effect: NoSchedule}]", "the key \"key\" is missing"},
    {"labels: {disk: ssd}", "pods: 0", "out of range"},
    {"sameZone: 250us", "sameZone: 10ns", "below 1us"},
    {"crossZone: 1ms", "crossZone: 100us", "shorter than sameZone"},
    {"registryBandwidth: 1Gbps", "registryBandwidth: 1GB", "is not a bandwidth"},
    {"images: {size: 120Mi, registryBandwidth: 1Gbps}", "images: absent", "is not one of present"},
    {"network: {sameZone: 250us, crossZone: 1ms}", "components: {controllerQps: 0}", "out of range"},
    {"network: {sameZone: 250us, crossZone: 1ms}", "fencing: maybe", "is not one of on, off"},
    {"cpu: 4, memory: 16Gi}", "cpu: 4, diskSync: 5}", "is not a range of durations"},
    {"cpu: 4, memory: 16Gi}", "cpu: 4, diskSync: 5ms..1ms}", "the shorter one first"},
    {"cpu: 4, memory: 16Gi}", "cpu: 4, power: {idleWatts: 90, anyCoreWatts: 80, allCoresWatts: 200}}", "draws no less"},
    {"cpu: 4, memory: 16Gi}", "cpu: 4, power: {idleWatts: 90}}", "the key \"anyCoreWatts\" is missing"},
    {"cpu: 4, memory: 16Gi}", "cpu: 4, cores: 3}", "unknown key \"cores\""},
    {"group: worker, count: 4", "count: 4", "the key \"group\" is missing"},
    {"group: worker, count: 4", "group: worker, cuont: 4", "unknown key \"cuont\""},
    {"network: {sameZone: 250us", "network: {sameRack: 1us, sameZone: 250us", "unknown key \"sameRack\""},
    {"images: {size: 120Mi", "images: {sise: 120Mi", "unknown key \"sise\""},
    {"apiAccess: {mode: load-balancer", "apiAccess: {moed: load-balancer", "unknown key \"moed\""},
    {"apiAccess: {mode: load-balancer, healthCheck: 5s}", "apiAccess: [load-balancer]", "must be a map with the keys mode, healthCheck"},
    {"network: {sameZone: 250us, crossZone: 1ms}", "components: {qps: 1}", "unknown key \"qps\""},
    {"network: {sameZone: 250us, crossZone: 1ms}", "components: {snapshotCount: 1}", "out of range"},
    {"network: {sameZone: 250us, crossZone: 1ms}", "encodeEveryHop: perhaps", "is not true or false"},
    {"cluster:\n  version", "clutser:\n  version", "unknown key \"clutser\""},
    {"nodes:\n  - {group: worker", "nodes:\n    first: {group: worker", "must be a list, not a map"},
    {"workloads:\n", "workloads:\n- {}\n", "exactly one of manifest, file"},
    // workloads
    {"kind: Deployment\n", "kind: Deploymint\n", "no matches for kind \"Deploymint\" in version \"apps/v1\""},
    {"apiVersion: apps/v1\n", "apiVersion: extensions/v1beta1\n", "no matches for kind \"Deployment\" in version"},
    {"      replicas: 2", "      replicsa: 2", "unknown field \"spec.replicsa\""},
    {"      replicas: 2", "      replicas: two", "replicas"},
    {"      replicas: 2", "      replicas: -2", "must be greater than or equal to 0"},
    {"metadata: {labels: {app: cart}}", "metadata: {labels: {app: other}}", "`selector` does not match template `labels`"},
    {"- {name: server, image: \"cart:v1\"}", "- {name: server}", "Required value"},
    {"- {name: server, image: \"cart:v1\"}", "- {name: Server!, image: x}", "RFC 1123 label"},
    {"metadata: {name: cart}\n    spec:\n      replicas", "metadata: {name: Cart}\n    spec:\n      replicas", "RFC 1123 subdomain"},
    {"ports: [{port: 80}]", "ports: [{port: 70000}]", "must be between 1 and 65535"},
    {"  manifest:\n    apiVersion: v1", "  file: x.yaml\n  manifest:\n    apiVersion: v1", "exactly one of manifest, file"},
    {"- namespace: shop\n  manifest:\n    apiVersion: v1\n    kind: Service\n    metadata: {name: cart}\n    spec: {selector: {app: cart}, ports: [{port: 80}]}",
     "- file: no-such-file.yaml", "no such file"},
    {"scale: {\"deployment/*\": 3}", "scale: {\"deployment/other\": 3}", "matches no object"},
    {"scale: {\"deployment/*\": 3}", "scale: {\"deployment/*\": many}", "is not a whole number"},
    {"{kind: service, ready: 3s}", "{kind: servise, ready: 3s}", "is not a kind"},
    {"{kind: service, ready: 3s}", "{kind: service, redy: 3s}", "unknown key \"redy\""},
    {"{kind: service, ready: 3s}", "{kind: service, ready: soon}", "is not a duration"},
    {"{kind: service, ready: 3s}", "{kind: work}", "\"cpuSeconds\" is missing"},
    {"{kind: service, ready: 3s}", "{kind: memory-leak, perSecond: lots}", "is not an amount of memory"},
    {"- namespace: shop\n  manifest:\n    apiVersion: v1", "- namepsace: shop\n  manifest:\n    apiVersion: v1", "unknown key \"namepsace\""},
    {"    kind: Service\n    metadata: {name: cart}\n    spec: {selector: {app: cart}, ports: [{port: 80}]}",
     "    kind: ConfigMap\n    metadata: {name: cart}\n    data: {a: [1]}", "data"},
    {"metadata: {name: cart}\n    spec: {selector", "metadata: {name: cart, labels: {a: b c}}\n    spec: {selector", "valid label"},
    {"ports: [{port: 80}]", "ports: [{port: eighty}]", "port"},
    {"ports: [{port: 80}]", "type: Magic, ports: [{port: 80}]", "Unsupported value: \"Magic\""},
    {"ports: [{port: 80}]", "ports: [{port: 80}, {port: 81}]", "Required value"},
    {"    apiVersion: v1\n    kind: Service\n    metadata: {name: cart}\n    spec: {selector: {app: cart}, ports: [{port: 80}]}",
     "    apiVersion: v1\n    kind: List\n    items: [7]", "must be a manifest"},
    {"    apiVersion: v1\n    kind: Service\n    metadata: {name: cart}\n    spec: {selector: {app: cart}, ports: [{port: 80}]}",
     "    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: cart}\n    spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, "
     "spec: {containers: [{name: a, image: b}]}}}", "is among the workloads already"},
    {"- {name: server, image: \"cart:v1\"}", "- {name: server, image: \"cart:v1\", resources: {requests: {cpu: lots}}}", "cpu"},
    {"- {name: server, image: \"cart:v1\"}", "- {name: server, image: \"cart:v1\"}\n          - {name: server, image: \"cart:v1\"}", "Duplicate value"},
    {"scale: {\"deployment/*\": 3}", "scale: {\"deployment/*\": -3}", "out of range"},
    // clients
    {"rate: 20/s", "rate: 20", "is not a rate"},
    {"rate: 20/s", "rate: 0/s", "must be above 0"},
    {"kind: write-configmaps", "kind: write-secrets", "is not one of"},
    {"name: shopper", "name: writer", "exists already"},
    {"service: shop/cart", "service: shop/basket", "there is no Service"},
    {"service: shop/cart", "service: cart", "write namespace/name"},
    {"via: all", "via: some", "is not one of all, api"},
    {"rate: 20/s, via: all", "rate: 20/s, from: 2m, until: 1m", "ends before it begins"},
    {"service: shop/cart, rate", "service: shop/cart, port: 81, rate", "has no port 81"},
    {"service: shop/cart, rate", "service: shop/cart, via: api, rate", "is for clients of kind write-configmaps"},
    {"kind: write-configmaps, rate: 20/s", "kind: write-configmaps, service: shop/cart, rate: 20/s", "is for clients of kind http"},
    {"kind: write-configmaps, rate: 20/s", "kind: write-configmaps, rate: 20/s, burst: 5", "unknown key \"burst\""},
    {"{name: writer, kind", "{kind", "the key \"name\" is missing"},
    {"rate: 20/s, via: all", "inFlight: 0, via: all", "out of range"},
    {"rate: 20/s, via: all", "inFlight: 5, rate: 20/s, via: all", "does not go with inFlight"},
    {"rate: 20/s, via: all", "inFlight: 5, arrivals: regular, via: all", "does not go with inFlight"},
    {"rate: 5/s", "inFlight: 5", "is for clients of kind write-configmaps"},
    {"rate: 20/s, via: all", "rate: 20/s, via: all, arrivals: sometimes", "is not one of poisson, regular"},
    // timeline
    {"- at: 60s\n", "- at: 60s\n  every: 5s\n", "exactly one of at, every, when"},
    {"- at: 60s\n", "- at: 6m\n", "after the end of the scenario"},
    {"- every: 10s", "- every: 1us", "must be at least 1ms"},
    {"until: 100s", "until: 20s", "lies before from"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "from: 1s", "but not what happens"},
    {"object: shop/deployment/cart, replicas: 4", "object: shop/deploymint/cart, replicas: 4", "is not a kind of object"},
    {"object: shop/deployment/cart, replicas: 4", "object: cart, replicas: 4", "is not an object"},
    {"object: shop/deployment/cart, replicas: 4", "object: shop/service/cart, replicas: 4", "cannot be done to a Service"},
    {"object: shop/deployment/cart, replicas: 4", "object: shop/node/cart, replicas: 4", "has no namespace"},
    {"kind: machine, action: power-off", "kind: engine, action: power-off", "is not a kind of fault"},
    {"kind: machine, action: power-off", "kind: machine, action: explode", "is not one of"},
    {"target: master/1, as", "target: master/9, as", "there is no master \"9\""},
    {"target: master/1, as", "target: node/worker-77, as", "there is no node"},
    {"target: master/1, as", "target: rack/z-9, as", "there is no rack"},
    {"target: master/1, as", "target: moon/1, as", "is not a kind of target"},
    {"target: master/1, as", "target: master/leader-of(cron), as", "is not a role"},
    {"target: master/1, as", "target: etcd/1, as", "is a process, not a machine"},
    {"target: etcd/2", "target: master/2", "is a machine, not a process"},
    {"latency: 20ms, duration", "duration", "needs the key \"latency\""},
    {"zone/a -> zone/b", "zone/a ->", "is not a link"},
    {"event: update", "event: change", "is not one of create, update, delete"},
    {"field: spec.replicas, nth: 1", "value: \"3\"", "needs a field"},
    {"nth: 1", "nth: 0", "out of range"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "scale: {object: shop/deployment/cost, replicas: 4}", "there is no Deployment \"shop/cost\" among the workloads"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "scale: {object: shop/deployment/cart}", "the key \"replicas\" is missing"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "set-image: {object: shop/deployment/cart, container: web, image: x}", "is not a container of Deployment \"cart\""},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "patch: {object: shop/deployment/cart, patch: [1]}", "must be a map of fields"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "patch: {object: shop/deployment/cart, subresource: scale, patch: {}}", "is not one of status"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "patch: {object: shop/deployment/cart, subresuorce: status, patch: {}}", "unknown key \"subresuorce\""},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "apply: {dryRun: perhaps, manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}}", "is not true or false"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "apply: {dryrun: true, manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}}", "unknown key \"dryrun\""},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "drain: worker-9", "there is no node \"worker-9\""},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "taint: {node: worker-1, key: a, effect: Never}", "is not one of NoSchedule"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "apply: {file: nothing.yaml}", "no such file"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "delete: {object: shop/deployment/cart, gracePeriodSeconds: -1}", "out of range"},
    {"scale: {object: shop/deployment/cart, replicas: 4}", "restart: worker-1", "unknown key \"restart\""},
    {"target: master/1, as: victim", "traget: master/1, as: victim", "unknown key \"traget\""},
    {"target: master/1, as: victim", "as: victim", "the key \"target\" is missing"},
    {"target: master/1, as", "target: zone/q, as", "there is no zone \"q\""},
    {"target: etcd/2", "target: etcd/4", "there is no etcd \"4\""},
    {"target: etcd/2", "target: kubelet/nobody", "there is no node \"nobody\""},
    {"target: etcd/2", "target: apiserver/leader", "has no leader"},
    {"action: delay, target", "action: loss, percent: 101, target", "must be at most 100"},
    {"action: delay, target: \"zone/a -> zone/b\", latency: 20ms", "action: bandwidth, target: zone/a", "needs the key \"bandwidth\""},
    {"kind: process, action: kill", "kind: clock, action: drift", "needs the key \"driftPpm\""},
    {"kind: process, action: kill", "kind: process, action: kill-at", "needs the key \"effect\""},
    {"kind: process, action: kill", "kind: process, action: kill-at, effect: think", "is not one of"},
    {"kind: process, action: kill", "kind: process, action: kill-at, effect: sync, number: 0", "number"},
    {"kind: process, action: kill", "kind: disk, action: torn-tail", "is a process, not a machine"},
    {"images: {size: 120Mi", "cpuModel: quantum\n  images: {size: 120Mi", "is not one of"},
    {"kind: service, ready: 3s}", "kind: service, threads: 0}", "threads is not a whole number"},
    {"kind: Deployment, name: shop/cart", "kind: Deploymint, name: shop/cart", "is not a kind of object"},
    {"field: spec.replicas", "field: spec.replicsa", "is not a field of Deployment"},
    {"when: {event: update, kind", "when: {evnet: update, kind", "unknown key \"evnet\""},
    // expect
    {"invariants: all", "invariants: [X99]", "is not an invariant"},
    {"what: rollout-complete", "what: peace", "is not something to converge to"},
    {"what: rollout-complete, object: shop/deployment/cart", "what: rollout-complete", "needs the key \"object\""},
    {"after: 60s, within: 60s", "after: 60s, within: 60m", "ends after the end"},
    {"after: 60s, within: 60s", "after: 60s, within: 5s, notBefore: 6s", "lies after within"},
    {"metric: ready_endpoints", "metric: happiness", "is not a metric"},
    {"metric: ready_endpoints, service: \"shop/*\", min: 1", "metric: ready_endpoints, service: \"shop/*\"", "needs min, max or equals"},
    {"metric: ready_endpoints, service: \"shop/*\"", "metric: ready_endpoints", "needs the key \"service\""},
    {"service: \"shop/*\", min: 1", "service: \"mart/*\", min: 1", "no Service among the workloads"},
    {"min: 1, from: 50s", "min: 3, max: 2", "is above max"},
    {"metric: acknowledged_writes_lost, equals: 0", "metric: acknowledged_writes_lost, equals: none", "is not a number"},
    {"metric: acknowledged_writes_lost, equals: 0", "metric: http_failed, client: nobody, equals: 0", "there is no client"},
    {"- {metric: ready_endpoints, service: \"shop/*\", min: 1, from: 50s}", "- {metric: acknowledged_writes, min: 1}", "known at the end only"},
    {"expect:\n", "expect:\n  finally: []\n", "unknown key \"finally\""},
    {"what: rollout-complete, object", "waht: rollout-complete, object", "unknown key \"waht\""},
    {"rollout-complete, object: shop/deployment/cart", "rollout-complete, object: shop/service/cart", "a Service has no rollout"},
    {"rollout-complete, object: shop/deployment/cart", "rollout-complete, phase: Running, object: shop/deployment/cart", "phase: means nothing to rollout-complete"},
    {"after: 60s, within: 60s", "within: 60s", "the key \"after\" is missing"},
    {"after: 60s, within: 60s", "after: 60s, within: 0", "must be above 0"},
    {"what: rollout-complete, object: shop/deployment/cart", "what: node-condition, node: ghost, condition: Ready", "there is no node \"ghost\""},
    {"what: rollout-complete, object: shop/deployment/cart", "what: writes-accepted, via: nobody", "is neither a master nor a name given by as"},
    {"what: rollout-complete, object: shop/deployment/cart", "what: object-field, field: spec.size, value: x, object: shop/deployment/cart", "is not a field of Deployment"},
    {"what: rollout-complete, object: shop/deployment/cart", "what: pods-in-phase, phase: Lost, count: 1", "is not one of Pending"},
    {"what: rollout-complete, object: shop/deployment/cart", "what: pods-ready, count: 1, selector: \"a in b\"", "selector"},
    {"min: 1, from: 50s", "min: 1, from: 50s, until: 6m", "lies after the end"},
    {"min: 1, from: 50s", "min: 1, from: 50s, until: 40s", "ends before it begins"},
    {"metric: acknowledged_writes_lost, equals: 0", "metric: acknowledged_writes_lost, equals: 0, max: 1", "has equals beside min or max"},
    {"metric: acknowledged_writes_lost, equals: 0", "metric: acknowledged_writes_lost, phase: Failed, equals: 0", "phase: means nothing to acknowledged_writes_lost"},
    {"- {object: shop/deployment/cart, condition: Available}", "- {object: shop/deployment/cart}", "needs the key \"field\""},
    {"metric: acknowledged_writes_lost, equals: 0", "metric: process_exits, process: cron, equals: 0", "is not one of etcd"},
    {"metric: acknowledged_writes_lost, equals: 0", "metric: acknowledged_writes_lost, from: 10s, equals: 0", "knows the whole run only"},
    {"invariants: all", "invariants: most", "must be a list, not a value"},
    {"labels: {disk: ssd}", "gpu: 0", "gpu: 0 is out of range"},
    {"labels: {disk: ssd}", "gpu: {count: 2, modle: T4}", "\"modle\""},
    {"labels: {disk: ssd}", "gpu: {count: 2, model: a b}", "\"a b\" is not a label value"},
    {"labels: {disk: ssd}", "gpu: {count: 2, model: T4}, labels: {alibabacloud.com/gpu-card-model: T4}", "says it already"},
    {"labels: {disk: ssd}", "volumeLimits: {ebs.csi.aws.com: -1}", "-1 is out of range"},
    {"labels: {disk: ssd}", "volumeLimits: {not a driver: 2}", "\"not a driver\" is not the name of a CSI driver"},
    {"  images: {size", "  scheduler: {}\n  images: {size", "must say one of config and command"},
    {"  images: {size", "  scheduler: {plugins: [./libx.so], command: [true]}\n  images: {size", "plugins: needs a `config`"},
    {"  images: {size", "  scheduler: {config: x.yaml, timeout: 3s}\n  images: {size", "timeout: is for a `command`"},
    {"  images: {size", "  scheduler: {config: x.yaml, plugins: []}\n  images: {size", "names no library"},
    {"  images: {size", "  scheduler: {config: x.yaml, plugins: [./libx.so]}\n  images: {size", "libraries cannot be loaded here"},
    {"  images: {size", "  scheduler: {command: [true]}\n  images: {size", "processes cannot be started here"},
    {"  images: {size", "  scheduler: {command: []}\n  images: {size", "names no program"},
};

std::string replaced(std::string text, const std::string& find, const std::string& replace) {
  const std::size_t at = text.find(find);
  REQUIRE_MESSAGE(at != std::string::npos, find);
  return text.replace(at, find.size(), replace);
}

std::string load_error(const TemporaryFile& file, const std::string& text) {
  file.write(text);
  try {
    load_scenario(file.path(), {});
  } catch (const InputError& e) {
    return e.text();
  }
  return "";
}

}  // namespace

TEST_CASE("the good scenario loads") {
  const TemporaryFile file;
  CHECK(load_error(file, kGood) == "");
}

TEST_CASE("every wrong scenario is refused in one line that says where and what") {
  const TemporaryFile file;
  for (const Row& row : kRows) {
    const std::string error = load_error(file, replaced(kGood, row.find, row.replace));
    CAPTURE(std::string(row.replace));
    CAPTURE(error);
    CHECK(error.find(row.says) != std::string::npos);
    CHECK(error.rfind(file.path() + ":", 0) == 0);
    CHECK(error.find('\n') == std::string::npos);
  }
  CHECK(sizeof kRows / sizeof kRows[0] >= 150);
}

TEST_CASE("matrix axes") {
  const TemporaryFile file;
  const std::string good = orrery::base::cat(kGood, "matrix:\n  victim: [\"1\", \"2\"]\n  cluster.apiAccess.mode: [load-balancer, client-list]\n  seed: 1..3\n");
  const std::string used = replaced(good, "target: master/1", "target: \"master/${victim}\"");
  file.write(used);
  const auto runs = load_scenario(file.path(), {});
  CHECK(runs.size() == 12);
  CHECK(runs[11].axes[0].second == "2");
  CHECK(runs[11].seed == 3);
  CHECK(runs[11].timeline[1].faults[0].target == "master/2");
  CHECK(runs[11].cluster.api_access == orrery::scenarios::ApiAccess::kClientList);
  CHECK(load_error(file, good).find("is used nowhere") != std::string::npos);
  CHECK(load_error(file, replaced(used, "[\"1\", \"2\"]", "[]")).find("has no values") != std::string::npos);
  CHECK(load_error(file, replaced(used, "apiAccess.mode: [", "apiAccess.moed: [")).find("unknown key \"moed\"") != std::string::npos);
  CHECK(load_error(file, replaced(used, "equals: 0}", "equals: 0, only: {victor: \"1\"}}")).find("is not an axis") != std::string::npos);
  CHECK(load_error(file, replaced(used, "equals: 0}", "equals: 0, only: [victim]}")).find("must be a map from an axis") != std::string::npos);
  CHECK(load_error(file, replaced(used, "${victim}", "${victor}")).find("is not an axis") != std::string::npos);
  CHECK(load_error(file, replaced(used, "1..3", "3..1")).find("is an empty range") != std::string::npos);
}

TEST_CASE("a missing file is one clear line") {
  try {
    load_scenario("/nonexistent/scenario.yaml", {});
    FAIL("loaded");
  } catch (const InputError& e) {
    CHECK(e.text() == "/nonexistent/scenario.yaml: cannot be read (no such file, or no permission)");
  }
}
