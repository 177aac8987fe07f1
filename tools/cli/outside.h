// How scenario and bench files reach what is not in the tree: policies in shared objects and processes, and the machine's clock.
#pragma once
#include "scenarios/outside/outside.h"

namespace orrery::cli {

scenarios::Outside outside();

}  // namespace orrery::cli
