#include "control/client/work_queue.h"

#include <doctest/doctest.h>

#include "tests/client/fake_process.h"

namespace orrery::test {
namespace {

using base::kMillisecond;
using base::kSecond;
using base::Str;

struct QueueWorld {
  FakeProcess process;
  client::WorkQueue queue{process.env(), {}};
  std::vector<std::string> got;
  env::TaskScope tasks{process.trampoline};
  static env::Task<> take(QueueWorld* w) {
    while (true) {
      const Str key = co_await w->queue.get();
      w->got.push_back(key.str());
    }
  }
  void worker() { tasks.spawn(take(this)); }
};
using Keys = std::vector<std::string>;

TEST_CASE("keys come in order, each once while it waits") {
  QueueWorld w;
  for (const char* k : {"b", "a", "b", "c"}) w.queue.add(k);
  CHECK(w.queue.ready() == 3);
  w.worker();
  CHECK(w.got == Keys{"b", "a", "c"});
}

TEST_CASE("a key added in process comes again after done") {
  QueueWorld w;
  w.worker();
  w.queue.add("a");
  w.queue.add("a");
  w.queue.add("a");
  CHECK(w.got == Keys{"a"});
  w.queue.done("a");
  CHECK(w.got == Keys{"a", "a"});
  w.queue.done("a");
  CHECK(w.got == Keys{"a", "a"});
}

TEST_CASE("several workers share the keys and none is lost") {
  QueueWorld w;
  for (int i = 0; i < 3; ++i) w.worker();
  for (const char* k : {"a", "b", "c", "d", "e"}) w.queue.add(k);
  CHECK(w.got == Keys{"a", "b", "c", "d", "e"});
}

TEST_CASE("of two delays the earlier one counts") {
  for (const bool earlier_first : {true, false}) {
    QueueWorld w;
    w.worker();
    w.queue.add_after("a", (earlier_first ? 1 : 3) * kSecond);
    w.queue.add_after("a", (earlier_first ? 3 : 1) * kSecond);
    w.process.time.run_for(kSecond - 1);
    CHECK(w.got.empty());
    w.process.time.run_for(1);
    CHECK(w.got == Keys{"a"});
    w.queue.done("a");
    w.process.time.run_for(10 * kSecond);
    CHECK(w.got.size() == 1);
  }
}

TEST_CASE("failures delay by 5 ms doubled each time, up to 1000 s, until forgotten") {
  QueueWorld w;
  w.worker();
  for (int i = 0; i < 30; ++i) {
    const base::Nanos delay = i < 18 ? (5 * kMillisecond) << i : 1000 * kSecond;
    CHECK(w.queue.failures("a") == i);
    w.queue.add_rate_limited("a");
    w.process.time.run_for(delay - 1);
    CHECK(w.got.size() == static_cast<std::size_t>(i));
    w.process.time.run_for(1);
    CHECK(w.got.size() == static_cast<std::size_t>(i) + 1);
    w.queue.done("a");
  }
  w.queue.forget("a");
  CHECK(w.queue.failures("a") == 0);
}

TEST_CASE("over all keys a burst of 100 and then 10 per second") {
  QueueWorld w;
  w.worker();
  for (int i = 0; i < 120; ++i) w.queue.add_rate_limited(std::to_string(i));
  w.process.time.run_for(50 * kMillisecond);
  CHECK(w.got.size() == 100);
  w.process.time.run_for(kSecond);
  CHECK(w.got.size() == 110);
  w.process.time.run_for(kSecond);
  CHECK(w.got.size() == 120);
}

}  // namespace
}  // namespace orrery::test
