// The queue of a timed run: priority, arrival, gangs side by side, an order of the policy's own.
#include <doctest/doctest.h>

#include "scenarios/bench/timed_queue.h"

namespace timed_queue_test {

using namespace orrery::scenarios::bench;

std::vector<TracePod> pods(std::initializer_list<std::pair<int, const char*>> rows) {
  std::vector<TracePod> out;
  for (const auto& [priority, gang] : rows) {
    out.emplace_back();
    out.back().priority = priority;
    out.back().gang = gang;
    out.back().milli_cpu = 100 - static_cast<std::int64_t>(out.size());
  }
  return out;
}

TEST_CASE("by priority, then arrival; gangs stand together; nobody twice") {
  const auto all = pods({{0, ""}, {0, "g"}, {5, ""}, {0, ""}, {0, "g"}});
  TimedQueue q(all, {0, 1, 2, 3, 1});
  for (const std::uint32_t i : {3, 4, 0, 2, 1, 3}) q.add(i);
  CHECK(q.all() == std::vector<std::uint32_t>{2, 0, 1, 4, 3});
  q.take_out([](std::uint32_t i) { return i == 0 || i == 2; });
  CHECK(q.all() == std::vector<std::uint32_t>{1, 4, 3});
  CHECK(!q.has(2));
  q.add(0);
  CHECK(q.all() == std::vector<std::uint32_t>{0, 1, 4, 3});
}

TEST_CASE("an order of the policy's own goes before all, but for gangs") {
  const auto all = pods({{9, ""}, {0, "g"}, {0, ""}, {0, "g"}});
  TimedQueue q(all, {0, 1, 2, 1}, [&](std::uint32_t a, std::uint32_t b) { return all[a].milli_cpu < all[b].milli_cpu; });
  for (const std::uint32_t i : {0, 2}) q.add(i);
  CHECK(q.all() == std::vector<std::uint32_t>{2, 0});          // the later one is smaller
}

}  // namespace timed_queue_test
