// What the program does for scenarios and benches because deterministic code must not: loading shared objects, and talking to a process. The
// answers of both count as input: they go into keys and digests. Besides, it reads the machine's clock for the planted bug that does so.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "control/scheduler/framework/outside.h"
#include "model/base/time.h"

namespace orrery::scenarios {

/// Of a library or script.
inline constexpr std::size_t kMaxPolicyMiB = 1024;

/// How a policy that is a process of its own is started.
struct ExternalCommand {
  std::vector<std::string> words;          ///< program and arguments
  base::Nanos timeout = 10 * base::kSecond;   ///< of wall time, for each answer
};

/// A policy from outside does not do what it must: a process that is gone, late or breaks the protocol, a plugin that fails.
class PolicyFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A process that answers each line by one line.
class LineChannel {
 public:
  virtual ~LineChannel() = default;
  /// Neither has a line break. Throws PolicyFailure when the process is gone, says nothing in time, or says too much.
  virtual std::string ask(const std::string& line) = 0;
};

struct Outside {
  /// Throws std::runtime_error with one line when the library cannot be used. It stays loaded.
  std::function<const scheduler::OutsideLibrary*(const std::string& file)> load_library;
  /// Why the command cannot be started; "" when it can.
  std::function<std::string(const ExternalCommand& command)> command_problem;
  /// Starts the process. Throws PolicyFailure.
  std::function<std::unique_ptr<LineChannel>(const ExternalCommand& command)> start;
  /// What the machine's own clock says; for the planted wall-clock-read alone.
  std::function<std::int64_t()> machine_clock;
};

}  // namespace orrery::scenarios
