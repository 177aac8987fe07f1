// SimGrid itself, to compare with what is computed here.
#pragma once
#include <simgrid/plugins/energy.h>
#include <simgrid/s4u.hpp>
#include <xbt/config.hpp>

#include <memory>
#include <string>

namespace orrery::test {

/// A quiet engine with the solver's own settings, which cannot be changed later in a process, and the energy plugin. All its
/// activities must have ended when the program does.
inline std::unique_ptr<simgrid::s4u::Engine> simgrid_engine() {
  using simgrid::s4u::Engine;
  int count = 2;
  char program[] = "test", quiet[] = "--log=root.thresh:critical";
  char* arguments[] = {program, quiet, nullptr};
  auto engine = std::make_unique<Engine>(&count, arguments);
  if (simgrid::config::get_value<std::string>("network/model") != "CM02") {
    Engine::set_config("network/model", std::string("CM02"));
    Engine::set_config("network/crosstraffic", false);
  }
  Engine::set_config("surf/precision", 1e-10);
  sg_host_energy_plugin_init();
  return engine;
}

}  // namespace orrery::test
