// load_synthetic: a trace of format synthetic in a bench file.
#pragma once
#include "scenarios/bench/synthetic.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

/// Throws InputError. `closed`: without the law of arrivals.
SyntheticSpec load_synthetic(const YamlCursor& c, bool closed);
/// {law: fixed | exponential | weibull | lognormal, scale: 30s, shape: 0.7}; `c` may have other keys, too.
Law load_law(const YamlCursor& c);
/// {count:, cpu:, memory:, gpus:, model:, zone:, power:}, at least one.
std::vector<NodeGroup> load_node_groups(const YamlCursor& c);
/// What a node has; a name it gets from elsewhere. `c` may have other keys, too.
TraceNode load_node(const YamlCursor& c);

}  // namespace orrery::scenarios::bench
