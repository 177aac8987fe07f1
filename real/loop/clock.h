// SystemClock: the clocks of the operating system.
#pragma once
#include "model/env/clock.h"

namespace orrery::real {

class SystemClock : public env::Clock {
 public:
  base::Instant now() const override;
  base::Instant wall() const override;
};

}  // namespace orrery::real
