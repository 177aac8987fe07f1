// Law: a distribution of time spans, drawn with the project's own arithmetic so that every machine draws the same.
#pragma once
#include "model/base/random.h"
#include "model/base/time.h"

namespace orrery::scenarios::bench {

enum class LawKind : std::uint8_t {
  kFixed,         ///< always `scale`
  kExponential,   ///< mean `scale`
  kWeibull,       ///< `scale`, `shape`
  kLognormal,     ///< median `scale`, `shape` is the deviation of the logarithm
};

struct Law {
  LawKind kind = LawKind::kExponential;
  base::Nanos scale = base::kSecond;
  double shape = 1;
  /// At least 1 ns, at most 100 years.
  base::Nanos draw(base::RandomStream& random) const;
};

/// Standard normal (Marsaglia's polar method).
double draw_normal(base::RandomStream& random);

}  // namespace orrery::scenarios::bench
