// Reads the `workloads` of a scenario.
#pragma once
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// Manifests by file or inline, with scale and behaviour applied. A pattern that matches no object is an error.
/// A default StorageClass is added when claims name no class and the workloads have no default.
/// `source_hash` absorbs every file read. Throws InputError.
std::vector<WorkloadSpec> load_workloads(const YamlCursor& workloads, std::uint64_t& source_hash);

/// '*' matches any run of characters.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace orrery::scenarios
