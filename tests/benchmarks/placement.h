// The measured budgets of placement only: runs of the policy bench.
#pragma once
#include "tests/benchmarks/scheduling.h"

namespace orrery::benchmarks {

/// Processor time of single runs over openb; says so when the trace is not at hand.
void placement_benchmark(Report report);

}  // namespace orrery::benchmarks
