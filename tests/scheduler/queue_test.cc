// The queue: order, back-off, early pops, hints, events during an attempt, gates.
#include <doctest/doctest.h>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/queue/scheduling_queue.h"

using namespace orrery;
using namespace orrery::scheduler;

namespace {

constexpr base::Instant at(double seconds) { return {static_cast<std::int64_t>(seconds * 1e9)}; }

PodInfoRef pod(const char* name, std::int32_t priority = 0, bool gated = false) {
  api::Pod p;
  p.metadata.name = name;
  p.metadata.namespace_ = "ns";
  p.metadata.uid = name;
  p.spec.edit().priority = priority;
  if (gated) p.spec.edit().scheduling_gates.push_back({Str("wait")});
  return base::make_ref<PodInfo>(api::make_object(std::move(p)));
}

api::ObjectRef node(const char* cpu) {
  api::Node n;
  n.metadata.name = "n";
  n.status.edit().allocatable.set("cpu", api::Quantity::must_parse(cpu));
  n.status.edit().allocatable.set("pods", api::Quantity::must_parse("10"));
  return api::make_object(std::move(n));
}

struct QueueWorld {
  explicit QueueWorld(QueueConfig config = {})
      : framework(default_profile({snapshot, lister, nominator, running, nullptr, nullptr})), queue(*framework, std::move(config)) {}
  std::string pop(double seconds) {
    popped = queue.pop(at(seconds));
    return popped ? popped->pod->meta().name.str() : "";
  }
  void reject(const char* plugin, double seconds) {
    popped->unschedulable = framework->bit_of(plugin);
    queue.add_unschedulable(popped, at(seconds));
  }
  Snapshot snapshot;
  FixedLister lister;
  Nominator nominator;
  RunningPreemptions running;
  std::unique_ptr<Framework> framework;
  SchedulingQueue queue;
  QueuedPodRef popped;
};

const ClusterChange kNodeAdded{{EventResource::kNode, kActionAdd}, {}, node("4")};

}  // namespace

TEST_CASE("priority first, then waiting time") {
  QueueWorld w;
  w.queue.add(pod("old"), at(1));
  w.queue.add(pod("young"), at(2));
  w.queue.add(pod("high", 10), at(3));
  CHECK(w.pop(4) == "high");
  CHECK(w.pop(4) == "old");
  CHECK(w.pop(4) == "young");
  CHECK(w.pop(4) == "");
}

TEST_CASE("of pods that back off, a replay may say which is tried first") {
  QueueConfig config;
  std::vector<std::string> asked;
  config.next_pod = [&asked](const std::vector<api::ObjectRef>& waiting) -> std::optional<std::size_t> {
    for (const api::ObjectRef& p : waiting) asked.push_back(p->meta().name.str());
    if (waiting.size() > 2) return std::nullopt;
    return 1;
  };
  QueueWorld w(config);
  for (const char* name : {"a", "b", "c"}) w.queue.add(pod(name), at(1));
  for (int i = 0; i < 3; ++i) {
    w.pop(1);
    w.reject("NodeResourcesFit", 1);
  }
  w.queue.change(kNodeAdded, at(1.1));
  CHECK(w.pop(1.2) == "a");
  CHECK(asked == std::vector<std::string>{"a", "b", "c"});
  CHECK(w.pop(1.2) == "c");
  CHECK(w.pop(1.2) == "b");
  CHECK(asked.size() == 5);  // of one alone nobody is asked
}

TEST_CASE("a rejected pod waits for a change that its rejecter cares about") {
  QueueWorld w;
  w.queue.add(pod("p"), at(1));
  w.pop(1);
  w.reject("NodeResourcesFit", 1);
  CHECK(w.queue.unschedulable() == 1);
  w.queue.change({{EventResource::kNode, kActionUpdateNodeTaint}, node("4"), node("4")}, at(1));
  CHECK(w.queue.unschedulable() == 1);
  w.queue.change(kNodeAdded, at(5));
  CHECK(w.queue.unschedulable() == 0);
  CHECK(w.pop(5) == "p");
}

TEST_CASE("a change during the attempt is not lost") {
  QueueWorld w;
  w.queue.add(pod("p"), at(1));
  w.pop(1);
  w.queue.change(kNodeAdded, at(1));
  w.reject("NodeResourcesFit", 1);
  CHECK(w.queue.unschedulable() == 0);
  CHECK(w.queue.backing_off() == 1);
}

TEST_CASE("back-off doubles from 1 s to 10 s; errors wait it out, rejected pods are popped early") {
  QueueWorld w;
  w.queue.add(pod("p"), at(0));
  const int kSeconds[] = {1, 2, 4, 8, 10, 10};
  double now = 100;
  for (const int seconds : kSeconds) {
    REQUIRE(w.pop(now) == "p");
    w.popped->unschedulable = 0;
    w.queue.add_unschedulable(w.popped, at(now));
    CHECK(w.queue.backing_off() == 1);
    CHECK(w.pop(now + 0.5) == "");
    w.queue.flush_backoff(at(now + seconds + 0.9));   // the second in which it expires
    CHECK(w.queue.active() == 0);
    w.queue.flush_backoff(at(now + seconds + 1));
    CHECK(w.queue.active() == 1);
    now += 100;
  }
  w.pop(now);
  w.queue.change(kNodeAdded, at(now));
  w.reject("NodeResourcesFit", now);
  CHECK(w.queue.backing_off() == 1);
  CHECK(w.pop(now) == "p");
}

TEST_CASE("after five minutes a pod is tried again") {
  QueueWorld w;
  w.queue.add(pod("p"), at(0));
  w.pop(0);
  w.reject("NodeResourcesFit", 0);
  w.queue.flush_unschedulable(at(300));
  CHECK(w.pop(300) == "");
  w.queue.flush_unschedulable(at(301));
  CHECK(w.pop(301) == "p");
}

TEST_CASE("gates keep a pod out until they are gone") {
  QueueWorld w;
  const PodInfoRef gated = pod("p", 0, true);
  w.queue.add(gated, at(0));
  CHECK(w.pop(1) == "");
  w.queue.update(gated->object(), pod("p"), at(2));
  CHECK(w.pop(2) == "p");
}

TEST_CASE("a deleted pod leaves every queue") {
  QueueWorld w;
  const PodInfoRef p = pod("p");
  w.queue.add(p, at(0));
  w.queue.remove(p->pod());
  CHECK(w.pop(1) == "");
  w.queue.add(p, at(2));
  w.pop(2);
  w.reject("NodeResourcesFit", 2);
  w.queue.remove(p->pod());
  w.queue.change(kNodeAdded, at(9));
  CHECK(w.pop(9) == "");
}
