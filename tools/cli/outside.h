// How bench files reach policies that are not in the tree: shared objects and processes.
#pragma once
#include "scenarios/bench/outside.h"

namespace orrery::cli {

scenarios::bench::Outside outside();

}  // namespace orrery::cli
