// OsRandom: streams seeded once from the operating system.
#pragma once
#include <cstdint>

#include "model/env/random.h"

namespace orrery::real {

class OsRandom : public env::Random {
 public:
  /// Draws 64 bits of the kernel's randomness; aborts when there are none.
  OsRandom();
  base::RandomStream stream(std::string_view concern) override {
    return base::RandomStream(base::stream_key(seed_, concern, {}));
  }

 private:
  std::uint64_t seed_ = 0;
};

}  // namespace orrery::real
