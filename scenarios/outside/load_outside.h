// What of a scenario or bench file names policies outside the tree: libraries and commands.
#pragma once
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/outside/outside.h"

namespace orrery::scenarios {

/// The plugins of the library `file`, which `c` names. Throws InputError, also when the program cannot load libraries.
std::vector<const scheduler::OutsidePlugin*> load_library(const YamlCursor& c, const std::string& file, const Outside& outside);

/// `command: [program, argument...]` and perhaps `timeout`, keys of `c`. `find` tells where the file is that a word names, "" when it
/// names none; those are put in the words' place and added to `files`. A program without a '/' is one of the PATH. Throws InputError,
/// also when the program cannot be started.
ExternalCommand load_command(const YamlCursor& c, const Outside& outside, const std::function<std::string(const std::string&)>& find,
                             std::vector<std::string>& files);

}  // namespace orrery::scenarios
