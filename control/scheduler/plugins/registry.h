// The plugins there are, by name (plugins/registry.go): upstream's, of which the default profile is made, those of the literature
// (policies/), and those of libraries (framework/outside.h).
#pragma once
#include <memory>
#include <span>

#include "control/scheduler/default_profile.h"
#include "control/scheduler/framework/outside.h"

namespace orrery::scheduler {

struct PluginKind {
  std::string_view name;
  std::int64_t default_weight;        ///< of its score in the default profile; 0: it does not score
  std::uint32_t points;               ///< one bit per Point that it has something to do at
  using Make = std::unique_ptr<Plugin> (*)(const ProfileContext&, const ProfileConfig&, const Framework* const* self);
  Make make;                          ///< `self` becomes the framework that the plugin is part of; null: of a library
  bool by_default = true;             ///< it stands in the default profile
  const OutsidePlugin* outside = nullptr;   ///< of a library

  bool extends(Point p) const { return points >> static_cast<unsigned>(p) & 1; }
};

/// Those of the tree; first the default profile in its order.
std::span<const PluginKind> known_plugins();

/// Those of the tree and of libraries.
class PluginCatalogue {
 public:
  /// None of `outside` is called as a plugin of the tree or as another of them.
  explicit PluginCatalogue(std::span<const OutsidePlugin* const> outside = {});
  /// nullopt when there is none.
  std::optional<PluginKind> find(std::string_view name) const;
  /// "NodeName, ...", for messages.
  std::string names() const;

 private:
  std::vector<PluginKind> outside_;
};

/// What of the arguments of plugins of libraries is wrong, told by their constructors; "" when nothing is.
std::string outside_args_problem(const OutsidePlugin& plugin, const codec::JsonValue& args);

}  // namespace orrery::scheduler
