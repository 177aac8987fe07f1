// EventSink: who wants to see every event of a run (events.jsonl, run comparison).
#pragma once
#include <cstdint>

#include "model/base/time.h"
#include "sim/kernel/event_kind.h"

namespace orrery::sim {

struct EventRecord {
  std::uint64_t number = 0;   ///< counts executed events from 1
  base::Instant time;         ///< kernel time
  std::uint32_t owner = 0;    ///< process incarnation number, 0 for the world itself
  EventKind kind = EventKind::kWorld;
  std::uint64_t content = 0;  ///< content hash as it entered the digest
  std::uint64_t digest = 0;   ///< rolling digest including this event
};

/// Called before the event's callback runs. May not touch the simulation.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const EventRecord& event) = 0;
};

}  // namespace orrery::sim
