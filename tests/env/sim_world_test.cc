// The simulated world: the conformance suite.
#include <map>

#include "sim/world/world.h"
#include "tests/env/conformance_world.h"

namespace orrery::sim {
namespace {

using env_test::Harness;

class SimWorld {
 public:
  SimWorld(bool encode_every_hop, const char* zone_of_b) {
    WorldConfig config;
    config.network.encode_every_hop = encode_every_hop;
    world_ = std::make_unique<World>(std::move(config));
    for (const char* name : {"a", "b", "c"}) {
      MachineConfig m;
      m.name = name;
      m.zone = name[0] == 'b' ? zone_of_b : "z";
      machines_[name] = world_->add_machine(std::move(m));
    }
  }

  void start(const std::string& host, const Harness::Boot& boot) {
    boot_ = &boot;
    const MachineId machine = machines_.at(host);
    world_->power_on(machine);
    if (!processes_.count(host)) {
      ProcessConfig config;
      config.name = "member";
      config.restart = RestartPolicy::never();
      config.start_at_boot = false;
      config.factory = [this](env::Environment& env) { return hold<Harness::Component>((*boot_)(env)); };
      processes_[host] = world_->start_process(machine, std::move(config));
    } else {
      world_->start(processes_.at(host));
    }
    const std::uint32_t before = world_->starts(processes_.at(host));
    while (world_->starts(processes_.at(host)) == before) REQUIRE(world_->kernel().step());
  }
  void enter(const std::string& host, std::function<void()> step) {
    bool ran = false;
    world_->kernel().after(0, {world_->owner(processes_.at(host)), EventKind::kWorld, 0}, [&ran, &step] {
      ran = true;
      step();
    });
    while (!ran) REQUIRE(world_->kernel().step());
  }
  bool run(const std::function<bool()>& done, base::Nanos limit) {
    const base::Instant until = world_->now() + limit;
    while (!done()) {
      if (world_->kernel().step(until)) continue;
      world_->run_until(until);
      return done();
    }
    return true;
  }
  void kill(const std::string& host) { world_->kill(processes_.at(host)); }
  void power_off(const std::string& host) { world_->power_off(machines_.at(host)); }
  bool running(const std::string& host) {
    return processes_.count(host) > 0 && world_->running(processes_.at(host));
  }

 private:
  std::unique_ptr<World> world_;
  std::map<std::string, MachineId> machines_;
  std::map<std::string, ProcessId> processes_;
  const Harness::Boot* boot_ = nullptr;
};

Harness harness_of(const std::shared_ptr<SimWorld>& w) {
  Harness h;
  h.start = [w](const std::string& host, const Harness::Boot& boot) { w->start(host, boot); };
  h.kill = [w](const std::string& host) { w->kill(host); };
  h.running = [w](const std::string& host) { return w->running(host); };
  h.enter = [w](const std::string& host, std::function<void()> step) { w->enter(host, std::move(step)); };
  h.run = [w](const std::function<bool()>& done, base::Nanos limit) { return w->run(done, limit); };
  h.power_off = [w](const std::string& host) { w->power_off(host); };
  return h;
}

TEST_CASE("the simulated world conforms") {
  env_test::run_conformance("simulated", [](const std::vector<const env::BodyType*>&) {
    return harness_of(std::make_shared<SimWorld>(false, "z"));
  });
}

TEST_CASE("the simulated world conforms across zones with every message encoded and decoded") {
  env_test::run_conformance("simulated, encoded", [](const std::vector<const env::BodyType*>&) {
    return harness_of(std::make_shared<SimWorld>(true, "y"));
  });
}

}  // namespace
}  // namespace orrery::sim
