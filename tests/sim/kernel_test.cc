#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "model/base/random.h"
#include "sim/kernel/kernel.h"

namespace orrery::sim {
namespace {

using base::Instant;

TEST_CASE("events run in the order of date, then of scheduling") {
  Kernel k;
  base::RandomStream r(7);
  struct Planned {
    std::int64_t date;
    int number;
    bool cancelled = false;
  };
  std::vector<Planned> planned;
  std::vector<EventId> ids;
  std::vector<int> ran;
  for (int i = 0; i < 20'000; ++i) {
    const auto date = static_cast<std::int64_t>(r.below(500));
    planned.push_back({date, i});
    ids.push_back(k.at({date}, {}, [&ran, i] { ran.push_back(i); }));
  }
  for (int i = 0; i < 20'000; ++i) {
    if (r.below(4) == 0) continue;  // most of them: makes the heap sweep
    planned[static_cast<std::size_t>(i)].cancelled = true;
    CHECK(k.cancel(ids[static_cast<std::size_t>(i)]));
  }
  std::erase_if(planned, [](const Planned& p) { return p.cancelled; });
  std::stable_sort(planned.begin(), planned.end(),
                   [](const Planned& a, const Planned& b) { return a.date < b.date; });
  CHECK(k.pending_count() == planned.size());
  k.run_until({1000});
  CHECK(k.now() == Instant{1000});
  REQUIRE(ran.size() == planned.size());
  for (std::size_t i = 0; i < ran.size(); ++i) REQUIRE(ran[i] == planned[i].number);
  CHECK(k.executed() == planned.size());
  CHECK(k.pending_count() == 0);
}

TEST_CASE("ids of run and cancelled events are dead, also when their slot is used again") {
  Kernel k;
  const EventId a = k.at({1}, {}, [] {});
  k.run_until({1});
  CHECK_FALSE(k.cancel(a));
  int ran = 0;
  const EventId b = k.at({2}, {}, [&] { ++ran; });
  CHECK_FALSE(k.cancel(a));
  CHECK(k.pending(b));
  k.run_until({2});
  CHECK(ran == 1);
  CHECK_FALSE(k.cancel(EventId::kNone));
}

TEST_CASE("an event may schedule for now, cancel others and not itself") {
  Kernel k;
  std::vector<int> ran;
  EventId self{}, victim{};
  self = k.at({5}, {}, [&] {
    ran.push_back(1);
    CHECK_FALSE(k.cancel(self));
    CHECK(k.cancel(victim));
    k.at({0}, {}, [&] { ran.push_back(3); });  // the past is now
    k.defer([&] { ran.push_back(2); });
  });
  victim = k.at({5}, {}, [&] { ran.push_back(9); });
  k.run_until({5});
  CHECK(ran == std::vector<int>{1, 2, 3});
  CHECK(k.now() == Instant{5});
}

TEST_CASE("run_until stops at its date and after stop()") {
  Kernel k;
  int ran = 0;
  for (int i = 1; i <= 3; ++i) k.at({i * 10}, {}, [&] { ++ran; });
  k.run_until({20});
  CHECK(ran == 2);
  CHECK(k.next() == Instant{30});
  k.at({25}, {}, [&] { k.stop(); });
  k.run_until({100});
  CHECK(k.now() == Instant{25});
  CHECK(ran == 2);
  k.run_until({100});
  CHECK(ran == 3);
  CHECK(k.next() == base::kNever);
}

std::uint64_t digest_of(std::int64_t date, std::uint32_t owner, EventKind kind, std::uint64_t content) {
  Kernel k;
  while (owner > 0 && k.new_owner() < owner) {
  }
  k.at({date}, {owner, kind, content}, [] {});
  k.run_until({1000});
  return k.digest();
}

TEST_CASE("the digest covers date, owner, kind and content") {
  const std::uint64_t plain = digest_of(1, 1, EventKind::kTimer, 1);
  CHECK(plain == digest_of(1, 1, EventKind::kTimer, 1));
  CHECK(plain != digest_of(2, 1, EventKind::kTimer, 1));
  CHECK(plain != digest_of(1, 2, EventKind::kTimer, 1));
  CHECK(plain != digest_of(1, 1, EventKind::kCall, 1));
  CHECK(plain != digest_of(1, 1, EventKind::kTimer, 2));
}

TEST_CASE("events of a paused owner wait in order; discarded ones never run") {
  Kernel k;
  const std::uint32_t a = k.new_owner(), b = k.new_owner();
  std::vector<int> ran;
  for (int i = 0; i < 3; ++i) k.at({i}, {a, EventKind::kTimer, 0}, [&ran, i] { ran.push_back(i); });
  const EventId held = k.at({3}, {a, EventKind::kTimer, 0}, [&] { ran.push_back(99); });
  k.at({4}, {b, EventKind::kTimer, 0}, [&] { ran.push_back(10); });
  k.pause(a);
  k.run_until({10});
  CHECK(ran == std::vector<int>{10});
  CHECK(k.cancel(held));
  k.resume(a);
  k.run_until({10});
  CHECK(ran == std::vector<int>{10, 0, 1, 2});
  auto token = std::make_shared<int>(0);
  k.at({20}, {a, EventKind::kTimer, 0}, [token, &ran] { ran.push_back(98); });
  k.at({20}, {b, EventKind::kTimer, 0}, [&] { ran.push_back(11); });
  k.discard({false, true});
  CHECK(token.use_count() == 1);
  k.run_until({30});
  CHECK(ran.back() == 11);
}

struct Model : LazyModel {
  std::vector<std::int64_t> dates;
  std::vector<std::int64_t> advanced;
  int asked = 0;
  Instant next() override {
    ++asked;
    return dates.empty() ? base::kNever : Instant{dates.front()};
  }
  void advance(Instant to) override {
    advanced.push_back(to.ns);
    while (!dates.empty() && dates.front() <= to.ns) dates.erase(dates.begin());
  }
};

TEST_CASE("a lazy model is advanced only when its date comes first") {
  Kernel k;
  Model m;
  m.dates = {15, 20, 40};
  k.attach(m);
  std::vector<std::int64_t> ran;
  for (const std::int64_t t : {10, 20, 30}) k.at({t}, {}, [&ran, t] { ran.push_back(t); });
  k.run_until({35});
  CHECK(ran == std::vector<std::int64_t>{10, 20, 30});
  CHECK(m.advanced == std::vector<std::int64_t>{15, 20});
  CHECK(k.next() == Instant{40});
  k.run_until({50});
  CHECK(m.advanced.size() == 3);
  k.detach(m);
  const int asked = m.asked;
  k.run_until({60});
  CHECK(m.asked == asked);
}

struct Recorder : EventSink {
  std::vector<EventRecord> events;
  void on_event(const EventRecord& e) override { events.push_back(e); }
};

TEST_CASE("the sink sees every event and the digest behind it") {
  Kernel k;
  Recorder sink;
  k.set_sink(&sink);
  k.at({3}, {0, EventKind::kFault, 42}, [] {});
  k.at({4}, {0, EventKind::kTimer, 43}, [] {});
  k.run_until({9});
  REQUIRE(sink.events.size() == 2);
  CHECK(sink.events[0].time == Instant{3});
  CHECK(sink.events[0].kind == EventKind::kFault);
  CHECK(sink.events[1].content == 43);
  CHECK(sink.events[1].number == 2);
  CHECK(sink.events[1].digest == k.digest());
  CHECK(sink.events[0].digest != k.digest());
}

std::vector<int> order_under(bool pointer_order) {
  Kernel k;
  k.plant_faults(pointer_order, nullptr);
  std::vector<int> ran;
  for (int i = 0; i < 200; ++i) k.at({5}, {}, [&ran, i] { ran.push_back(i); });
  k.run_until({9});
  return ran;
}

TEST_CASE("the planted breaches of determinism are breaches") {
  const std::vector<int> good = order_under(false);
  CHECK(std::is_sorted(good.begin(), good.end()));
  const std::vector<int> bad = order_under(true);
  CHECK(bad.size() == good.size());
  CHECK_FALSE(std::is_sorted(bad.begin(), bad.end()));

  Kernel k;
  k.plant_faults(false, [] { return std::int64_t{std::chrono::steady_clock::now().time_since_epoch().count()}; });
  std::vector<std::int64_t> dates;
  for (int i = 0; i < 200; ++i) k.at({i * 100}, {}, [&] { dates.push_back(k.now().ns % 100); });
  k.run_until({100'000});
  CHECK(*std::max_element(dates.begin(), dates.end()) > 0);
}

}  // namespace
}  // namespace orrery::sim
