// load_policies: the `policies` of a bench file.
#pragma once
#include "scenarios/bench/spec.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

/// At least one, with different labels. Throws InputError.
std::vector<PolicyEntry> load_policies(const YamlCursor& c, const Outside& outside);

}  // namespace orrery::scenarios::bench
