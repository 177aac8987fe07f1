// Behaviour: what the containers of a pod do, declared by the scenario on the pod (annotation orrery.dev/behaviour, JSON).
#pragma once
#include <cstdint>
#include <string_view>

#include "model/base/ref.h"
#include "model/base/result.h"
#include "model/base/time.h"

namespace orrery::sim {

inline constexpr const char* kBehaviourAnnotation = "orrery.dev/behaviour";

/// Undeclared: ready after 1 s, serves for ever, 20 MiB, ends at once on SIGTERM. Init containers exit 0 after 1 s unless
/// `init` says otherwise.
struct Behaviour : base::RefCounted {
  enum class Kind : std::uint8_t { kService, kWork, kMemoryLeak, kCrashLoop, kExit } kind = Kind::kService;
  base::Nanos ready = base::kSecond;       ///< from start to the first successful probe
  std::int64_t memory_bytes = 20 << 20;    ///< working set at start
  std::int64_t leak_per_second = 0;        ///< bytes, kMemoryLeak
  base::Nanos cpu_per_request = 0;         ///< kService
  int threads = 1;                         ///< kService: requests served at the same time, each on at most one core
  base::Nanos cpu_work = 0;                ///< kWork: CPU time until it exits 0; kExit with `busy_milli`: more than it comes to
  base::Nanos after = 0;                   ///< kCrashLoop, kExit: run time
  int exit_code = 0;
  std::int64_t busy_milli = 0;             ///< kExit: thousandths of a core that it works on until then
  std::uint32_t fail_first = 0;            ///< kWork, kExit: so many first pods of the owner exit 1 instead
  base::Nanos on_term = 0;                 ///< from SIGTERM to exit
  bool ignores_term = false;
  base::Nanos init = base::kSecond;        ///< run time of init containers
};

/// {"kind": "service", "ready": "3s", "cpuPerRequest": "2ms", "threads": 4, "memory": "100Mi", "onTerm": "1s" | "ignore", "init": "2s"};
/// work: cpuSeconds, failFirst; memory-leak: perSecond; crash-loop: after, exitCode; exit: after, code, failFirst, busyMilli.
/// kInvalid with what is wrong for unknown keys, kinds and units.
base::Result<base::Ref<const Behaviour>> parse_behaviour(std::string_view json);

}  // namespace orrery::sim
