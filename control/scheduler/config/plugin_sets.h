// From the plugin sets of a profile to the plugins at each extension point: defaults merged with what the user enables and
// disables, multiPoint opened (apis/config/v1/default_plugins.go, framework/runtime).
#pragma once
#include "control/scheduler/config/problems.h"
#include "control/scheduler/config/v1_types.h"
#include "control/scheduler/plugins/registry.h"

namespace orrery::scheduler {

/// `path` is that of the sets ("profiles[0].plugins"). What cannot be built is a problem: plugins that do not exist, do not
/// extend the point or stand there twice, weights that overflow, no or several queue sorts, no binder, a plugin that acts
/// without the point before it which prepares that.
PluginLayout layout_of(const v1::Plugins& plugins, const std::string& path, const base::Str& scheduler_name,
                       const PluginCatalogue& catalogue, Problems& problems);

/// Why a plugin of this name cannot be used ("" when it can): unknown, removed, or not there yet.
std::string why_unusable(std::string_view plugin, const PluginCatalogue& catalogue);

}  // namespace orrery::scheduler
