// Incarnation: one life of one process: its Environment, its component, its death.
#pragma once
#include <cstdint>
#include <memory>

#include "model/env/environment.h"
#include "model/history/record.h"
#include "sim/cost/shared_spends.h"
#include "sim/disk/process_disk.h"
#include "sim/net/endpoint.h"
#include "sim/world/component.h"
#include "sim/world/process_gate.h"
#include "sim/world/world.h"

namespace orrery::sim {

class Machine;

/// Implements the small interfaces itself. Destruction order: tasks and component, then the devices, then
/// the trampoline.
class Incarnation final : public ProcessGate,
                          private env::Clock,
                          private env::Timers,
                          private env::Random,
                          private env::Compute,
                          private env::Trace,
                          private env::Process {
 public:
  Incarnation(World& world, ProcessSlot& slot, std::uint32_t number);
  ~Incarnation() override;

  /// Runs the factory; called by the start event.
  void start();
  /// Reports a turn in the life of this incarnation.
  void report(history::ProcessRecord::What what, std::string_view why);
  env::Environment& environment() { return environment_; }
  Component* component() { return component_.get(); }
  const base::Str& entity() const override { return entity_; }
  std::uint32_t incarnation_number() const override { return number_; }
  std::int64_t memory() const { return memory_; }
  void arm(EffectPoint point);
  /// The next death is reported as the kernel's, for want of memory.
  void out_of_memory() { out_of_memory_ = true; }
  /// From now on it causes no effects; the world destroys it when control is back in the kernel.
  void die(bool silent);
  bool silent_death() const { return silent_; }
  base::Instant started() const { return started_; }
  /// Destroys tasks and component, then leaves the network. Its kernel events are the world's to discard.
  void tear_down();

 private:
  class PlantedFaults : public env::Faults {
   public:
    explicit PlantedFaults(const std::vector<env::Site>& sites);
  };
  bool pass_armed(Effect effect) override;
  void die_now() override;

  base::Instant now() const override;
  base::Instant wall() const override;
  env::TimerId after(base::Nanos delay, base::UniqueFunction<void()> fire) override;
  void cancel(env::TimerId id) override;
  base::RandomStream stream(std::string_view concern) override;
  void spend(base::Nanos cpu, base::UniqueFunction<void()> done) override;
  void set_memory(std::int64_t bytes) override;
  bool recording(history::RecordKind kind) const override;
  void record(const history::Record& record) override;
  bool logs(env::LogLevel level) const override;
  void log(env::LogLevel level, std::string_view line) override;
  base::Str machine() const override;
  base::Str name() const override;
  std::uint32_t incarnation() const override { return number_; }
  void exit(int code, std::string_view why) override;
  bool exiting() const override { return !alive_; }

  World& world_;
  ProcessSlot& slot_;
  Machine& machine_;
  std::uint32_t number_;
  base::Str entity_;
  base::Instant started_;
  std::int64_t memory_ = 0;
  bool silent_ = false;
  bool out_of_memory_ = false;
  bool exited_ = false;  // by itself, for the reason why_
  base::Str why_;
  EffectPoint point_;
  PlantedFaults faults_;
  env::Trampoline trampoline_;
  Endpoint endpoint_;
  ProcessDisk disk_;
  SharedSpends spends_;
  std::unique_ptr<env::Containers> containers_;
  std::unique_ptr<env::Dataplane> dataplane_;
  env::Environment environment_;
  std::unique_ptr<Component> component_;
};

/// A process of a machine over all its lives, with its supervisor.
class ProcessSlot {
 public:
  ProcessSlot(World& world, Machine& machine, ProcessId id, ProcessConfig config);
  ProcessId id() const { return id_; }
  Machine& machine() const { return machine_; }
  const ProcessConfig& config() const { return config_; }
  Incarnation* current() { return current_.get(); }
  std::uint32_t starts() const { return starts_; }
  /// Source port of what it dials; its own on the machine.
  std::uint16_t local_port() const { return local_port_; }

  void start_after(base::Nanos delay);
  void cancel_start() { world_.kernel().cancel(start_event_); }
  /// The incarnation has died: it is torn down, and its restart planned, once control is back in the
  /// kernel.
  void died();
  void set_stopped(bool stopped) { stopped_ = stopped; }
  bool stopped() const { return stopped_; }
  void arm(EffectPoint point);
  std::unique_ptr<Incarnation> take() { return std::move(current_); }
  void forget_back_off() { restarts_in_a_row_ = 0; }
  ComponentFactory& factory() { return config_.factory; }
  void plan_restart();

 private:
  void start_now();

  World& world_;
  Machine& machine_;
  ProcessId id_;
  ProcessConfig config_;
  std::uint16_t local_port_;
  std::unique_ptr<Incarnation> current_;
  std::uint32_t starts_ = 0;
  unsigned restarts_in_a_row_ = 0;
  base::Instant last_started_;
  EventId start_event_ = EventId::kNone;
  bool stopped_ = false;
  bool armed_ = false;
  EffectPoint point_;
};

}  // namespace orrery::sim
