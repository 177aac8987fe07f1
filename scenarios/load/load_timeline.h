// Reads the `timeline` of a scenario.
#pragma once
#include <set>

#include "scenarios/load/yaml_cursor.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// Entries in the order of the file. Targets are checked against the cluster. Throws InputError.
std::vector<TimelineEntry> load_timeline(const YamlCursor& timeline, const Scenario& scenario);

/// "shop/deployment/cart", "node/worker-1". Throws InputError for an unknown kind or a wrong number of parts.
ObjectName load_object_name(const YamlCursor& c);
/// Kind by its name in lower case, singular, plural or short; kNone when unknown.
api::KindId find_kind_by_any_name(std::string_view name);

}  // namespace orrery::scenarios
