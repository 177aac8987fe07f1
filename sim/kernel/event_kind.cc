#include "sim/kernel/event_kind.h"

namespace orrery::sim {

const char* to_string(EventKind kind) {
  static constexpr const char* kNames[] = {
#define ORRERY_EVENT_KIND_NAME(id, name) name,
      ORRERY_EVENT_KINDS(ORRERY_EVENT_KIND_NAME)
#undef ORRERY_EVENT_KIND_NAME
  };
  return kind < EventKind::kCount ? kNames[static_cast<unsigned>(kind)] : "?";
}

}  // namespace orrery::sim
