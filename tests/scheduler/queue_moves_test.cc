// Where pods go in the scheduling queue, against upstream's own tables (backend/queue/scheduling_queue_test.go: Test_InFlightPods,
// TestPop, TestPriorityQueue_{AddUnschedulableIfNotPresent, Update, UpdateWhenInflight, Activate, moveToActiveQ, moveToBackoffQ,
// MoveAllToActiveOrBackoffQueue...}, Test_isPodWorthRequeuing), with the gates that 1.33 has on. Left out: hints that fail, a pod
// popped twice and PreEnqueueChecks, which do not exist here, and AssignedPod..., which nobody calls with these gates.
#include <doctest/doctest.h>

#include "tests/scheduler/queue_world.h"

namespace queue_moves_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct MoveRow {
  const char* upstream;
  const char* hints;      // as WordQueue takes them
  const char* steps;
  const char* expected;   // as WordQueue::where() tells it
};

const MoveRow kInFlight[] = {
    {"Pod, registered in inFlightPods, is enqueued back to activeQ", "foo1 pv++; foo1 node++; foo1 pvc++",
     "add a; wait 1; add b; ev pvc+; pop a; ev pv+; pop b; ev node+; back a", "backoff a"},
    {"All Pods registered in inFlightPods are enqueued back to activeQ", "foo1 pv++; foo1 node++; foo1 pvc++; foo1 csi-update+",
     "add a; wait 1; add b; ev pvc+; pop a; ev pv+; pop b; ev node+; back a; ev csi-update; back b", "backoff a b"},
    {"One intermediate Pod registered in inFlightPods is enqueued back to activeQ", "foo1 pv++; foo1 node++; foo1 assigned++",
     "add a; wait 1; add b; wait 1; add c; ev pvc+; pop a; ev pv+; pop b; ev node+; pop c; ev assigned+; back b", "backoff b"},
    {"events before popping Pod are ignored when Pod is enqueued back to queue", "foo1 assigned+!",
     "add a; ev any; pop a; ev assigned+; back a foo1", "unschedulable a"},
    {"pod is enqueued to backoff if no failed plugin", "foo1 assigned++", "add a; pop a; ev assigned+; back a", "backoff a"},
    {"pod is enqueued to unschedulable pod pool if no events that can make the pod schedulable", "foo1 assigned++",
     "add a; pop a; ev node+; back a foo1", "unschedulable a"},
    {"pod is enqueued to unschedulable pod pool because the failed plugin has a hint fn but it returns Skip", "foo1 assigned+!",
     "add a; pop a; ev assigned+; back a foo1", "unschedulable a"},
    {"pod is enqueued to activeQ because the Pending plugins has a hint fn and it returns Queue",
     "foo3 assigned+!; foo2 assigned++; foo1 assigned++", "add a; pop a; ev assigned+; back a foo2 foo3 ?foo1", "active a"},
    {"pod is enqueued to backoffQ because the failed plugin has a hint fn and it returns Queue", "foo2 assigned+!; foo1 assigned++",
     "add a; pop a; ev assigned+; back a foo1 foo2", "backoff a"},
    {"pod is enqueued to activeQ because the failed plugin has a hint fn and it returns Queue for a concurrent event that was received "
     "while some other pod was in flight", "foo3 assigned+!; foo2 assigned++; foo1 assigned++",
     "add a; wait 1; add b; pop a; ev node+; pop b; ev assigned+; back a; back b foo2 foo3 ?foo1", "active b; backoff a"},
    {"popped pod must have empty UnschedulablePlugins and PendingPlugins", "foo1 pv++",
     "add a; pop a; back a foo2 ?foo1; ev pv+; pop a; back a", "backoff a"},
    // TestPriorityQueue_AddUnschedulableIfNotPresent
    {"AddUnschedulableIfNotPresent", "", "add up @node1; pop up; add hpp p1000 @node1; back up foo1; pop hpp", "unschedulable up"},
    // TestPriorityQueue_UpdateWhenInflight
    {"UpdateWhenInflight", "foo1 self-update+", "add a; pop a; update a toleration; back a foo1", "backoff a"},
};

/// The pod is rejected once, and then something happens.
const MoveRow kWorth[] = {
    {"return Queue when no queueing hint function is registered for the event", "foo1 assigned++", "add a; pop a; back a foo1; ev node+",
     "unschedulable a"},
    {"return Queue when the event is wildcard", "", "add a; pop a; back a foo1; ev any", "backoff a"},
    {"return Queue when the event is wildcard and the wildcard targets the pod to be requeued right now", "",
     "add a; pop a; activate a; back a foo1", "backoff a"},
    {"return Skip when the event is wildcard, but the wildcard targets a different pod", "",
     "add a; pop a; add b; pop b; activate b; back a foo1", "unschedulable a"},
    {"interprets Queue from the Pending plugin as queueImmediately", "foo1 node++; foo2 node++; foo3 node++; foo4 node+!",
     "add a; pop a; back a foo1 foo3 ?foo2; ev node+", "active a"},
    {"interprets Queue from the Unschedulable plugin as queueAfterBackoff", "foo1 node+!; foo2 node++",
     "add a; pop a; back a foo1 foo2; ev node+", "backoff a"},
    {"Queueing hint function that isn't from the plugin in UnschedulablePlugins/PendingPlugins is ignored",
     "foo1 node+!; foo2 node+!; foo3 node++", "add a; pop a; back a foo1 foo2; ev node+", "unschedulable a"},
    {"If event is specific Node update event, queueing hint function for NodeUpdate/UpdateNodeLabel is also executed",
     "foo1 node-labels+; foo2 node-labels+; foo1 node-update+; foo1 node++", "add a; pop a; back a foo1 foo2; ev node-labels", "backoff a"},
    {"If event with '*' Resource, queueing hint function for specified Resource is also executed", "foo1 any++",
     "add a; pop a; back a foo1; ev node+", "backoff a"},
    {"If event is a wildcard one, queueing hint function for all kinds of events is executed", "foo1 any+",
     "add a; pop a; back a foo1; ev node-labels-taints", "backoff a"},
};

/// A change of its tolerations stands for upstream's of annotations, of which no plugin can ask to be told here.
const MoveRow kUpdates[] = {
    {"Update pod that didn't exist in the queue", "", "know m p500 @node1; update m annotation", "active m"},
    {"Update highPriorityPodInfo and add a nominatedNodeName to it", "", "know h p1000; update h @node1", "active h"},
    {"When updating a pod that is already in activeQ, the pod should remain in activeQ after Update()", "", "add h p1000; update h -",
     "active h"},
    {"When updating a pod that is in backoff queue and is still backing off, it will be updated in backoff queue", "",
     "add m p500; pop m; back m; update m -", "backoff m"},
    {"when updating a pod which is in unschedulable queue and is backing off, it will be moved to backoff queue", "foo1 self-update+",
     "add m p500; pop m; back m foo1; update m toleration", "backoff m"},
    {"when updating a pod which is in unschedulable queue and is not backing off, it will be moved to active queue", "foo1 self-update+",
     "add m p500; pop m; back m foo1; wait 10; update m toleration", "active m"},
    {"when updating a pod which is in unschedulable pods but the plugin returns skip, it will remain in unschedulablePods",
     "foo1 self-update!", "add m p500; pop m; back m foo1; update m toleration", "unschedulable m"},
    {"when updating a pod which is in flightPods, the pod will not be added to any queue", "foo1 self-update+",
     "add m p500; pop m; update m toleration", ""},
};

const MoveRow kActivations[] = {
    {"pod already in activeQ", "", "add h; activate h", "active h"},
    {"pod not in unschedulablePods/backoffQ", "", "know h; activate h", ""},
    {"[QHint] pod not in unschedulablePods/backoffQ but in-flight", "", "add h; pop h; activate h", ""},
    {"[QHint] pod not in unschedulablePods/backoffQ and not in-flight", "", "know h; add m; pop m; activate h", ""},
    {"pod in unschedulablePods", "", "add h; pop h; back h foo1; activate h", "active h"},
    {"pod in backoffQ", "", "add h; pop h; back h; activate h", "active h"},
};

struct RejectedRow {
  const char* upstream;
  int attempts;
  const char* rejecters;
  const char* hints;
  double seconds;         // until a node is added
  const char* expected;
};
const RejectedRow kRejected[] = {
    {"Queue queues pod to activeQ", 0, "?foo1", "foo1 node++", 0, "active a"},
    {"Queue queues pod to backoffQ if Pod is backing off", 1, "foo1", "foo1 node++", 0, "backoff a"},
    {"Queue queues pod to activeQ if Pod is not backing off", 0, "foo1", "foo1 node++", 1, "active a"},
    {"Skip queues pod to unschedulablePods", 0, "foo1", "foo1 node+!", 0, "unschedulable a"},
    {"QueueHintFunction is not called when Pod is gated by the plugin that isn't interested in the event", 0, "SchedulingGates",
     "foo1 node++", 0, "unschedulable a"},
    {"QueueHintFunction is called when Pod is gated by the plugin that is interested in the event", 0, "foo1", "foo1 node++", 0, "active a"},
    {"Pod that experienced a scheduling failure before should be queued to backoffQ after un-gated", 1, "foo1", "foo1 node++", 0,
     "backoff a"},
};

struct GateRow {
  const char* upstream;
  const char* pod;
  const char *gate1, *gate2;   // labels that are let through; "": no such plugin, "-": none
  bool late;                   // the gates close only after the pod was popped
  const char* expected;        // active, backing off, unschedulable
};
const GateRow kToActive[] = {
    {"no plugins registered", "p p", "", "", false, "1 0 0"},
    {"preEnqueue plugin registered, pod name not in allowlists", "p p", "-", "-", false, "0 0 1"},
    {"preEnqueue plugin registered, pod failed one preEnqueue plugin", "bar bar", "foo bar", "foo", false, "0 0 1"},
    {"preEnqueue plugin registered, pod would fail one preEnqueue plugin, but is after backoff", "bar bar", "foo bar", "foo", true, "1 0 0"},
    {"preEnqueue plugin registered, pod passed all preEnqueue plugins", "bar bar", "foo bar", "bar", false, "1 0 0"},
};
const GateRow kToBackoff[] = {
    {"no plugins registered", "p p", "", "", false, "0 1 0"},
    {"preEnqueue plugin registered, pod name not in allowlists", "p p", "-", "-", false, "0 0 1"},
    {"preEnqueue plugin registered, pod failed one preEnqueue plugin", "bar bar", "foo bar", "foo", false, "0 0 1"},
    {"preEnqueue plugin registered, pod passed all preEnqueue plugins", "bar bar", "foo bar", "bar", false, "0 1 0"},
};

void close_gates(WordQueue& w, const GateRow& row) {
  for (const auto& [name, gate] : {std::pair{"foo1", row.gate1}, {"foo2", row.gate2}}) {
    if (*gate) w.plugin(name).gate = parts(gate, ' ');
  }
}

template <std::size_t N>
void check(const MoveRow (&rows)[N]) {
  for (const MoveRow& row : rows) {
    CAPTURE(std::string(row.upstream));
    WordQueue w(row.hints);
    w.run(row.steps);
    CHECK(w.where() == row.expected);
  }
}

}  // namespace

TEST_CASE("queue: Test_InFlightPods, TestPriorityQueue_AddUnschedulableIfNotPresent, ..._UpdateWhenInflight") { check(kInFlight); }
TEST_CASE("queue: Test_isPodWorthRequeuing") { check(kWorth); }
TEST_CASE("queue: TestPriorityQueue_Update") { check(kUpdates); }
TEST_CASE("queue: TestPriorityQueue_Activate") { check(kActivations); }

TEST_CASE("queue: TestPriorityQueue_MoveAllToActiveOrBackoffQueueWithQueueingHint") {
  for (const RejectedRow& row : kRejected) {
    CAPTURE(std::string(row.upstream));
    WordQueue w(row.hints);
    w.plugin("foo1").gate = {"foo"};
    w.run("add a foo; pop a");
    w.back_after("a", row.attempts, row.rejecters, w.now);
    w.now += row.seconds;
    w.event("node+", w.now);
    CHECK(w.where() == row.expected);
  }
}

TEST_CASE("queue: TestPriorityQueue_moveToActiveQ") {
  for (const GateRow& row : kToActive) {
    CAPTURE(std::string(row.upstream));
    WordQueue w;
    if (!row.late) close_gates(w, row);
    w.add(row.pod, w.now);
    const std::string name = parts(row.pod, ' ')[0];
    if (row.late) {
      w.pop(w.now);
      w.back(name, "", w.now);
      close_gates(w, row);
      w.now += 10;
      w.queue.flush_backoff(moment(w.now));
    }
    CHECK(w.counts() == row.expected);
    w.update(name, "annotation", w.now);
    CHECK(w.counts() == row.expected);
  }
}

TEST_CASE("queue: TestPriorityQueue_moveToBackoffQ") {
  for (const GateRow& row : kToBackoff) {
    CAPTURE(std::string(row.upstream));
    WordQueue w;
    w.add(row.pod, w.now);
    const std::string name = w.pop(w.now);
    close_gates(w, row);
    w.back(name, "", w.now);
    CHECK(w.counts() == row.expected);
  }
}

TEST_CASE("queue: TestPop, Test_queuedPodInfo_gatedSetUponCreationAndUnsetUponUpdate") {
  WordQueue w("foo1 pv++; foo2 self-update+");
  w.run("add a; pop a; back a ?foo1; ev pv+; pop a");
  CHECK(w.popped["a"]->pending == 0);
  w.plugin("foo2").gate = {"open"};
  w.run("add b");
  CHECK(w.counts() == "0 0 1");
  w.run("update b open; pop b");
  CHECK(!w.popped["b"]->gated);
}

TEST_CASE("queue: TestPriorityQueue_AddUnschedulableIfNotPresent_Backoff") {
  WordQueue w;
  for (int i = 0; i < 10; ++i) w.add(base::cat("pod", std::to_string(i), " p", std::to_string(i)), w.now);
  for (int i = 9; i > 0; --i) CHECK(w.pop(w.now) == base::cat("pod", std::to_string(i)));
  w.event("any", w.now);
  CHECK(w.pop(w.now) == "pod0");
  for (int i = 1; i < 10; ++i) w.back(base::cat("pod", std::to_string(i)), "foo1", w.now);
  CHECK(w.counts() == "0 9 0");
}

TEST_CASE("queue: TestPriorityQueue_MoveAllToActiveOrBackoffQueue") {
  WordQueue w("foo1 node++");
  w.run("add up; pop up; add hpp p1000; pop hpp; back up foo1; back hpp foo1; add hpp1 p1000; pop hpp1; back hpp1; add hpp2 p1000");
  // Upstream pops the one that is active; of those that back off none stands before it.
  w.run("pop hpp2; back hpp2 foo2; ev node+; add mpp p500");
  CHECK(w.counts() == "1 3 1");
  w.run("pop mpp; wait 10");
  w.queue.flush_backoff(moment(w.now));
  w.run("pop hpp; pop hpp1; pop up; back up foo1; back hpp foo1; back hpp1; add mpp2 p500");
  CHECK(w.counts() == "1 1 3");
  w.now += 10;
  w.queue.flush_backoff(moment(w.now));
  w.event("node+", w.now);
  CHECK(w.counts() == "4 0 1");
}

}  // namespace queue_moves_test
