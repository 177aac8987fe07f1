// Shared objects with plugins (control/scheduler/framework/outside.h).
#pragma once
#include <string>
#include <vector>

#include "control/scheduler/framework/outside.h"

namespace orrery::cli {

/// Loads a library for good. Throws std::runtime_error with one line: no such file, no shared object, a symbol missing, built
/// against another version of the interface.
const scheduler::OutsideLibrary* load_policy_library(const std::string& file);

/// The plugins of several libraries; throws InputError, also where two have one name or a name of the tree.
std::vector<const scheduler::OutsidePlugin*> plugins_of(const std::vector<std::string>& libraries);

}  // namespace orrery::cli
