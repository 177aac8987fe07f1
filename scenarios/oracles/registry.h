// The oracles of a run.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "scenarios/oracles/oracle.h"

namespace orrery::scenarios {

struct ExpectSpec;

/// Those that `expect.invariants` selects, in the order of their ids.
std::vector<std::unique_ptr<Oracle>> make_oracles(const ExpectSpec& expect);
/// The ids of all invariants that oracles exist for.
const std::vector<std::string>& known_invariants();

}  // namespace orrery::scenarios
