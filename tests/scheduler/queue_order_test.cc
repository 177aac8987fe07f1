// In which order pods leave the scheduling queue, how long they back off, and whom it takes for nominated, against upstream's own
// tables (backend/queue/scheduling_queue_test.go and the tests of its nominator). Left out: metrics of events and durations, what is
// about the closing of the queue, and nominations of pods that informers no longer know: those are not the queue's business here.
#include <doctest/doctest.h>

#include "tests/scheduler/queue_world.h"

namespace queue_order_test {

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct OrderRow {
  const char* upstream;
  const char* steps;      // the last ones are the pops of upstream's expectation
};
const OrderRow kOrders[] = {
    {"TestPriorityQueue_Add", "add mpp p500 @node1; add up @node1; add hpp p1000; pop hpp; pop mpp; pop up"},
    {"TestPriorityQueue_AddWithReversePriorityLessFunc", "add mpp p500; add hpp p1000; pop hpp; pop mpp"},
    {"Pop pods from both activeQ and backoffQ when PopFromBackoffQ is enabled",
     "add hpp p1000; pop hpp; add hpp2 p1000; pop hpp2; add up; pop up; ev any; back hpp foo1; back hpp2; add mpp p500; pop mpp; pop hpp; pop"},
    {"TestHighPriorityBackoff", "add mid p100; add high p1000; pop high; back high foo1; ev any; pop mid"},
    {"TestPodFailedSchedulingMultipleTimesDoesNotBlockNewerPod",
     "add old p1000; pop old; back old foo1; wait 2; ev any; pop old; add newer p1000; back old foo1; wait 2; ev any; pop newer"},
    {"TestRecentlyTriedPodsGoBack", "add a p1000; add b p1000; add c p1000; add d p1000; add e p1000; wait 0.000001; pop a; back a foo1; "
     "wait 10; ev any; pop b; pop c; pop d; pop e; pop a"},
    // TestPodTimestamp
    {"add two pod to unschedulablePods then move them to activeQ and sort them by the timestamp",
     "add b; pop b; add a; pop a; back a foo1; wait 1; back b foo1; wait 3; ev any; pop a; pop b"},
    {"add one pod to BackoffQ and move it to activeQ", "add a; pop a; back a; wait 1; add b; wait 3; flush; ev any; pop a; pop b"},
};

struct NominationRow {
  const char* upstream;
  const char* steps;
  const char *node1, *node2;   // who is nominated there
};
const NominationRow kNominations[] = {
    {"TestPriorityQueue_Add", "add mpp p500 @node1; add up @node1; add hpp p1000; pop hpp; pop mpp; pop up", "mpp up", ""},
    {"TestPriorityQueue_NominatedPodsForNode", "add mpp p500 @node1; add up @node1; add hpp p1000; pop hpp", "mpp up", ""},
    {"alive pod gets added into PodNominator", "add mpp p500 @node1", "mpp", ""},
    {"pod without .status.nominatedPodName specified shouldn't be added into PodNominator", "add hpp p1000", "", ""},
    {"Update highPriorityPodInfo and add a nominatedNodeName to it", "know h p1000; update h @node1", "h", ""},
    {"TestPriorityQueue_Delete", "know h p1000; update h @node1; add up @node1; remove h", "up", ""},
    {"TestPriorityQueue_Delete (both)", "know h p1000; update h @node1; add up @node1; remove h; remove up", "", ""},
};

struct CountRow {
  const char* upstream;
  const char* steps;      // "VERB FROM TO" for pods x0 to x59, of which those from 50 on are gated
  const char* expected;   // active, backing off, unschedulable or gated
};
/// TestPendingPodsMetric.
const CountRow kCounts[] = {
    {"add pods to activeQ and unschedulablePods", "unschedulable 30 60; active 0 30", "30 0 30"},
    {"add pods to all kinds of queues", "unschedulable 40 60; backoff 15 40; active 0 15", "15 25 20"},
    {"add pods to unschedulablePods and then move all to activeQ", "unschedulable 0 60; wait 3; move", "50 0 10"},
    {"make some pods subject to backoff, add pods to unschedulablePods, and then move all to activeQ",
     "unschedulable 20 60; wait 3; unschedulable 0 20; move", "30 20 10"},
    {"make some pods subject to backoff, add pods to unschedulablePods/activeQ, move all to activeQ, and finally flush backoffQ",
     "unschedulable 0 40; active 40 50; move; wait 3; flush", "50 0 0"},
    {"add pods to activeQ/unschedulablePods and then delete some Pods",
     "unschedulable 30 60; active 0 30; delete 0 2; delete 30 33; delete 50 54", "28 0 23"},
    {"add pods to activeQ/unschedulablePods and then update some Pods as queueable", "unschedulable 30 60; active 0 30; update 50 55",
     "35 0 25"},
};

struct AttemptRow {
  const char* upstream;
  const char* steps;      // before the pop
  int attempts;
  double initial;         // seconds after the start
};
/// TestPerPodSchedulingMetrics.
const AttemptRow kAttempts[] = {
    {"pod is created and scheduled after 1 attempt", "add a", 1, 0},
    {"pod is created and scheduled after 2 attempts", "add a; pop a; back a foo1; wait 300.000001; late", 2, 0},
    {"pod is created and scheduled after 2 attempts but before the second pop, call update",
     "add a; pop a; back a foo1; wait 300.000001; late; update a -", 2, 0},
    {"A gated pod is created and scheduled after lifting gate", "gate; add a; wait 60; update a foo", 1, 60},
};

/// The words of WordQueue::run(), and "flush", "late" (the flush of the unschedulable), "gate", "remove NAME", and a "pop" that finds nobody.
void run(WordQueue& w, std::string_view steps) {
  for (const std::string& step : parts(steps, ';')) {
    if (step == "flush") w.queue.flush_backoff(moment(w.now));
    else if (step == "late") w.queue.flush_unschedulable(moment(w.now));
    else if (step == "gate") w.plugin("foo2").gate = {"foo"};
    else if (step == "pop") CHECK(w.pop(w.now) == "");
    else if (step.starts_with("remove ")) w.remove(step.substr(7));
    else w.run(step);
  }
}

void run_on_many(WordQueue& w, std::string_view steps) {
  for (const std::string& step : parts(steps, ';')) {
    const std::vector<std::string> words = parts(step, ' ');
    if (words.size() < 3) {
      run(w, step == "move" ? "ev any" : step);
      continue;
    }
    for (int i = std::stoi(words[1]); i < std::stoi(words[2]); ++i) {
      const std::string name = base::cat("x", std::to_string(i));
      if (words[0] == "delete") w.remove(name);
      else if (words[0] == "update") w.update(name, "queueable", w.now);
      else w.add(base::cat(name, i < 50 ? " queueable" : " failme"), w.now);
      if (i >= 50 || (words[0] != "unschedulable" && words[0] != "backoff")) continue;
      CHECK(w.pop(w.now) == name);
      w.back(name, words[0] == "backoff" ? "" : "foo1", w.now);
    }
  }
}

}  // namespace

TEST_CASE("queue: order of pops") {
  for (const OrderRow& row : kOrders) {
    CAPTURE(std::string(row.upstream));
    WordQueue w;
    run(w, row.steps);
  }
}

TEST_CASE("queue: TestPodTimestamp, add two pod to activeQ and sort them by the timestamp") {
  WordQueue w;
  w.add("b", 101);
  w.add("a", 100);
  w.run("pop a; pop b");
}

TEST_CASE("queue: nominations") {
  for (const NominationRow& row : kNominations) {
    CAPTURE(std::string(row.upstream));
    WordQueue w;
    run(w, row.steps);
    CHECK(w.nominated("node1") == row.node1);
    CHECK(w.nominated("node2") == row.node2);
  }
}

TEST_CASE("queue: TestPriorityQueue_UpdateNominatedPodForNode") {
  WordQueue w;
  w.run("add mpp p500 @node1");
  const PodInfoRef up = WordQueue::pod("up @node1");
  const PodInfoRef hpp = WordQueue::pod("hpp p1000");
  const auto all = [&] {
    std::string out;
    for (const char* node : {"node1", "node2", "node4", "node5"}) out += base::cat(w.nominated(node), ";");
    return out;
  };
  w.queue.nominator().add(up, "node5");
  w.queue.nominator().add(hpp, "node2");
  CHECK(all() == "mpp;hpp;;up;");
  w.run("pop mpp");
  CHECK(all() == "mpp;hpp;;up;");
  w.queue.nominator().add(hpp, "node4");
  CHECK(all() == "mpp;;hpp;up;");
  w.queue.nominator().remove("hpp");
  CHECK(all() == "mpp;;;up;");
}

TEST_CASE("queue: TestPendingPodsMetric") {
  for (const CountRow& row : kCounts) {
    CAPTURE(std::string(row.upstream));
    WordQueue w("foo2 self-update+");
    w.plugin("foo2").gate = {"queueable"};
    run_on_many(w, row.steps);
    CHECK(w.counts() == row.expected);
  }
}

TEST_CASE("queue: TestPriorityQueue_PendingPods") {
  WordQueue w;
  w.run("add up; pop up; add hpp p1000; pop hpp; add mpp p500; back up foo1; back hpp foo1");
  CHECK(w.counts() == "1 0 2");
  w.run("ev any");
  CHECK(w.counts() == "1 2 0");
}

TEST_CASE("queue: TestPerPodSchedulingMetrics") {
  for (const AttemptRow& row : kAttempts) {
    CAPTURE(std::string(row.upstream));
    WordQueue w("foo2 self-update+");
    const double start = w.now;
    run(w, row.steps);
    REQUIRE(w.pop(w.now) == "a");
    CHECK(w.popped["a"]->attempts == row.attempts);
    CHECK(w.popped["a"]->initial_attempt == moment(start + row.initial));
  }
}

TEST_CASE("queue: TestBackOffFlow") {
  WordQueue w;
  w.add("a", w.now);
  int attempts = 0;
  for (const int seconds : {1, 2, 4, 8, 10, 10, 10}) {
    CAPTURE(seconds);
    REQUIRE(w.pop(w.now) == "a");
    CHECK(w.popped["a"]->attempts == ++attempts);
    w.back("a", "", w.now);
    w.event("any", w.now);
    CHECK(w.counts() == "0 1 0");
    const base::Nanos left = w.popped["a"]->backoff_expiry - moment(w.now);
    CHECK(left / base::kSecond + 1 == seconds);
    w.now += 1;
    w.queue.flush_backoff(moment(w.now));
    CHECK(w.counts() == "0 1 0");
    w.now += seconds;
    w.queue.flush_backoff(moment(w.now));
    CHECK(w.counts() == "1 0 0");
  }
}

TEST_CASE("queue: TestPriorityQueue_initPodMaxInUnschedulablePodsDuration, TestHighPriorityFlushUnschedulablePodsLeftover") {
  const struct {
    const char* upstream;
    base::Nanos longest;     // 0: the default
  } rows[] = {{"New priority queue by the default value of podMaxInUnschedulablePodsDuration", 0},
              {"New priority queue by user-defined value of podMaxInUnschedulablePodsDuration", 30 * base::kSecond}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.upstream));
    QueueConfig config;
    if (row.longest > 0) config.max_in_unschedulable = row.longest;
    WordQueue w({}, config);
    w.run("add b; add a; pop b; pop a");
    w.back("a", "foo1", w.now - 1);
    w.back("b", "foo1", w.now - 2);
    w.now += static_cast<double>(config.max_in_unschedulable / base::kSecond);
    run(w, "late; pop b; pop a; pop");
  }
  WordQueue w;
  run(w, "add high p1000; pop high; add mid p100; pop mid; back high foo1; back mid foo1; wait 301; late; pop high; pop mid");
}

}  // namespace queue_order_test
