#include "real/loop/random.h"

#include <sys/random.h>

#include "model/base/check.h"

namespace orrery::real {

OsRandom::OsRandom() {
  const auto got = getrandom(&seed_, sizeof seed_, 0);
  ORRERY_CHECK(got == static_cast<ssize_t>(sizeof seed_), "getrandom gives eight bytes");
}

}  // namespace orrery::real
