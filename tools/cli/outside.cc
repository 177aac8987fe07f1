#include "tools/cli/outside.h"

#include <chrono>

#include "tools/cli/line_process.h"
#include "tools/cli/policy_library.h"

namespace orrery::cli {

scenarios::Outside outside() {
  return {load_policy_library, command_problem,
          [](const scenarios::ExternalCommand& command) { return std::make_unique<LineProcess>(command); },
          [] { return static_cast<std::int64_t>(std::chrono::steady_clock::now().time_since_epoch().count()); }};
}

}  // namespace orrery::cli
