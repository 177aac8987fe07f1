#include "model/base/function.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

using namespace orrery::base;

namespace {

/// Counts live instances, so that a leak or a double destruction shows.
struct Probe {
  explicit Probe(int* live) : live_(live) { ++*live_; }
  Probe(const Probe& o) : live_(o.live_) { ++*live_; }
  Probe(Probe&& o) noexcept : live_(o.live_) { ++*live_; }
  ~Probe() { --*live_; }
  int* live_;
};

template <std::size_t kBytes>
void check_life() {
  int live = 0;
  {
    std::array<char, kBytes> ballast{};
    ballast[0] = 3;
    UniqueFunction<int(int)> f = [p = Probe(&live), ballast](int x) { return x + ballast[0]; };
    CHECK(live == 1);
    CHECK(f(4) == 7);
    UniqueFunction<int(int)> g = std::move(f);
    CHECK_FALSE(f);
    CHECK(g(5) == 8);
    CHECK(live == 1);
    std::vector<UniqueFunction<int(int)>> many;
    many.push_back(std::move(g));
    for (int i = 0; i < 10; ++i) many.emplace_back([p = Probe(&live)](int x) { return x; });
    CHECK(many[0](1) == 4);
    CHECK(live == 11);
    many[0] = [](int x) { return -x; };
    CHECK(many[0](1) == -1);
    CHECK(live == 10);
    many[1].reset();
    CHECK(live == 9);
  }
  CHECK(live == 0);
}

}  // namespace

TEST_CASE("function: inline and heap callables live once") {
  check_life<1>();
  check_life<40>();
  check_life<41>();
  check_life<200>();
}

TEST_CASE("function: move-only captures and arguments") {
  UniqueFunction<std::unique_ptr<int>(std::unique_ptr<int>)> f =
      [kept = std::make_unique<int>(2)](std::unique_ptr<int> p) {
        *p += *kept;
        return p;
      };
  CHECK(*f(std::make_unique<int>(40)) == 42);
  int calls = 0;
  UniqueFunction<void()> count = [&calls] { ++calls; };
  count();
  count();
  CHECK(calls == 2);
  count = nullptr;
  CHECK_FALSE(count);
}

TEST_CASE("function: closures that are only bytes move with all of them") {
  struct Words {
    std::uint64_t w[6];
  };
  UniqueFunction<std::uint64_t(int)> f = [words = Words{{1, 2, 3, 4, 5, 6}}](int i) { return words.w[i]; };
  UniqueFunction<std::uint64_t(int)> g = std::move(f);
  CHECK_FALSE(f);
  for (int i = 0; i < 6; ++i) CHECK(g(i) == static_cast<std::uint64_t>(i) + 1);
  UniqueFunction<std::uint64_t(int)> stateless = [](int i) { return static_cast<std::uint64_t>(i); };
  f = std::move(stateless);
  CHECK(f(7) == 7);
}

TEST_CASE("function: made in place, from a callable or from another function") {
  int live = 0;
  {
    UniqueFunction<void()> f;
    f.emplace([p = Probe(&live)] {});
    CHECK(live == 1);
    UniqueFunction<void()> g;
    g.emplace(std::move(f));
    CHECK_FALSE(f);
    CHECK(live == 1);
    g();
    g.reset();
    CHECK(live == 0);
    g.emplace([p = Probe(&live)] {});
    CHECK(live == 1);
  }
  CHECK(live == 0);
}
