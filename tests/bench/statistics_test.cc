// The statistics of the tables against numbers from the literature and from reckoning by hand.
#include <doctest/doctest.h>

#include <cmath>

#include "scenarios/bench/statistics.h"
#include "scenarios/bench/summary.h"
#include "scenarios/bench/waits.h"

using namespace orrery;
using namespace orrery::scenarios::bench;

namespace {

RunRecord record(const char* policy, std::uint64_t seed, double value) {
  RunRecord out;
  out.trace = "t";
  out.size = "100%";
  out.policy = policy;
  out.seed = seed;
  out.metrics = {{"allocation_pct", value}};
  return out;
}

}  // namespace

TEST_CASE("mean, deviation, quantiles") {
  const std::vector<double> v{2, 4, 4, 4, 5, 5, 7, 9};
  CHECK(mean_of(v) == 5);
  CHECK(deviation_of(v) == doctest::Approx(2.13809));
  CHECK(deviation_of(std::vector<double>{0.1, 0.1, 0.1}) == 0);
  CHECK(quantile_of(v, 0.5) == 4.5);
  CHECK(quantile_of(v, 0) == 2);
  CHECK(quantile_of(v, 1) == 9);
}

TEST_CASE("Wilcoxon's signed-rank test") {
  // Ten differences of one sign: 2 / 2^10.
  CHECK(signed_rank_p(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) == doctest::Approx(2.0 / 1024));
  // Darwin's maize (Fisher, The Design of Experiments): ranks of -48 and -67 are negative; R gives 0.04126 with exact = TRUE.
  const std::vector<double> maize{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
  CHECK(signed_rank_p(maize) == doctest::Approx(0.04126).epsilon(0.001));
  // Zeros are left out, ties share ranks: ranks 1.5, 1.5, 3 all positive: 2 / 2^3.
  CHECK(signed_rank_p(std::vector<double>{0, 1, 1, 2}) == doctest::Approx(0.25));
  CHECK(signed_rank_p(std::vector<double>{0, 0}) == 1);
  CHECK(signed_rank_p(std::vector<double>{-1, 1}) == 1);
}

TEST_CASE("the normal approximation continues the exact test") {
  std::vector<double> exact, beyond;
  for (int i = 1; i <= 200; ++i) exact.push_back(i % 5 < 3 ? i : -i);
  beyond = exact;
  beyond.push_back(1e-9);
  CHECK(signed_rank_p(beyond) == doctest::Approx(signed_rank_p(exact)).epsilon(0.03));
}

TEST_CASE("Holm's correction") {
  const std::vector<double> got = holm({0.01, 0.04, 0.03, 0.005});
  CHECK(got[0] == doctest::Approx(0.03));
  CHECK(got[1] == doctest::Approx(0.06));
  CHECK(got[2] == doctest::Approx(0.06));
  CHECK(got[3] == doctest::Approx(0.02));
  CHECK(holm({0.9, 0.8})[0] == 1);
}

TEST_CASE("bootstrap intervals hold the mean and repeat themselves") {
  const std::vector<double> v{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const Interval a = bootstrap_mean(v, "x"), b = bootstrap_mean(v, "x");
  CHECK(a.low == b.low);
  CHECK(a.high == b.high);
  // Normal theory gives 6.5 +- 1.96 x 3.606 / sqrt(12) x sqrt(11 / 12).
  CHECK(a.low == doctest::Approx(4.55).epsilon(0.05));
  CHECK(a.high == doctest::Approx(8.45).epsilon(0.05));
}

TEST_CASE("rows say too few and deterministic") {
  std::vector<RunRecord> few, same, many;
  for (std::uint64_t s = 0; s < 3; ++s) few.push_back(record("a", s, 50 + static_cast<double>(s)));
  for (std::uint64_t s = 0; s < 3; ++s) few.push_back(record("b", s, 60 + 2 * static_cast<double>(s)));
  CHECK(summarise(few)[1].comparison->too_few);
  CHECK(interval_text(summarise(few)[1]) == "+11.00 (too few)");
  for (const char* p : {"a", "b"}) {
    for (std::uint64_t s = 0; s < 12; ++s) same.push_back(record(p, s, *p == 'a' ? 50 : 60));
  }
  CHECK(summarise(same)[0].deterministic);
  CHECK(interval_text(summarise(same)[1]) == "+10.00 (deterministic)");
  CHECK(p_text(summarise(same)[1]) == "");
  for (const char* p : {"a", "b"}) {
    for (std::uint64_t s = 0; s < 12; ++s) many.push_back(record(p, s, (*p == 'a' ? 50 : 60) + static_cast<double>(s * s % 7) * (*p == 'a' ? 1 : 2)));
  }
  const auto rows = summarise(many);
  CHECK(!rows[0].comparison);
  CHECK(rows[1].comparison->difference > 10);
  CHECK(rows[1].comparison->interval.low > 9);
  CHECK(rows[1].comparison->p == doctest::Approx(2.0 / 4096));
}

TEST_CASE("waits that never end are not forgotten") {
  Waits w;
  for (int i = 1; i <= 8; ++i) w.add(i * base::kSecond, true);
  CHECK(w.quantile(0.5) == 4);
  CHECK(w.quantile(0.99) == 8);
  w.add(2 * base::kSecond, false);
  w.add(100 * base::kSecond, false);
  // 10 at risk: 1/10 and 1/9 served at 1 and 2; then 7 at risk: 6/7, 5/6, ... of what is left.
  CHECK(w.quantile(0.5) == 5);
  CHECK(w.quantile(0.9) == INFINITY);
  CHECK(w.mean_of_served() == 4.5);
}
