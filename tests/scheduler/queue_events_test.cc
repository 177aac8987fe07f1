// What about a pod or node changed, and the back-off queue, against upstream's own tables (pkg/scheduler/framework/events_test.go;
// backend/queue/backoff_queue_test.go). Left out: changes that no default plugin asks to be told of and that are no events here
// (conditions and annotations of nodes, what else about a pod), and claims of dynamic resources.
#include <doctest/doctest.h>

#include "control/scheduler/queue/pod_changes.h"
#include "tests/scheduler/queue_world.h"

namespace queue_events_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct ChangeRow {
  const char* upstream;
  const char *old, *now;   // YAML
  const char* expected;    // what changed, blanks between
};
#define MEMORY(more) "{status: {allocatable: {memory: 1024" more "}}}"
#define TAINTED(value) "{spec: {taints: [{key: node.kubernetes.io/unschedulable, value: '" value "', effect: NoSchedule}]}}"
const ChangeRow kNodes[] = {
    {"no allocatable resources changed", MEMORY(""), MEMORY(""), ""},
    {"new node has more allocatable resources", MEMORY(""), MEMORY(", storage: 1024"), "allocatable"},
    {"no labels changed", "{metadata: {labels: {foo: bar}}}", "{metadata: {labels: {foo: bar}}}", ""},
    {"new object has more labels", "{metadata: {labels: {foo: bar}}}", "{metadata: {labels: {foo: bar, test: value}}}", "labels"},
    {"no taint changed", "{spec: {taints: [{key: key, value: value}]}}", "{spec: {taints: [{key: key, value: value}]}}", ""},
    {"taint value changed", "{spec: {taints: [{key: key, value: value1}]}}", "{spec: {taints: [{key: key, value: value2}]}}", "taints"},
    {"no condition changed", "{status: {conditions: [{type: DiskPressure, status: 'True'}]}}",
     "{status: {conditions: [{type: DiskPressure, status: 'True'}]}}", ""},
    {"only LastHeartbeatTime changed",
     "{status: {conditions: [{type: DiskPressure, status: 'True', lastHeartbeatTime: '1970-01-01T00:00:01Z'}]}}",
     "{status: {conditions: [{type: DiskPressure, status: 'True', lastHeartbeatTime: '1970-01-01T00:00:02Z'}]}}", ""},
    {"no specific changed applied", "{spec: {unschedulable: false}}", "{spec: {unschedulable: false}}", ""},
    {"only node spec unavailable changed", "{spec: {unschedulable: true}}", "{spec: {unschedulable: false}}", "taints"},
    {"only node allocatable changed", "{status: {allocatable: {cpu: 1000m, memory: 100m, example.com/foo: 2}}}",
     "{status: {allocatable: {cpu: 1000m, memory: 100m, example.com/foo: 1}}}", "allocatable"},
    {"only node label changed", "{metadata: {labels: {foo: fuz}}}", "{metadata: {labels: {foo: bar}}}", "labels"},
    {"only node taint changed", TAINTED("foo"), TAINTED(""), "taints"},
    {"both node label and node taint changed", TAINTED("foo"),
     "{metadata: {labels: {foo: bar}}, spec: {taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule}]}}", "labels taints"},
};

#define ASKS(cpu, labels) "{metadata: {labels: {" labels "}}, spec: {containers: [{name: app, resources: {requests: {cpu: " cpu "}}}]}, " \
  "status: {containerStatuses: [{name: app, allocatedResources: {cpu: " cpu "}}]}}"
const ChangeRow kPods[] = {
    {"assigned pod is updated", "{metadata: {labels: {foo: bar2}}, spec: {nodeName: node}}",
     "{metadata: {labels: {foo: bar}}, spec: {nodeName: node}}", "assigned labels"},
    {"only label is updated", "{metadata: {labels: {foo: bar2}}}", "{metadata: {labels: {foo: bar}}}", "labels"},
    {"pod's resource request is scaled down", ASKS("101m", ""), ASKS("100m", ""), "less"},
    {"both pod's resource request and label are updated", ASKS("101m", ""), ASKS("100m", "foo: bar"), "labels less"},
    {"scheduling gate is eliminated", "{spec: {schedulingGates: [{name: foo}]}}", "{spec: {schedulingGates: []}}", "gates"},
    {"pod's tolerations are updated", "{spec: {tolerations: [{key: key}]}}", "{spec: {tolerations: [{key: key}, {key: key2}]}}", "tolerations"},
};

std::string text_of(const std::vector<ClusterEvent>& events) {
  static constexpr std::pair<std::uint32_t, std::string_view> kNames[] = {
      {kActionUpdateNodeAllocatable, "allocatable"}, {kActionUpdateNodeLabel, "labels"}, {kActionUpdateNodeTaint, "taints"},
      {kActionUpdatePodLabel, "labels"}, {kActionUpdatePodScaleDown, "less"}, {kActionUpdatePodGatesEliminated, "gates"},
      {kActionUpdatePodTolerations, "tolerations"}, {kActionUpdateOther, "other"}};
  std::string out;
  for (const ClusterEvent& e : events) {
    if (e.resource == EventResource::kAssignedPod) out += "assigned ";
    for (const auto& [action, name] : kNames) {
      if ((e.action & action) != 0) out += base::cat(name, " ");
    }
  }
  if (!out.empty()) out.pop_back();
  return out;
}

struct DurationRow {
  const char* upstream;
  base::Nanos initial, longest;
  int attempts;
  base::Nanos expected;
};
/// In the first two, seconds stand for upstream's nanoseconds, which windows of a second would hide.
const DurationRow kDurations[] = {
    {"no backoff", base::kSecond, 32 * base::kSecond, 0, 0},
    {"normal", base::kSecond, 32 * base::kSecond, 16, 32 * base::kSecond},
    {"overflow_32bit", 1, INT32_MAX, 32, INT32_MAX},
    {"overflow_64bit", 1, INT64_MAX, 64, INT64_MAX},
};

struct CompletedRow {
  const char* upstream;
  const char* backing_off;   // pods; pod0 and pod1 are rejected, pod2 and pod3 failed by an error; of each two the second is later
  const char* completed;
};
const CompletedRow kCompleted[] = {
    {"Both queues empty, no pods moved to activeQ", "", ""},
    {"Pods only in backoffQ, some pods moved to activeQ", "pod0 pod1", "pod0"},
    {"Pods only in errorBackoffQ, some pods moved to activeQ", "pod2 pod3", "pod2"},
    {"Pods in both queues, some pods moved to activeQ", "pod0 pod1 pod2 pod3", "pod0 pod2"},
    {"Pods in both queues, all pods moved to activeQ", "pod0 pod2", "pod0 pod2"},
    {"Pods in both queues, no pods moved to activeQ", "pod1 pod3", ""},
};

}  // namespace

TEST_CASE("queue: TestNode...Change, TestNodeSchedulingPropertiesChange") {
  for (const ChangeRow& row : kNodes) {
    CAPTURE(std::string(row.upstream));
    CHECK(text_of(node_changes(api::make_object(from_yaml<api::Node>(row.old)), api::make_object(from_yaml<api::Node>(row.now)))) ==
          row.expected);
  }
}

TEST_CASE("queue: Test_podSchedulingPropertiesChange") {
  for (const ChangeRow& row : kPods) {
    CAPTURE(std::string(row.upstream));
    CHECK(text_of(pod_changes(api::make_object(from_yaml<api::Pod>(row.old)), api::make_object(from_yaml<api::Pod>(row.now)))) ==
          row.expected);
  }
}

TEST_CASE("queue: TestBackoffQueue_calculateBackoffDuration") {
  for (const DurationRow& row : kDurations) {
    CAPTURE(std::string(row.upstream));
    QueueConfig config;
    config.initial_backoff = row.initial;
    config.max_backoff = row.longest;
    WordQueue w({}, config);
    w.add("a", 0);
    w.pop(0);
    w.popped["a"]->attempts = row.attempts;
    w.back("a", "", 0);
    CHECK(w.counts() == (row.expected == 0 ? "1 0 0" : "0 1 0"));
    if (row.expected != 0) CHECK(w.popped["a"]->backoff_expiry.ns == row.expected - row.expected % base::kSecond);
  }
}

TEST_CASE("queue: TestBackoffQueue_popAllBackoffCompleted") {
  for (const CompletedRow& row : kCompleted) {
    CAPTURE(std::string(row.upstream));
    WordQueue w;
    const std::vector<std::string> pods = parts(row.backing_off, ' ');
    for (const std::string& name : pods) w.add(name, 90);
    for (std::size_t i = 0; i < pods.size(); ++i) w.pop(90);
    w.event("any", 90);
    for (const std::string& name : pods) {
      const bool late = name == "pod1" || name == "pod3";
      w.back(name, name == "pod0" || name == "pod1" ? "foo1" : "", w.now + (late ? 1 : -2));
    }
    w.queue.flush_backoff(moment(w.now));
    const std::vector<std::string> completed = parts(row.completed, ' ');
    CHECK(w.queue.active() == completed.size());
    CHECK(w.queue.backing_off() == pods.size() - completed.size());
    for (const std::string& name : completed) CHECK(w.pop(w.now) == name);
  }
}

TEST_CASE("queue: TestBackoffQueueOrdering, pods with the same window are ordered by priority if PopFromBackoffQ is enabled") {
  WordQueue w;
  const std::pair<const char*, double> pods[] = {{"pod0 p1", 100}, {"pod1 p1", 99}, {"pod2 p2", 98.001}, {"pod3 p1", 98}, {"pod4 p2", 98},
                                                 {"pod5 p1", 97}};
  for (const auto& [pod, seconds] : pods) w.add(pod, 90);
  for (std::size_t i = 0; i < std::size(pods); ++i) w.pop(90);
  w.event("any", 90);
  for (const auto& [pod, seconds] : pods) w.back(parts(pod, ' ')[0], "foo1", seconds);
  for (const char* name : {"pod5", "pod4", "pod2", "pod3"}) CHECK(w.pop(100) == name);
  w.queue.flush_backoff(moment(100));
  CHECK(w.counts() == "0 2 0");
}

#undef MEMORY
#undef TAINTED
#undef ASKS

}  // namespace queue_events_test
