// LineProcess: a child process that answers lines (scenarios/outside/external_policy.h says what they hold).
#pragma once
#include <sys/types.h>

#include "scenarios/outside/outside.h"

namespace orrery::cli {

/// Why the program of the command cannot be started; "" when it is there.
std::string command_problem(const scenarios::ExternalCommand& command);

class LineProcess final : public scenarios::LineChannel {
 public:
  static constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;

  /// Throws PolicyFailure.
  explicit LineProcess(const scenarios::ExternalCommand& command);
  LineProcess(const LineProcess&) = delete;
  /// Closes its input, waits a second for it to end, then kills it.
  ~LineProcess() override;
  std::string ask(const std::string& line) override;

 private:
  void send(const std::string& line, std::int64_t deadline);
  /// Waits until the descriptor is ready; throws when the deadline passes.
  void wait_for(int fd, short events, std::int64_t deadline) const;
  [[noreturn]] void died();

  base::Nanos timeout_;
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  std::string text_;           // read and not yet answered
};

}  // namespace orrery::cli
