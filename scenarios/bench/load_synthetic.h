// load_synthetic: a trace of format synthetic in a bench file.
#pragma once
#include "scenarios/bench/synthetic.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

/// Throws InputError.
SyntheticSpec load_synthetic(const YamlCursor& c);

}  // namespace orrery::scenarios::bench
