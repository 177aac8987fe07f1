// The oracles of a run.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "scenarios/oracles/oracle.h"

namespace orrery::scenarios {

/// All oracles, or those whose ids `wanted` names, in the order of the ids.
std::vector<std::unique_ptr<Oracle>> make_oracles(bool all, const std::vector<std::string>& wanted);
/// The ids of all invariants that oracles exist for.
const std::vector<std::string>& known_invariants();

}  // namespace orrery::scenarios
