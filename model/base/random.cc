#include "model/base/random.h"

#include "model/base/check.h"
#include "model/base/math.h"

namespace orrery::base {

std::uint64_t RandomStream::below(std::uint64_t bound) {
  ORRERY_CHECK(bound > 0, "below(0)");
  unsigned __int128 product = static_cast<unsigned __int128>(next()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<unsigned __int128>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double RandomStream::exponential(double mean) { return -mean * log(1.0 - unit()); }

}  // namespace orrery::base
