#include "sim/kernel/event_queue.h"

#include <doctest/doctest.h>

#include <set>

#include "model/base/random.h"

namespace orrery::sim {
namespace {

using Entry = EventQueue::Entry;

/// The queue and what it has to agree with.
struct Twins {
  EventQueue queue;
  std::set<Entry> model;
  std::uint64_t keys = 0;

  void push(std::int64_t time) {
    const Entry e{time, ++keys};
    queue.push(e);
    model.insert(e);
  }
  Entry pop() {
    const Entry e = queue.top();
    REQUIRE(e.key == model.begin()->key);
    queue.pop();
    model.erase(model.begin());
    return e;
  }
};

TEST_CASE("event queue: entries of all distances come out in order, also those before what was seen on top") {
  base::RandomStream random(7);
  Twins t;
  std::int64_t now = 0;
  // Delays from nanoseconds to days.
  const auto delay = [&] { return static_cast<std::int64_t>(random.next() >> (16 + random.next() % 48)); };
  for (int round = 0; round < 200'000; ++round) {
    const std::uint64_t what = random.next() % 100;
    if (what < 52 || t.model.empty()) {
      t.push(now + delay());
    } else if (what < 99) {
      now = t.pop().time;
    } else if (round % 2 == 0) {
      const auto gone = [](const Entry& e) { return e.key % 3 == 0; };
      t.queue.erase_if(gone);
      std::erase_if(t.model, gone);
    } else {
      const std::int64_t later = delay();
      const auto move = [now, later](std::int64_t time) {
        return time % 3 == 0 ? time : time % 3 == 1 ? now + (time - now) / 3 : time + later;
      };
      t.queue.update_all([&](Entry& e) { e.time = move(e.time); });
      std::set<Entry> moved;
      for (const Entry& e : t.model) moved.insert({move(e.time), e.key});
      t.model = std::move(moved);
    }
    REQUIRE(t.queue.size() == t.model.size());
  }
  while (!t.model.empty()) t.pop();
  CHECK(t.queue.empty());
}

TEST_CASE("event queue: bursts of entries that are due at nearly the same time") {
  base::RandomStream random(11);
  Twins t;
  std::int64_t now = 0;
  for (int burst = 0; burst < 2000; ++burst) {
    for (std::uint64_t n = random.below(150); n > 0; --n) t.push(now + static_cast<std::int64_t>(random.below(1'000'000)));
    if (burst % 50 == 49) {
      const auto gone = [&](const Entry& e) { return e.time < now + 300'000; };
      t.queue.erase_if(gone);
      std::erase_if(t.model, gone);
    }
    for (std::uint64_t n = random.below(150); n > 0 && !t.model.empty(); --n) {
      now = t.pop().time;
      if (n % 3 == 0) t.push(now + static_cast<std::int64_t>(random.below(100'000)));
    }
    REQUIRE(t.queue.size() == t.model.size());
  }
  while (!t.model.empty()) t.pop();
}

TEST_CASE("event queue: an empty stretch longer than all buckets is crossed at once") {
  Twins t;
  for (const std::int64_t seconds : {1, 100'000, 16, 100'017, 9'000'000}) t.push(seconds * 1'000'000'000);
  while (!t.model.empty()) t.pop();
  CHECK(t.queue.empty());
}

}  // namespace
}  // namespace orrery::sim
