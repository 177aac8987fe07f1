#include "scenarios/conform/conform.h"

#include <cstdio>

#include "control/scheduler/conform/recorded_cluster.h"
#include "scenarios/load/input_error.h"
#include "scenarios/load/packed_file.h"
#include "tools/cli/commands.h"

namespace orrery::cli {
namespace {

namespace decisions = scheduler::conform;

void print_counts(const std::string& what, const decisions::Comparison& c) {
  std::printf("%s: %d pods, %d verdicts, %d scores, %d choices, %d candidates and %d messages compared; differences: %zu\n",
              what.c_str(), c.pods, c.verdicts, c.scores, c.choices, c.candidates, c.messages, c.differences.size());
}

/// Scheduling decisions, compared one by one.
void conform_decisions(const std::string& file, std::string_view text, decisions::Comparison& total) {
  const auto got = decisions::replay(text);
  if (!got.ok()) throw scenarios::InputError{file, got.error().line, got.error().path, got.error().what};
  print_counts(file, *got);
  for (const std::string& difference : got->differences) std::printf("%s: %s\n", file.c_str(), difference.c_str());
  total.add(*got);
}

/// The history of a whole control plane. True when the simulation agrees.
bool conform_history(const ConformCommand& command, const scenarios::conform::History& history) {
  const scenarios::conform::Verdict verdict = scenarios::conform::conform(history, command.seed, command.draws);
  std::fputs(scenarios::conform::report(verdict, command.tolerated).c_str(), stdout);
  return verdict.ok();
}

}  // namespace

int conform(const ConformCommand& command) {
  bool ok = true;
  int recordings = 0;
  decisions::Comparison total;
  for (const std::string& file : command.files) {
    const std::string text = scenarios::read_packed_file(file);
    if (decisions::is_recording(text)) {
      conform_decisions(file, text, total);
      ++recordings;
    } else {
      ok = conform_history(command, scenarios::conform::parse_history(file, text)) && ok;
    }
    std::fflush(stdout);
  }
  if (recordings > 0) print_counts(std::to_string(recordings) + (recordings == 1 ? " recording" : " recordings"), total);
  return ok && total.differences.empty() ? 0 : 1;
}

}  // namespace orrery::cli
