// Reads the `cluster` block of a scenario.
#pragma once
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios {

/// Throws InputError. Masters are named master-1.., the machines of a group GROUP-1.., zones dealt round robin.
ClusterSpec load_cluster(const YamlCursor& cluster);

}  // namespace orrery::scenarios
