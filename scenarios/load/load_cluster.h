// Reads the `cluster` block of a scenario.
#pragma once
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/outside/outside.h"
#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios {

/// `hash` absorbs the bytes of files that the block names. Throws InputError. Masters are named master-1.., the machines of a group
/// GROUP-1.., zones dealt round robin. Without `outside` schedulers of libraries and processes are refused.
ClusterSpec load_cluster(const YamlCursor& cluster, std::uint64_t& hash, const Outside& outside = {});
/// idleWatts, anyCoreWatts, allCoresWatts; `c` may have other keys, too.
void load_power(const YamlCursor& c, PowerSpec& out);

}  // namespace orrery::scenarios
