// Files that a bench file names.
#pragma once
#include <string>

#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

/// A file is looked for where the command is run, then beside the bench file. "" when it is at neither place.
std::string find_input_file(const std::string& bench_file, const std::string& name);
/// The same of a scalar; throws InputError when it is at neither place.
std::string input_file(const YamlCursor& c);

}  // namespace orrery::scenarios::bench
