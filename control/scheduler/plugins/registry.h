// The plugins there are, by name (plugins/registry.go).
#pragma once
#include <memory>
#include <span>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/framework/layout.h"

namespace orrery::scheduler {

struct PluginKind {
  std::string_view name;
  std::int64_t default_weight;        ///< of its score in the default profile; 0: it does not score
  std::uint32_t points;               ///< one bit per Point that it has something to do at
  using Make = std::unique_ptr<Plugin> (*)(const ProfileContext&, const ProfileConfig&, const Framework* const* self);
  Make make;                          ///< `self` becomes the framework that the plugin is part of

  bool extends(Point p) const { return points >> static_cast<unsigned>(p) & 1; }
};

/// In the order of the default profile.
std::span<const PluginKind> known_plugins();
/// Null when there is none.
const PluginKind* find_plugin(std::string_view name);

}  // namespace orrery::scheduler
