// Component: what a process incarnation runs. Built on an Environment by a factory, destroyed when the process is dead.
#pragma once
#include <functional>
#include <memory>

namespace orrery::env {

struct Environment;

/// Constructed components act on their own (timers, servers). Destructors cause no effects.
class Component {
 public:
  virtual ~Component() = default;
};

/// Builds the component of one incarnation; called again at each restart.
using ComponentFactory = std::function<std::unique_ptr<Component>(Environment&)>;

}  // namespace orrery::env
