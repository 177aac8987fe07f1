// The cost of a scheduling decision on 5,000 nodes with the default plugins.
#pragma once
#include <iosfwd>

namespace orrery::benchmarks {

/// One line per case: what is scheduled, and nanoseconds per decision (filters, scores, tie-break, and the pod counted on its
/// node). Takes a few seconds.
void scheduling_benchmark(std::ostream& out);

}  // namespace orrery::benchmarks
