// How scenario and bench files reach policies that are not in the tree: shared objects and processes.
#pragma once
#include "scenarios/outside/outside.h"

namespace orrery::cli {

scenarios::Outside outside();

}  // namespace orrery::cli
