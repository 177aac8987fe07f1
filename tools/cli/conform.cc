#include "scenarios/conform/conform.h"

#include <cstdio>

#include "tools/cli/commands.h"

namespace orrery::cli {

int conform(const ConformCommand& command) {
  bool ok = true;
  for (const std::string& file : command.files) {
    const scenarios::conform::Verdict verdict =
        scenarios::conform::conform(file, command.seed, command.draws);
    std::fputs(scenarios::conform::report(verdict, command.tolerated).c_str(), stdout);
    std::fflush(stdout);
    ok = ok && verdict.ok();
  }
  return ok ? 0 : 1;
}

}  // namespace orrery::cli
