#include "real/loop/clock.h"

#include <chrono>

namespace orrery::real {
namespace {

template <class C>
base::Instant read() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(C::now().time_since_epoch()).count()};
}

}  // namespace

base::Instant SystemClock::now() const { return read<std::chrono::steady_clock>(); }
base::Instant SystemClock::wall() const { return read<std::chrono::system_clock>(); }

}  // namespace orrery::real
