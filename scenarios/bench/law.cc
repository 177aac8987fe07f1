#include "scenarios/bench/law.h"

#include <algorithm>
#include <cmath>

#include "model/base/math.h"

namespace orrery::scenarios::bench {
namespace {

constexpr base::Nanos kLongest = 100 * 365 * 24 * base::kHour;

}  // namespace

double draw_normal(base::RandomStream& random) {
  while (true) {
    const double x = 2 * random.unit() - 1;
    const double y = 2 * random.unit() - 1;
    const double r = x * x + y * y;
    if (r > 0 && r < 1) return x * std::sqrt(-2 * base::log(r) / r);
  }
}

base::Nanos Law::draw(base::RandomStream& random) const {
  double factor = 1;
  if (kind == LawKind::kExponential) factor = random.exponential(1);
  if (kind == LawKind::kWeibull) factor = base::pow(random.exponential(1), 1 / shape);
  if (kind == LawKind::kLognormal) factor = base::exp(shape * draw_normal(random));
  const double span = factor * static_cast<double>(scale);
  if (!(span < static_cast<double>(kLongest))) return kLongest;
  return std::max<base::Nanos>(1, static_cast<base::Nanos>(span));
}

}  // namespace orrery::scenarios::bench
