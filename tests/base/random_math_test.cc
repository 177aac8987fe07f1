#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "model/base/math.h"
#include "model/base/random.h"

using namespace orrery;
using base::RandomStream;

namespace {

double relative_error(double got, double want) {
  return want == 0 ? std::abs(got) : std::abs(got / want - 1);
}

}  // namespace

TEST_CASE("random: streams are functions of their key") {
  RandomStream a(base::stream_key(7, "uid", "apiserver/1"));
  RandomStream b(base::stream_key(7, "uid", "apiserver/1"));
  CHECK(a.next() == b.next());
  CHECK(a.next() == RandomStream::at(base::stream_key(7, "uid", "apiserver/1"), 1));
  CHECK(a.draws() == 2);
  const std::uint64_t key = base::stream_key(7, "uid", "apiserver/1");
  for (const std::uint64_t other :
       {base::stream_key(8, "uid", "apiserver/1"), base::stream_key(7, "name", "apiserver/1"),
        base::stream_key(7, "uid", "apiserver/2"), base::stream_key(7, "uid", "apiserver/1", 1)}) {
    CHECK(other != key);
  }
}

TEST_CASE("random: below is in range and even") {
  for (const std::uint64_t bound : {1ULL, 2ULL, 3ULL, 10ULL, 27ULL, 1000ULL}) {
    RandomStream random(base::stream_key(1, "below", "x", bound));
    std::vector<int> seen(bound);
    int outside = 0;
    const int draws = static_cast<int>(bound) * 1000;
    for (int i = 0; i < draws; ++i) {
      const std::uint64_t v = random.below(bound);
      if (v < bound) ++seen[v];
      else ++outside;
    }
    CHECK(outside == 0);
    // 1000 expected each, standard deviation below 32: six of them on either side.
    for (const int n : seen) CHECK((bound == 1 || (n > 800 && n < 1200)));
  }
  // Where 2^64 is far from a multiple of the bound, taking the remainder would show the lower half
  // twice as often.
  RandomStream random(5);
  const std::uint64_t bound = 0xC000000000000000ULL;
  int low = 0;
  for (int i = 0; i < 10000; ++i) low += random.below(bound) < bound / 2 ? 1 : 0;
  CHECK(low > 4700);
  CHECK(low < 5300);
}

TEST_CASE("random: unit and exponential") {
  RandomStream random(9);
  double sum = 0, least = 1, most = 0, exponential = 0;
  int negative = 0;
  for (int i = 0; i < 20000; ++i) {
    const double u = random.unit();
    sum += u;
    least = std::min(least, u);
    most = std::max(most, u);
    const double e = random.exponential(3);
    negative += e < 0 ? 1 : 0;
    exponential += e;
  }
  CHECK(negative == 0);
  CHECK(least >= 0);
  CHECK(most < 1);
  CHECK(std::abs(sum / 20000 - 0.5) < 0.02);
  CHECK(std::abs(exponential / 20000 - 3) < 0.15);
}

TEST_CASE("math: close to libm") {
  RandomStream random(3);
  double log_error = 0, exp_error = 0, pow_error = 0;
  for (int i = 0; i < 100000; ++i) {
    const double wide = std::ldexp(1 + random.unit(), static_cast<int>(random.below(2000)) - 1000);
    const double near_one = 0.5 + random.unit();
    for (const double x : {wide, near_one, 1 + (random.unit() - 0.5) * 1e-6}) {
      log_error = std::max(log_error, relative_error(base::log(x), std::log(x)));
    }
    const double y = (random.unit() - 0.5) * 1400;
    exp_error = std::max(exp_error, relative_error(base::exp(y), std::exp(y)));
    const double small = (random.unit() - 0.5) * 1e-3;
    exp_error = std::max(exp_error, relative_error(base::exp(small), std::exp(small)));
    const double x = random.unit() * 10;
    const double power = (random.unit() - 0.5) * 8;
    pow_error = std::max(pow_error, relative_error(base::pow(x, power), std::pow(x, power)));
  }
  CHECK(log_error < 1e-15);
  CHECK(exp_error < 2e-15);
  CHECK(pow_error < 1e-13);
}

TEST_CASE("math: special values") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(base::log(1) == 0);
  CHECK(base::log(0) == -inf);
  CHECK(std::isnan(base::log(-1)));
  CHECK(base::log(inf) == inf);
  CHECK(relative_error(base::log(5e-324), std::log(5e-324)) < 1e-15);
  CHECK(base::exp(0) == 1);
  CHECK(base::exp(1000) == inf);
  CHECK(base::exp(-1000) == 0);
  CHECK(relative_error(base::exp(709.7), std::exp(709.7)) < 2e-15);
  CHECK(base::pow(2, 10) == 1024);
  CHECK(base::pow(2, -2) == 0.25);
  CHECK(base::pow(0, 0) == 1);
  CHECK(base::pow(0, 0.5) == 0);
  CHECK(relative_error(base::pow(2, 0.5), std::sqrt(2.0)) < 1e-15);
}
