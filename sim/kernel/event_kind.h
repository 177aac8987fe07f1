// EventKind: what a kernel event is, as it stands in the digest and in events.jsonl.
#pragma once
#include <cstdint>

// Append only: the numbers enter the digest.
#define ORRERY_EVENT_KINDS(X) \
  X(kWorld, "world")          \
  X(kStart, "start")          \
  X(kTimer, "timer")          \
  X(kDatagram, "datagram")    \
  X(kDial, "dial")            \
  X(kCall, "call")            \
  X(kReply, "reply")          \
  X(kTimeout, "timeout")      \
  X(kStream, "stream")        \
  X(kClose, "close")          \
  X(kRetransmit, "retransmit") \
  X(kKeepalive, "keepalive")  \
  X(kHealth, "health")        \
  X(kDisk, "disk")            \
  X(kCompute, "compute")      \
  X(kFault, "fault")          \
  X(kContainer, "container")  \
  X(kProbe, "probe")          \
  X(kDataplane, "dataplane")  \
  X(kModel, "model")          \
  X(kClient, "client")

namespace orrery::sim {

enum class EventKind : std::uint16_t {
#define ORRERY_EVENT_KIND_ENUM(id, name) id,
  ORRERY_EVENT_KINDS(ORRERY_EVENT_KIND_ENUM)
#undef ORRERY_EVENT_KIND_ENUM
  kCount
};

/// "timer", "call", ...
const char* to_string(EventKind kind);

}  // namespace orrery::sim
