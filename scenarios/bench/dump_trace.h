// A dumped cluster as a trace: nodes and pods as `kubectl get nodes,pods,... -A -o yaml` (or json) printed them at one moment.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Pods come when they were created and stay (censored at the youngest pod's creation); those that have ended, and what was gone
/// before the dump, are not there. Throws InputError.
Trace read_dump_trace(const std::string& file);

}  // namespace orrery::scenarios::bench
