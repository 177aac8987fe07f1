#include "sim/faults/swarm.h"

#include <algorithm>

namespace orrery::sim {
namespace {

constexpr FaultKind kSwarmKinds[] = {
    FaultKind::kMachinePowerOff,
    FaultKind::kMachineReboot,
    FaultKind::kMachineCpuSlow,
    FaultKind::kProcessKill,
    FaultKind::kProcessPause,
    FaultKind::kProcessStop,
    FaultKind::kProcessKillAtEffect,
    FaultKind::kNetworkPartition,
    FaultKind::kNetworkRing,
    FaultKind::kNetworkDelay,
    FaultKind::kNetworkLoss,
    FaultKind::kNetworkDuplicate,
    FaultKind::kNetworkReorder,
    FaultKind::kNetworkBandwidth,
    FaultKind::kNetworkClog,
    FaultKind::kDiskSlow,
    FaultKind::kDiskFull,
    FaultKind::kDiskSyncError,
    FaultKind::kDiskTorn,
    FaultKind::kClockStep,
    FaultKind::kClockDrift,
    FaultKind::kClockStall,
    FaultKind::kDiskBitRot,
    FaultKind::kDiskMisdirected,
};

class Drawer {
 public:
  Drawer(base::RandomStream draws, const SwarmLimits& limits) : draws_(draws), limits_(limits) {}

  FaultPlan draw() {
    const std::vector<FaultKind> kinds = choose_kinds();
    FaultPlan plan;
    if (kinds.empty()) return plan;
    base::Instant at = limits_.from;
    while (true) {
      at = at + 1 + static_cast<base::Nanos>(draws_.exponential(static_cast<double>(limits_.mean_gap)));
      if (at >= limits_.until) break;
      Fault f;
      f.at = at;
      f.kind = kinds[draws_.below(kinds.size())];
      fill(f);
      if (allowed(f)) plan.push_back(std::move(f));
    }
    return plan;
  }

 private:
  bool possible(FaultKind k) const {
    const bool of_process = k >= FaultKind::kProcessKill && k <= FaultKind::kProcessRestart;
    const bool of_file = k == FaultKind::kDiskBitRot || k == FaultKind::kDiskMisdirected;
    if (of_file && !limits_.disk_damage) return false;
    if (k == FaultKind::kNetworkRing) return limits_.machines.size() >= 4;
    return of_process || of_file ? !limits_.processes.empty() : !limits_.machines.empty();
  }

  std::vector<FaultKind> choose_kinds() {
    std::vector<FaultKind> possible_kinds, chosen;
    for (const FaultKind k : kSwarmKinds) {
      if (possible(k)) possible_kinds.push_back(k);
    }
    for (const FaultKind k : possible_kinds) {
      if (draws_.next() & 1) chosen.push_back(k);
    }
    if (chosen.empty() && !possible_kinds.empty())
      chosen.push_back(possible_kinds[draws_.below(possible_kinds.size())]);
    return chosen;
  }

  const std::string& any(const std::vector<std::string>& from) { return from[draws_.below(from.size())]; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(draws_.below(static_cast<std::uint64_t>(high - low) + 1));
  }

  void network_target(Fault& f) {
    const bool zone = !limits_.zones.empty() && draws_.below(4) == 0;
    f.target = zone ? "zone/" + any(limits_.zones) : any(limits_.machines);
    if (zone || limits_.machines.size() < 2 || draws_.below(2) == 0) return;
    const std::string& peer = any(limits_.machines);
    if (peer != f.target) f.peer = peer;
  }

  void fill(Fault& f) {
    const base::Nanos longest = std::min(limits_.max_duration, limits_.until - f.at);
    f.duration =
        std::min(longest, between(10 * base::kMillisecond, std::max(longest, 10 * base::kMillisecond)));
    const bool of_process = f.kind >= FaultKind::kProcessKill && f.kind <= FaultKind::kProcessRestart;
    const bool of_file = f.kind == FaultKind::kDiskBitRot || f.kind == FaultKind::kDiskMisdirected;
    if (of_process || of_file) f.target = any(limits_.processes);
    else if (f.kind >= FaultKind::kNetworkPartition && f.kind <= FaultKind::kNetworkClog) network_target(f);
    else f.target = any(limits_.machines);
    switch (f.kind) {
      case FaultKind::kMachineCpuSlow: f.value = between(200, 5000); break;
      case FaultKind::kProcessKill: f.duration = 0; break;
      case FaultKind::kProcessKillAtEffect:
        f.duration = 0;
        f.value = between(1, 2000);
        f.value2 = between(0, 7);  // append, sync, rename, send; before or after
        break;
      case FaultKind::kNetworkPartition: f.value = draws_.below(3) > 0; break;
      case FaultKind::kNetworkRing:
        f.target.clear();
        f.peer.clear();
        for (const std::string& m : limits_.machines) f.target += (f.target.empty() ? "" : ",") + m;
        break;
      case FaultKind::kNetworkDelay:
        f.value = between(base::kMillisecond, 500 * base::kMillisecond);
        f.value2 = between(0, f.value);
        break;
      case FaultKind::kNetworkLoss: f.value = between(1'000, 400'000); break;
      case FaultKind::kNetworkDuplicate: f.value = between(1'000, 300'000); break;
      case FaultKind::kNetworkReorder:
        f.value = between(10'000, 500'000);
        f.value2 = between(base::kMillisecond, 200 * base::kMillisecond);
        break;
      case FaultKind::kNetworkBandwidth: f.value = between(10'000, 10'000'000); break;
      case FaultKind::kDiskSlow: f.value = between(200, 20'000); break;
      case FaultKind::kDiskTorn: f.duration = 0; break;
      case FaultKind::kDiskBitRot:
      case FaultKind::kDiskMisdirected:
        f.duration = 0;
        f.value = -1;
        f.value2 = static_cast<std::int64_t>(draws_.next() >> 1);
        break;
      case FaultKind::kClockStep: f.value = between(-10 * base::kSecond, 10 * base::kSecond); break;
      case FaultKind::kClockDrift: f.value = between(-20'000'000, 20'000'000); break;  // 2 %
      default: break;
    }
  }

  // Keeps a quorum's worth of machines out of the worst kinds at any one time. Damage of a disk counts for
  // ever.
  bool allowed(const Fault& f) {
    const bool damage = f.kind == FaultKind::kDiskBitRot || f.kind == FaultKind::kDiskMisdirected;
    if (!damage && f.kind != FaultKind::kMachinePowerOff && f.kind != FaultKind::kMachineReboot) return true;
    std::erase_if(off_, [&](const Off& o) { return o.until <= f.at; });
    const std::string machine = f.target.substr(0, f.target.find('/'));
    const auto same =
        std::find_if(off_.begin(), off_.end(), [&](const Off& o) { return o.machine == machine; });
    if (same != off_.end() && !damage) return false;
    if (same == off_.end() && off_.size() >= limits_.max_machines_off) return false;
    off_.push_back({machine, damage ? base::kNever : f.at + f.duration});
    return true;
  }

  struct Off {
    std::string machine;
    base::Instant until;
  };
  base::RandomStream draws_;
  const SwarmLimits& limits_;
  std::vector<Off> off_;
};

}  // namespace

FaultPlan draw_swarm(base::RandomStream draws, const SwarmLimits& limits) {
  return Drawer(draws, limits).draw();
}

}  // namespace orrery::sim
