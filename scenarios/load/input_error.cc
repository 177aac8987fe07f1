#include "scenarios/load/input_error.h"

namespace orrery::scenarios {

std::string InputError::text() const {
  std::string out = file;
  if (line > 0) out += ":" + std::to_string(line);
  out += ": ";
  if (!path.empty()) out += path + ": ";
  return out + what;
}

}  // namespace orrery::scenarios
