#include "tools/cli/outside.h"

#include "tools/cli/line_process.h"
#include "tools/cli/policy_library.h"

namespace orrery::cli {

scenarios::Outside outside() {
  return {load_policy_library, command_problem,
          [](const scenarios::ExternalCommand& command) { return std::make_unique<LineProcess>(command); }};
}

}  // namespace orrery::cli
