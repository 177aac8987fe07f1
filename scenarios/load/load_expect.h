// Reads the `expect` block of a scenario.
#pragma once
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// Throws InputError. Objects, nodes, services and clients that a line names must exist in the scenario where that can be
/// known beforehand.
ExpectSpec load_expect(const YamlCursor& expect, const Scenario& scenario);

}  // namespace orrery::scenarios
