// The planted bugs of the product, one line each: X(enumerator, "name", "what breaks", "invariant that must catch it").
#pragma once
#include <cstdint>

#define ORRERY_FAULT_SITES(X)                                                                                       \
  X(kAckBeforeSync, "ack-before-sync", "a store member acknowledges entries before its disk has them", "S2")        \
  X(kPointerOrder, "pointer-order", "events of one instant run in the order of their addresses", "Z1")              \
  X(kWallClockRead, "wall-clock-read", "event dates take in the machine's own clock", "Z1")

namespace orrery::env {

enum class Site : std::uint8_t {
#define ORRERY_SITE_ENUM(id, name, what, invariant) id,
  ORRERY_FAULT_SITES(ORRERY_SITE_ENUM)
#undef ORRERY_SITE_ENUM
  kCount
};

static_assert(static_cast<unsigned>(Site::kCount) <= 128);

}  // namespace orrery::env
