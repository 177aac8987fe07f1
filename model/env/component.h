// Component: what a process incarnation runs. Built on an Environment by a factory, destroyed when the process is dead.
#pragma once
#include <memory>
#include <utility>

#include "model/base/function.h"

namespace orrery::env {

struct Environment;

/// The root object of one process incarnation. It acts on its own (timers, servers); its destructor causes no effects.
class Component {
 public:
  virtual ~Component() = default;
};

/// Called once per incarnation. May be called many times in a run; keeps no state of an incarnation.
using ComponentFactory = base::UniqueFunction<std::unique_ptr<Component>(Environment&)>;

/// Wraps any class as a component: `hold<Scheduler>(env, config)` constructs Scheduler(env, config).
template <class T>
class Holder : public Component {
 public:
  template <class... A>
  explicit Holder(A&&... args) : value(std::forward<A>(args)...) {}
  T value;
};

template <class T, class... A>
std::unique_ptr<Component> hold(A&&... args) {
  return std::make_unique<Holder<T>>(std::forward<A>(args)...);
}

}  // namespace orrery::env
