// The arguments of plugins: decoded, defaulted and validated (apis/config/v1/defaults.go, validation_pluginargs.go).
#pragma once
#include "control/scheduler/config/problems.h"
#include "control/scheduler/config/v1_types.h"
#include "control/scheduler/default_profile.h"

namespace orrery::scheduler {

/// Sets what `args` (at `path`, "profiles[0].pluginConfig[1]") says in `config`, which holds the plugins of libraries.
void take_args(const v1::PluginArgs& args, const std::string& path, ProfileConfig& config, Problems& problems);

/// What the policies of the literature lack in a profile whose arguments have been taken.
void check_policies(const ProfileConfig& config, const std::string& path, Problems& problems);

/// Reads JSON as a struct; unknown and repeated fields, and values of the wrong type, are problems below `path`. Returns the
/// offset of a failure.
std::size_t read_strictly(const api::Type& type, void* value, std::string_view json, const std::string& path, Problems& problems);

}  // namespace orrery::scheduler
