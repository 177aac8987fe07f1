// substitute: `${name}` in the texts of a YAML tree.
#pragma once
#include <map>
#include <string>

#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios {

/// Replaces ${name} everywhere below `n`; counts the uses of each name. Throws InputError for a name without a value: it
/// "is not WHAT".
void substitute(YAML::Node n, const std::map<std::string, std::string>& values, const std::string& file, const std::string& what,
                std::map<std::string, int>& uses);

}  // namespace orrery::scenarios
