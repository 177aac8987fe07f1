#include "sim/world/incarnation.h"

#include <string>

#include "sim/net/fabric.h"
#include "sim/world/machine.h"
#include "sim/world/no_runtime.h"
#include "sim/world/trace_sink.h"

namespace orrery::sim {
namespace {

std::unique_ptr<env::Containers> containers_of(World& world, Machine& m, ProcessGate& gate) {
  if (m.runtime()) return m.runtime()->containers(gate);
  return std::make_unique<NoContainers>(world.kernel(), gate);
}

std::unique_ptr<env::Dataplane> dataplane_of(World& world, Machine& m, ProcessGate& gate) {
  if (m.runtime()) return m.runtime()->dataplane(gate);
  return std::make_unique<NoDataplane>(world.kernel(), gate);
}

}  // namespace

Incarnation::PlantedFaults::PlantedFaults(const std::vector<env::Site>& sites) {
  for (const env::Site s : sites) {
    const auto i = static_cast<unsigned>(s);
    enabled_[i / 64] |= std::uint64_t{1} << (i % 64);
  }
}

Incarnation::Incarnation(World& world, ProcessSlot& slot, std::uint32_t number)
    : world_(world),
      slot_(slot),
      machine_(slot.machine()),
      number_(number),
      entity_(base::cat(machine_.config().name, "/", slot.config().name)),
      started_(world.now()),
      faults_(world.config().planted),
      endpoint_(world.network(), (owner_ = world.kernel().new_owner(), *this), machine_.host(),
                slot.local_port()),
      disk_(world.kernel(), machine_.disk(), *this, slot.config().name),
      spends_(world.sharing(), machine_.share_node()),
      containers_(containers_of(world, machine_, *this)),
      dataplane_(dataplane_of(world, machine_, *this)),
      environment_{*this,       *this, *this, endpoint_, disk_, *containers_,
                   *dataplane_, *this, *this, faults_,   *this, trampoline_} {}

Incarnation::~Incarnation() = default;

void Incarnation::start() {
  report(history::ProcessRecord::What::kStarted, {});
  component_ = slot_.factory()(environment_);
}

void Incarnation::report(history::ProcessRecord::What what, std::string_view why) {
  if (!recording(history::RecordKind::kProcess)) return;
  history::ProcessRecord fact;
  fact.what = what;
  fact.why = why;
  record(fact);
}

void Incarnation::tear_down() {
  component_.reset();
  spends_.cancel();
  endpoint_.shut(silent_);
}

// Death -------------------------------------------------------------------------------------------

void Incarnation::arm(EffectPoint point) {
  point_ = point;
  armed_ = true;
}

bool Incarnation::pass_armed(Effect effect) {
  if (effect != point_.effect || effects(effect) != point_.number) return true;
  armed_ = false;
  if (point_.after) {
    dies_after_effect_ = true;
    return true;
  }
  die_now();
  return false;
}

void Incarnation::die_now() {
  dies_after_effect_ = false;
  die(false);
  slot_.died();
}

void Incarnation::die(bool silent) {
  using What = history::ProcessRecord::What;
  if (alive_) report(exited_ ? What::kExited : out_of_memory_ ? What::kOomKilled : What::kKilled, why_);
  alive_ = false;
  silent_ = silent;
}

void Incarnation::exit(int code, std::string_view why) {
  if (!alive_) return;
  log(env::LogLevel::kWarning, base::cat("exit ", std::to_string(code), ": ", why));
  exited_ = true;
  why_ = base::cat("exit ", std::to_string(code), ": ", why);
  die_now();
}

// Clock, timers, compute --------------------------------------------------------------------------

base::Instant Incarnation::now() const { return machine_.clock().monotonic(world_.now()); }
base::Instant Incarnation::wall() const { return machine_.clock().wall(world_.now()); }

env::TimerId Incarnation::after(base::Nanos delay, base::UniqueFunction<void()> fire) {
  if (!alive_) return env::TimerId::kNone;
  const base::Instant due = machine_.clock().due(world_.now(), delay > 0 ? delay : 0);
  return static_cast<env::TimerId>(world_.kernel().at(due, {owner_, EventKind::kTimer, 0}, std::move(fire)));
}

void Incarnation::cancel(env::TimerId id) { world_.kernel().cancel(static_cast<EventId>(id)); }

base::RandomStream Incarnation::stream(std::string_view concern) {
  return base::RandomStream(base::stream_key(world_.config().seed, concern, entity_, number_));
}

void Incarnation::spend(base::Nanos cpu, base::UniqueFunction<void()> done) {
  if (!alive_) return;
  const EventTag tag{owner_, EventKind::kCompute, static_cast<std::uint64_t>(cpu)};
  const base::Nanos work = machine_.cores().work_of(cpu);
  if (work > 0 && world_.sharing().works(machine_.share_node())) return spends_.start(work, tag, std::move(done));
  world_.kernel().at(machine_.cores().occupy(world_.now(), work), tag, std::move(done));
}

void Incarnation::set_memory(std::int64_t bytes) {
  const bool grows = bytes > memory_;
  memory_ = bytes;
  if (grows && alive_) world_.check_memory(machine_.id());
  if (machine_.runtime()) machine_.runtime()->process_memory_changed();
}

// Trace, process ----------------------------------------------------------------------------------

bool Incarnation::recording(history::RecordKind kind) const {
  return world_.trace() && world_.trace()->recording(kind);
}

void Incarnation::record(const history::Record& record) {
  if (alive_ && recording(record.kind)) world_.trace()->record(world_.now(), *this, record);
}

bool Incarnation::logs(env::LogLevel level) const { return world_.trace() && world_.trace()->logs(level); }

void Incarnation::log(env::LogLevel level, std::string_view line) {
  if (alive_ && logs(level)) world_.trace()->log(world_.now(), *this, level, line);
}

base::Str Incarnation::machine() const { return machine_.config().name; }
base::Str Incarnation::name() const { return slot_.config().name; }

}  // namespace orrery::sim
