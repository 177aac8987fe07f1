// FaultPlan: an explicit list of (date, target, fault), which a run prints, a replay reads and a shrinker
// takes apart.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"

// X(enumerator, "name", "what `value` and `value2` are")
#define ORRERY_FAULT_KINDS(X)                                                                        \
  X(kMachinePowerOff, "machine/power-off", "silent; on again after `duration`, if it is not 0")      \
  X(kMachinePowerOn, "machine/power-on", "")                                                         \
  X(kMachineReboot, "machine/reboot", "orderly; back after `duration`")                              \
  X(kMachineCpuSlow, "machine/cpu-slow", "percent of the normal length of thinking")                 \
  X(kProcessKill, "process/kill", "")                                                                \
  X(kProcessKillAtEffect, "process/kill-at-effect", "effect number; value2: effect * 2 + after")     \
  X(kProcessPause, "process/pause", "")                                                              \
  X(kProcessResume, "process/resume", "")                                                            \
  X(kProcessStop, "process/stop", "not started again until `duration` is over, if it is not 0")      \
  X(kProcessRestart, "process/restart", "")                                                          \
  X(kProcessStart, "process/start", "again, after process/stop")                                     \
  X(kNetworkPartition, "network/partition", "1: both ways, 0: from target to peer only")             \
  X(kNetworkRing, "network/ring", "each target host reaches only its two neighbours in order")       \
  X(kNetworkDelay, "network/delay", "ns added; value2: ns of jitter")                                \
  X(kNetworkLoss, "network/loss", "parts per million")                                               \
  X(kNetworkDuplicate, "network/duplicate", "parts per million")                                     \
  X(kNetworkReorder, "network/reorder", "parts per million; value2: window in ns")                   \
  X(kNetworkBandwidth, "network/bandwidth", "bytes per second")                                      \
  X(kNetworkClog, "network/clog", "everything is held until `duration` is over")                     \
  X(kNetworkHeal, "network/heal", "ends every network fault")                                        \
  X(kDiskSlow, "disk/slow", "percent of the normal latency")                                         \
  X(kDiskFull, "disk/full", "")                                                                      \
  X(kDiskSyncError, "disk/sync-error", "")                                                           \
  X(kDiskBitRot, "disk/bit-rot", "offset, or below 0 for a drawn one; value2: draw")                 \
  X(kDiskMisdirected, "disk/misdirected-write", "value2: draw")                                      \
  X(kDiskTorn, "disk/torn-tail", "the next loss of power keeps a prefix of what was not synced")     \
  X(kDiskRecover, "disk/recover", "ends slow, full and sync-error")                                  \
  X(kClockStep, "clock/step", "ns, may be below 0; stepped back after `duration`, if it is not 0")   \
  X(kClockDrift, "clock/drift", "parts per billion")                                                 \
  X(kClockStall, "clock/stall", "stands still for `duration`")

namespace orrery::sim {

enum class FaultKind : std::uint8_t {
#define ORRERY_FAULT_KIND_ENUM(id, name, what) id,
  ORRERY_FAULT_KINDS(ORRERY_FAULT_KIND_ENUM)
#undef ORRERY_FAULT_KIND_ENUM
  kCount
};

/// "network/delay", ...
std::string_view to_string(FaultKind kind);
bool parse_fault_kind(std::string_view name, FaultKind& kind);

/// One fault. A duration of 0 means that it stays (or that it has none).
struct Fault {
  base::Instant at;         ///< kernel time
  FaultKind kind = FaultKind::kProcessKill;
  std::string target;       ///< see below
  std::string peer;  ///< network: the other set of hosts; empty means everybody else. disk/bit-rot: the file
  base::Nanos duration = 0;
  std::int64_t value = 0;
  std::int64_t value2 = 0;
  friend bool operator==(const Fault&, const Fault&) = default;
};

/// Targets: comma-separated terms. Machines and hosts: "NAME", "zone/ZONE", or a name with one '*' at its
/// end ("worker-*", "*"). Processes: "MACHINE/PROCESS" with the same form of MACHINE ("zone" is no
/// machine's name). Disks: "MACHINE/PROCESS" for faults of files, else "MACHINE".
using FaultPlan = std::vector<Fault>;

/// {"at":NS,"kind":"...","target":"...",...}, without a newline; fields that are empty or 0 are left out.
std::string to_json_line(const Fault& fault);
/// kInvalid with what is wrong: unknown keys and kinds, missing at, kind or target, negative dates.
base::Result<Fault> parse_fault(std::string_view json_line);
/// One fault per line; blank lines are skipped; errors name the line.
base::Result<FaultPlan> parse_fault_plan(std::string_view text);
std::string to_json_lines(const FaultPlan& plan);

}  // namespace orrery::sim
