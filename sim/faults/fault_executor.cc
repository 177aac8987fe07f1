#include "sim/faults/fault_executor.h"

#include <algorithm>

#include "sim/net/fabric.h"
#include "sim/world/machine.h"

namespace orrery::sim {
namespace {

bool names(std::string_view pattern, std::string_view name) {
  if (!pattern.empty() && pattern.back() == '*')
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

bool takes_processes(FaultKind k) { return k >= FaultKind::kProcessKill && k <= FaultKind::kProcessStart; }
bool takes_files(FaultKind k) { return k == FaultKind::kDiskBitRot || k == FaultKind::kDiskMisdirected; }
bool is_network(FaultKind k) { return k >= FaultKind::kNetworkPartition && k <= FaultKind::kNetworkHeal; }
bool is_disk(FaultKind k) { return k >= FaultKind::kDiskSlow && k <= FaultKind::kDiskRecover; }

// Calls f for each comma-separated term.
template <class F>
void for_terms(std::string_view target, F f) {
  while (!target.empty()) {
    const std::size_t comma = target.find(',');
    f(target.substr(0, comma));
    target.remove_prefix(comma == std::string_view::npos ? target.size() : comma + 1);
  }
}

}  // namespace

std::vector<MachineId> FaultExecutor::machines(std::string_view target) const {
  std::vector<MachineId> out;
  for (std::uint32_t i = 0; i < world_.machine_count(); ++i) {
    const MachineConfig& m = world_.machine(static_cast<MachineId>(i)).config();
    bool hit = false;
    for_terms(target, [&](std::string_view term) {
      hit |= term.starts_with("zone/") ? m.zone == term.substr(5) : names(term, m.name);
    });
    if (hit) out.push_back(static_cast<MachineId>(i));
  }
  return out;
}

std::vector<ProcessId> FaultExecutor::processes(std::string_view target) const {
  std::vector<ProcessId> out;
  for_terms(target, [&](std::string_view term) {
    const std::size_t slash = term.rfind('/');
    if (slash == std::string_view::npos) return;
    for (const MachineId m : machines(term.substr(0, slash))) {
      for (std::uint32_t p = 0; p < world_.process_count(); ++p) {
        const auto id = static_cast<ProcessId>(p);
        if (world_.process_machine(id) == m && names(term.substr(slash + 1), world_.process_name(id)))
          out.push_back(id);
      }
    }
  });
  return out;
}

HostSet FaultExecutor::hosts(std::string_view target) const {
  HostSet set;
  for (const MachineId m : machines(target)) set.add(world_.machine(m).host());
  for_terms(target, [&](std::string_view term) {
    const HostId h = world_.network().find_host(term);  // a load balancer
    if (h != HostId::kNone) set.add(h);
  });
  return set;
}

base::Status FaultExecutor::check(const Fault& fault) const {
  const auto nobody = [](const std::string& target) {
    return base::invalid("nothing is named \"" + target + "\"");
  };
  const auto host_named = [this](const std::string& target) {
    return !machines(target).empty() || world_.network().find_host(target) != HostId::kNone;
  };
  if (takes_processes(fault.kind) || takes_files(fault.kind)) {
    if (processes(fault.target).empty()) return nobody(fault.target);
  } else if (!host_named(fault.target)) {
    return nobody(fault.target);
  }
  if (is_network(fault.kind) && !fault.peer.empty() && !host_named(fault.peer)) return nobody(fault.peer);
  if (fault.kind == FaultKind::kNetworkClog && fault.duration == 0)
    return base::invalid("a clog has a duration");
  return base::ok_status();
}

base::Status FaultExecutor::schedule(const FaultPlan& plan) {
  for (const Fault& f : plan) {
    if (auto s = check(f); !s.ok()) return s;
  }
  for (const Fault& f : plan) {
    world_.kernel().at(f.at, {0, EventKind::kFault, base::hash_bytes(to_json_line(f))},
                       [this, f] { (void)apply(f); });
  }
  return base::ok_status();
}

void FaultExecutor::later(base::Nanos duration, base::UniqueFunction<void()> undo) {
  if (duration > 0) world_.kernel().after(duration, {0, EventKind::kFault, 0}, std::move(undo));
}

base::Status FaultExecutor::apply(const Fault& fault) {
  if (auto s = check(fault); !s.ok()) return s;
  ++applied_;
  if (is_network(fault.kind)) {
    apply_network(fault);
  } else if (is_disk(fault.kind)) {
    apply_disk(fault);
  } else if (takes_processes(fault.kind)) {
    for (const ProcessId p : processes(fault.target)) apply_process(fault, p);
  } else {
    for (const MachineId m : machines(fault.target)) apply_machine(fault, m);
  }
  return base::ok_status();
}

void FaultExecutor::apply_machine(const Fault& f, MachineId m) {
  switch (f.kind) {
    case FaultKind::kMachinePowerOff:
      world_.power_off(m);
      return later(f.duration, [this, m] { world_.power_on(m); });
    case FaultKind::kMachinePowerOn: return world_.power_on(m);
    case FaultKind::kMachineReboot: return world_.reboot(m, f.duration);
    case FaultKind::kMachineCpuSlow:
      world_.set_cpu_slowdown(m, static_cast<int>(f.value));
      return later(f.duration, [this, m] { world_.set_cpu_slowdown(m, 100); });
    case FaultKind::kClockStep:
      world_.step_clock(m, f.value);
      return later(f.duration, [this, m, back = -f.value] { world_.step_clock(m, back); });
    case FaultKind::kClockDrift:
      world_.set_clock_drift(m, f.value);
      return later(f.duration, [this, m] {
        world_.set_clock_drift(m, world_.machine(m).config().clock_drift_ppb);
      });
    case FaultKind::kClockStall: return world_.stall_clock(m, f.duration);
    default: return;
  }
}

void FaultExecutor::apply_process(const Fault& f, ProcessId p) {
  switch (f.kind) {
    case FaultKind::kProcessKill:
    case FaultKind::kProcessRestart: return world_.kill(p);
    case FaultKind::kProcessKillAtEffect: {
      const auto effect = static_cast<Effect>((f.value2 / 2) % static_cast<int>(Effect::kCount));
      return world_.kill_at(p, {effect, static_cast<std::uint64_t>(f.value), f.value2 % 2 == 1});
    }
    case FaultKind::kProcessPause:
      world_.pause(p);
      return later(f.duration, [this, p] { world_.resume(p); });
    case FaultKind::kProcessResume: return world_.resume(p);
    case FaultKind::kProcessStart: return world_.start(p);
    case FaultKind::kProcessStop:
      world_.stop(p);
      return later(f.duration, [this, p] { world_.start(p); });
    default: return;
  }
}

void FaultExecutor::add_rule(HostSet from, HostSet to, bool both_ways, const LinkEffect& effect,
                             base::Nanos duration) {
  const RuleId id = world_.network().add_rule(std::move(from), std::move(to), both_ways, effect);
  rules_.push_back(id);
  later(duration, [this, id] {
    world_.network().remove_rule(id);
    std::erase(rules_, id);
  });
}

void FaultExecutor::ring(const Fault& f) {
  const std::vector<MachineId> around = machines(f.target);
  const std::size_t n = around.size();
  LinkEffect cut;
  cut.blocked = true;
  for (std::size_t i = 0; i < n; ++i) {
    HostSet one, far;
    one.add(world_.machine(around[i]).host());
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t distance = (j + n - i) % n;
      if (distance > 1 && distance < n - 1) far.add(world_.machine(around[j]).host());
    }
    add_rule(std::move(one), std::move(far), false, cut, f.duration);
  }
}

void FaultExecutor::apply_network(const Fault& f) {
  if (f.kind == FaultKind::kNetworkRing) return ring(f);
  if (f.kind == FaultKind::kNetworkHeal) return heal_network();
  HostSet from = hosts(f.target);
  HostSet to = f.peer.empty() ? from.complement(world_.network().topology().host_count()) : hosts(f.peer);
  LinkEffect e;
  bool both_ways = f.peer.empty();
  switch (f.kind) {
    case FaultKind::kNetworkPartition:
      e.blocked = true;
      both_ways = f.value != 0;
      break;
    case FaultKind::kNetworkDelay:
      e.delay = f.value;
      e.delay_jitter = f.value2;
      break;
    case FaultKind::kNetworkLoss: e.loss_ppm = static_cast<std::uint32_t>(f.value); break;
    case FaultKind::kNetworkDuplicate: e.duplicate_ppm = static_cast<std::uint32_t>(f.value); break;
    case FaultKind::kNetworkReorder:
      e.reorder_ppm = static_cast<std::uint32_t>(f.value);
      e.reorder_window = f.value2;
      break;
    case FaultKind::kNetworkBandwidth: e.bandwidth = std::max<std::int64_t>(1, f.value); break;
    case FaultKind::kNetworkClog: e.hold_until = world_.now() + f.duration; break;
    default: return;
  }
  add_rule(std::move(from), std::move(to), both_ways, e, f.duration);
}

void FaultExecutor::apply_disk(const Fault& f) {
  if (takes_files(f.kind)) {
    for (const ProcessId p : processes(f.target)) {
      MachineDisk& disk = world_.disk(world_.process_machine(p));
      const auto draw = static_cast<std::uint64_t>(f.value2);
      if (f.kind == FaultKind::kDiskBitRot) disk.rot(world_.process_name(p), f.peer, f.value, draw);
      else disk.misdirect(world_.process_name(p), f.peer, draw);
    }
    return;
  }
  for (const MachineId m : machines(f.target)) {
    MachineDisk& disk = world_.disk(m);
    switch (f.kind) {
      case FaultKind::kDiskSlow:
        disk.set_slowdown(static_cast<int>(f.value));
        later(f.duration, [&disk] { disk.set_slowdown(100); });
        break;
      case FaultKind::kDiskFull:
        disk.set_full(true);
        later(f.duration, [&disk] { disk.set_full(false); });
        break;
      case FaultKind::kDiskSyncError:
        disk.set_syncs_fail(true);
        later(f.duration, [&disk] { disk.set_syncs_fail(false); });
        break;
      case FaultKind::kDiskTorn: disk.set_next_loss(LossMode::kTorn); break;
      case FaultKind::kDiskRecover: recover(disk); break;
      default: break;
    }
  }
}

void FaultExecutor::recover(MachineDisk& disk) {
  disk.set_slowdown(100);
  disk.set_full(false);
  disk.set_syncs_fail(false);
}

void FaultExecutor::heal_network() {
  for (const RuleId id : rules_) world_.network().remove_rule(id);
  rules_.clear();
}

void FaultExecutor::heal_all() {
  heal_network();
  for (std::uint32_t i = 0; i < world_.machine_count(); ++i) {
    const auto m = static_cast<MachineId>(i);
    MachineDisk& disk = world_.disk(m);
    recover(disk);
    disk.set_next_loss(LossMode::kDrawn);
    world_.set_cpu_slowdown(m, 100);
    if (world_.machine(m).clock().drift_ppb() != world_.machine(m).config().clock_drift_ppb) {
      world_.set_clock_drift(m, world_.machine(m).config().clock_drift_ppb);
    }
    world_.power_on(m);
  }
  for (std::uint32_t p = 0; p < world_.process_count(); ++p) {
    world_.resume(static_cast<ProcessId>(p));
    if (world_.stopped(static_cast<ProcessId>(p))) world_.start(static_cast<ProcessId>(p));
  }
}

}  // namespace orrery::sim
