// Reads the `clients` of a scenario.
#pragma once
#include "scenarios/load/yaml_cursor.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// Throws InputError; services that an http client names must be among the workloads.
std::vector<ClientSpec> load_clients(const YamlCursor& clients, const Scenario& scenario);

}  // namespace orrery::scenarios
