// PrioritySort and SchedulingGates against upstream's own tables (queuesort/priority_sort_test.go: TestLess,
// schedulinggates/scheduling_gates_test.go: TestPreEnqueue).
#include <doctest/doctest.h>

#include "control/scheduler/plugins/priority_sort.h"
#include "control/scheduler/queue/queued_pod.h"
#include "tests/scheduler/plugin_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

namespace {

struct LessRow {
  const char* upstream;
  int priority1, time1, priority2, time2;
  bool expected;
};
constexpr LessRow kLess[] = {
    {"p1.priority less than p2.priority", 10, 0, 100, 0, false},
    {"p1.priority greater than p2.priority", 100, 0, 10, 0, true},
    {"equal priority. p1 is added to schedulingQ earlier than p2", 100, 1, 100, 2, true},
    {"equal priority. p2 is added to schedulingQ earlier than p1", 100, 2, 100, 1, false},
};

QueuedPod queued(PluginWorld& world, int priority, int time) {
  QueuedPod out;
  out.pod = world.pod(from_yaml<api::Pod>(base::cat("{spec: {priority: ", std::to_string(priority), "}}")));
  out.timestamp = base::Instant{time * base::kSecond};
  return out;
}

}  // namespace

TEST_CASE("PrioritySort: TestLess") {
  for (const LessRow& row : kLess) {
    CAPTURE(std::string(row.upstream));
    PluginWorld world;
    const auto* sort = dynamic_cast<const PrioritySort*>(world.framework().find("PrioritySort"));
    const QueuedPod a = queued(world, row.priority1, row.time1);
    const QueuedPod b = queued(world, row.priority2, row.time2);
    CHECK(sort->less(a, b) == row.expected);
  }
}

TEST_CASE("SchedulingGates: TestPreEnqueue") {
  PluginWorld world;
  const auto* gates = dynamic_cast<const PreEnqueuePlugin*>(world.framework().find("SchedulingGates"));
  CHECK(gates->pre_enqueue(*world.pod(from_yaml<api::Pod>("{}"))).ok());   // pod does not carry scheduling gates
  const Status held = gates->pre_enqueue(*world.pod(from_yaml<api::Pod>("{spec: {schedulingGates: [{name: foo}, {name: bar}]}}")));
  CHECK(held.code() == Code::kUnschedulableAndUnresolvable);              // pod carries scheduling gates
  CHECK(held.message() == "waiting for scheduling gates: [foo bar]");
}
