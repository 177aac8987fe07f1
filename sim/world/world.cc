#include "sim/world/world.h"

#include <algorithm>
#include <string>

#include "model/base/check.h"
#include "sim/net/fabric.h"
#include "sim/sharing/shared_capacity.h"
#include "sim/world/incarnation.h"
#include "sim/world/machine.h"
#include "sim/world/machine_origin.h"
#include "sim/world/trace_sink.h"

namespace orrery::sim {
namespace {

/// Of node-critical pods, as which the processes of a master run.
constexpr std::int64_t kProcessOomScoreAdj = -997;


}  // namespace

Machine::Machine(World& world, MachineId id, HostId host, MachineConfig config)
    : world_(world), id_(id), host_(host), config_(std::move(config)), on_since_(world.now()),
      clock_(world.config().epoch, config_.clock_offset, config_.clock_drift_ppb),
      disk_(world.kernel(), config_.disk, base::stream_key(world.config().seed, "disk", config_.name)),
      cores_(config_.cores, world.config().work_percent) {
  const auto link = static_cast<double>(world.config().network.host_bandwidth);
  const Topology& topology = world.network().topology();
  share_node_ = world.sharing().add_node({static_cast<double>(cores_.count()) * kCore, link, link,
                                          topology.zone_number(host), topology.rack_number(host)});
  world.network().set_share_node(host, share_node_);
}

std::int64_t Machine::process_memory() const {
  std::int64_t sum = 0;
  for (ProcessSlot* p : processes_) {
    if (p->current() && p->current()->alive()) sum += p->current()->memory();
  }
  return sum;
}

double Machine::joules() const {
  const base::Instant now = world_.now();
  const CoreUse processes = cores_.use(now), shared = world_.sharing().use(share_node_);
  const base::Nanos on = on_before_ + (powered_ ? now - on_since_ : 0);
  return sim::joules(config_.power, cores_.count(), static_cast<double>(on),
                     {processes.cores + shared.cores, processes.any + shared.any});
}

World::World(WorldConfig config, std::unique_ptr<RateSolver> solver)
    : config_(std::move(config)),
      sharing_(std::make_unique<SharedCapacity>(kernel_, solver ? std::move(solver) : make_max_min_solver())),
      fabric_(std::make_unique<Fabric>(kernel_, *sharing_, config_.seed, config_.network)) {
  const auto planted = [&](env::Site s) {
    return std::find(config_.planted.begin(), config_.planted.end(), s) != config_.planted.end();
  };
  sharing_->set_trunks(static_cast<double>(config_.network.zone_bandwidth));
  const bool reads_clock = planted(env::Site::kWallClockRead);
  ORRERY_CHECK(!reads_clock || config_.machine_clock, "a planted read of a clock that is not given");
  kernel_.plant_faults(planted(env::Site::kPointerOrder), reads_clock ? config_.machine_clock : nullptr);
  kernel_.add_to_digest(config_.seed);
}

World::~World() {
  for (const auto& slot : slots_) {
    slot->set_stopped(true);
    if (!slot->current()) continue;
    slot->current()->die(true);
    to_reap_.push_back(slot.get());
  }
  reap();
}

base::RandomStream World::stream(std::string_view concern, std::string_view entity) const {
  return base::RandomStream(base::stream_key(config_.seed, concern, entity));
}

// Machines ----------------------------------------------------------------------------------------

MachineId World::add_machine(MachineConfig config) {
  ORRERY_CHECK(config.clock_drift_ppb > -1'000'000'000, "a clock that runs backwards");
  const HostId host = fabric_->add_host(config.name, config.zone, config.rack);
  if (!config.address.empty()) fabric_->add_alias(config.address, host);
  const auto index = static_cast<std::uint32_t>(machines_.size());
  machine_by_name_[config.name] = index;
  const auto id = static_cast<MachineId>(index);
  machines_.push_back(std::make_unique<Machine>(*this, id, host, std::move(config)));
  return id;
}

bool World::find_machine(std::string_view name, MachineId& id) const {
  const std::uint32_t* i = machine_by_name_.find(name);
  if (i) id = static_cast<MachineId>(*i);
  return i != nullptr;
}

void World::attach_runtime(MachineId id, std::unique_ptr<RuntimeHost> runtime) {
  Machine& m = machine(id);
  ORRERY_CHECK(!m.runtime_ && m.processes_.empty(), "a runtime is attached before the machine's processes");
  m.runtime_ = std::move(runtime);
  fabric_->set_redirect(m.host(), m.runtime_.get());
}

RuntimeHost* World::runtime(MachineId id) { return machine(id).runtime(); }
MachineDisk& World::disk(MachineId id) { return machine(id).disk(); }
void World::add_load_balancer(LoadBalancerConfig config) { fabric_->add_load_balancer(std::move(config)); }
bool World::powered(MachineId id) const { return machines_[static_cast<std::uint32_t>(id)]->powered(); }

void World::report(const Machine& m, history::MachineRecord::What what) {
  if (!trace_ || !trace_->recording(history::RecordKind::kMachine)) return;
  history::MachineRecord fact;
  fact.what = what;
  trace_->record(now(), MachineOrigin(m.config().name), fact);
}

void World::power_cut(Machine& m, bool orderly) {
  if (!m.powered_) return;
  report(m, history::MachineRecord::What::kPowerOff);
  m.powered_ = false;
  m.on_before_ += now() - m.on_since_;
  for (ProcessSlot* p : m.processes_) {
    p->cancel_start();
    if (p->current()) p->current()->die(!orderly);
  }
  for (ProcessSlot* p : m.processes_) {
    if (p->current()) reap_later(*p);
  }
  kernel_.defer([this, &m, orderly] {
    reap();
    if (orderly) m.disk_.flush();
    fabric_->set_up(m.host_, false);
    m.disk_.lose_power();
    m.cores_.clear(now());
    if (m.runtime_) m.runtime_->power_off();
  });
}

void World::power_off(MachineId id) { power_cut(machine(id), false); }

void World::power_on(MachineId id) {
  Machine& m = machine(id);
  if (m.powered_) return;
  report(m, history::MachineRecord::What::kPowerOn);
  m.powered_ = true;
  m.on_since_ = now();
  kernel_.defer([this, &m] {
    fabric_->set_up(m.host_, true);
    if (m.runtime_) m.runtime_->power_on();
    for (ProcessSlot* p : m.processes_) {
      p->forget_back_off();
      if (p->config().start_at_boot && !p->stopped()) p->start_after(p->config().boot_delay);
    }
  });
}

void World::reboot(MachineId id, base::Nanos downtime) {
  power_cut(machine(id), true);
  kernel_.after(downtime, {0, EventKind::kFault, static_cast<std::uint64_t>(id)},
                [this, id] { power_on(id); });
}

// Clocks move under timers that are already set: each keeps what is left of its monotonic delay.
void World::retime(Machine& m, const MachineClock& before) {
  std::vector<bool> owners;
  for (ProcessSlot* p : m.processes_) {
    if (!p->current()) continue;
    const std::uint32_t owner = p->current()->owner();
    if (owners.size() <= owner) owners.resize(owner + 1);
    owners[owner] = true;
  }
  const base::Instant now = kernel_.now();
  const MachineClock& clock = m.clock_;
  kernel_.reschedule_timers(owners, [&before, &clock, now](base::Instant date) {
    return clock.due(now, before.monotonic(date) - before.monotonic(now));
  });
}

void World::step_clock(MachineId id, base::Nanos step) { machine(id).clock_.step(step); }

void World::set_clock_drift(MachineId id, std::int64_t ppb) {
  ORRERY_CHECK(ppb > -1'000'000'000, "a clock that runs backwards");
  Machine& m = machine(id);
  const MachineClock before = m.clock_;
  m.clock_.set_drift(kernel_.now(), ppb);
  retime(m, before);
}

void World::stall_clock(MachineId id, base::Nanos length) {
  Machine& m = machine(id);
  const MachineClock before = m.clock_;
  m.clock_.stall(kernel_.now(), length);
  retime(m, before);
}

void World::set_cpu_slowdown(MachineId id, int percent) {
  Machine& m = machine(id);
  m.cores_.set_slowdown(percent);
  sharing_->set_speed(m.share_node_, 10'000 / std::max(percent, 1));
}

void World::check_memory(MachineId id) {
  Machine& m = machine(id);
  while (m.process_memory() + (m.runtime_ ? m.runtime_->memory_in_use() : 0) > m.config_.memory_bytes) {
    ProcessSlot* biggest = nullptr;
    for (ProcessSlot* p : m.processes_) {
      if (!p->current() || !p->current()->alive() || p->current()->memory() == 0) continue;
      if (!biggest || p->current()->memory() > biggest->current()->memory()) biggest = p;
    }
    const std::int64_t score = m.runtime_ ? m.runtime_->oom_score() : RuntimeHost::kNoOomScore;
    const std::int64_t process_score =
        biggest ? biggest->current()->memory() * 1000 / m.config_.memory_bytes + kProcessOomScoreAdj : RuntimeHost::kNoOomScore;
    if (!biggest && score == RuntimeHost::kNoOomScore) return;
    if (score >= process_score) {
      m.runtime_->oom_kill();
      continue;
    }
    biggest->current()->out_of_memory();
    kill(biggest->id());
  }
}

// Processes ---------------------------------------------------------------------------------------

ProcessId World::start_process(MachineId machine_id, ProcessConfig config) {
  Machine& m = machine(machine_id);
  ProcessId same;
  ORRERY_CHECK(!find_process(machine_id, config.name, same), "two processes of one name on a machine");
  const auto id = static_cast<ProcessId>(slots_.size());
  slots_.push_back(std::make_unique<ProcessSlot>(*this, m, id, std::move(config)));
  m.processes_.push_back(slots_.back().get());
  if (m.powered_) slots_.back()->start_after(0);
  return id;
}

bool World::find_process(MachineId machine_id, std::string_view name, ProcessId& id) const {
  for (ProcessSlot* p : machines_[static_cast<std::uint32_t>(machine_id)]->processes_) {
    if (!(p->config().name == name)) continue;
    id = p->id();
    return true;
  }
  return false;
}

base::Str World::process_name(ProcessId id) const { return slot(id).config().name; }
MachineId World::process_machine(ProcessId id) const { return slot(id).machine().id(); }
bool World::running(ProcessId id) const { return slot(id).current() && slot(id).current()->alive(); }
std::uint32_t World::starts(ProcessId id) const { return slot(id).starts(); }
std::uint32_t World::owner(ProcessId id) const { return running(id) ? slot(id).current()->owner() : 0; }
base::Str World::owner_name(std::uint32_t owner) const {
  if (owner >= owners_.size() || owners_[owner].first == UINT32_MAX) return {};
  const ProcessSlot& s = *slots_[owners_[owner].first];
  return base::cat(s.machine().config().name, "/", s.config().name, "#",
                   std::to_string(owners_[owner].second));
}

Component* World::component(ProcessId id) { return running(id) ? slot(id).current()->component() : nullptr; }

env::Environment* World::environment(ProcessId id) {
  return running(id) ? &slot(id).current()->environment() : nullptr;
}

void World::kill(ProcessId id) {
  if (!running(id)) return;
  slot(id).current()->die(false);
  reap_later(slot(id));
}

void World::kill_at(ProcessId id, EffectPoint point) { slot(id).arm(point); }

void World::pause(ProcessId id) {
  if (running(id)) kernel_.pause(owner(id));
}

void World::resume(ProcessId id) {
  if (running(id)) kernel_.resume(owner(id));
}

void World::stop(ProcessId id) {
  slot(id).set_stopped(true);
  slot(id).cancel_start();
  kill(id);
}

void World::start(ProcessId id) {
  slot(id).set_stopped(false);
  if (!running(id) && slot(id).machine().powered()) slot(id).start_after(0);
}

bool World::stopped(ProcessId id) const { return slot(id).stopped(); }

void World::reap_later(ProcessSlot& slot) {
  to_reap_.push_back(&slot);
  if (to_reap_.size() == 1) kernel_.defer([this] { reap(); });
}

void World::reap() {
  std::vector<std::unique_ptr<Incarnation>> dead;
  std::vector<bool> owners;
  std::vector<ProcessSlot*> slots;
  slots.swap(to_reap_);
  for (ProcessSlot* s : slots) {
    if (!s->current() || s->current()->alive()) continue;
    dead.push_back(s->take());
    const std::uint32_t owner = dead.back()->owner();
    if (owners.size() <= owner) owners.resize(owner + 1);
    owners[owner] = true;
    dead.back()->tear_down();
  }
  if (dead.empty()) return;
  kernel_.discard(owners);
  dead.clear();
  for (ProcessSlot* s : slots) s->plan_restart();
}

}  // namespace orrery::sim
