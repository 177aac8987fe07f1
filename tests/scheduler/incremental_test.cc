// Decisions by classes of pods against the plain cycle: random clusters that change all the time, the same answers demanded.
// Where an invalidation is left out on purpose, the answers must be seen to differ.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/scheduler/random_world.h"

using namespace orrery;
using namespace orrery::scheduler;
using namespace orrery::scheduler::testing;

TEST_CASE("classes of pods decide as the plain cycle does") {
  int placed = 0, refused = 0, preempting = 0, by_class = 0, decisions = 0;
  const struct { std::uint64_t seed; std::size_t nodes; int decisions; } kRows[] = {
      {1, 8, 600}, {2, 20, 800}, {3, 40, 800}, {4, 40, 800}, {5, 130, 600}, {6, 260, 600}, {7, 12, 800}, {8, 25, 800}};
  for (const auto& row : kRows) {
    CAPTURE(row.seed);
    RandomWorld w(row.seed, row.nodes, Mistake::kNone);
    const int wrong = w.run(row.decisions);
    CHECK_MESSAGE(wrong == 0, w.first_difference);
    placed += w.placed;
    refused += w.refused;
    preempting += w.preempting;
    by_class += w.by_class;
    decisions += row.decisions;
  }
  MESSAGE(placed, " placed, ", refused, " refused, ", preempting, " preempting, ", by_class, " by class");
  CHECK(placed > decisions / 3);
  CHECK(refused > decisions / 50);
  CHECK(preempting > 0);
  CHECK(by_class > decisions * 3 / 4);   // pods with volumes are decided by the plain cycle
}

TEST_CASE("a change that classes do not hear of makes them decide differently") {
  for (const Mistake m : {Mistake::kNodeUnseen, Mistake::kSelectorsUnseen}) {
    CAPTURE(static_cast<int>(m));
    int wrong = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) wrong += RandomWorld(seed, 30, m).run(400);
    CHECK(wrong > 0);
  }
}

// 200 clusters of 20 to 200 nodes, each of 10,000 pods that come one after another (the plain cycle takes 68 ms on 5,000 nodes;
// these are as many as can be compared in an hour). ORRERY_ALL_SEEDS=1: all; else six clusters of 300 pods.
TEST_CASE("200 random clusters of 10,000 pods: classes decide as the plain cycle does") {
  const bool all = std::getenv("ORRERY_ALL_SEEDS") != nullptr;
  const int clusters = all ? 200 : 6;
  const int pods = all ? 10'000 : 300;
  int placed = 0, refused = 0, preempting = 0, by_class = 0, gated = 0, with_volumes = 0;
  for (int i = 0; i < clusters; ++i) {
    const std::uint64_t seed = 1000 + static_cast<std::uint64_t>(i);
    CAPTURE(seed);
    RandomWorld w(seed, static_cast<std::size_t>(20 + i * 37 % 181), Mistake::kNone);
    const int wrong = w.run(pods);
    CHECK_MESSAGE(wrong == 0, w.first_difference);
    placed += w.placed;
    refused += w.refused;
    preempting += w.preempting;
    by_class += w.by_class;
    gated += w.gated;
    with_volumes += w.with_volumes;
  }
  MESSAGE(clusters, " clusters, ", placed, " placed, ", refused, " refused, ", preempting, " preempting, ", by_class, " by class, ", gated,
          " gated at first, ", with_volumes, " with volumes");
  for (const int n : {placed, refused, preempting, gated, with_volumes}) CHECK(n > 0);
  CHECK(by_class > clusters * pods / 2);
}
