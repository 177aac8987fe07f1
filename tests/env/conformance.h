// The conformance suite of the seam: what every world has to do the same way. Each world brings a Harness.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/env/environment.h"

namespace orrery::env_test {

/// One world with up to three machines, made anew for each case. Everything is called from the test's own thread.
struct Harness {
  /// What a process runs. The world owns it and destroys it when the process ends, before the Environment.
  using Component = std::shared_ptr<void>;
  using Boot = std::function<Component(env::Environment&)>;

  /// Starts the one process of machine `host` ("a", "b" or "c") and runs `boot` as its first callback before returning.
  /// The first time the disk is empty, later it holds what the former incarnation left.
  std::function<void(const std::string& host, Boot boot)> start;
  /// Ends it like SIGKILL, at once. The page cache stays.
  std::function<void(const std::string& host)> kill;
  /// False before start(), after kill() and once the process has ended itself by Process::exit.
  std::function<bool(const std::string& host)> running;
  /// Runs `step` as one callback of the process and returns after it.
  std::function<void(const std::string& host, std::function<void()> step)> enter;
  /// Runs the world until `done` holds (looked at after every callback) or `limit` of its time has passed; gives `done`.
  std::function<bool(const std::function<bool()>& done, base::Nanos limit)> run;
  /// Silent loss of the whole machine; a later start() powers it on. Empty where the world cannot do it.
  std::function<void(const std::string& host)> power_off;
};

/// Makes a world whose messages and logs may carry bodies of these types.
using HarnessFactory = std::function<Harness(const std::vector<const env::BodyType*>& types)>;

/// Runs every case against worlds of this factory, one doctest subcase each. Call it inside a TEST_CASE, alone.
void run_conformance(const char* world, const HarnessFactory& make);

}  // namespace orrery::env_test
