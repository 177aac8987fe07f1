// The cost of a scheduling decision on 5,000 nodes with the default plugins.
#pragma once

namespace orrery::benchmarks {

/// Receives one figure and its budget ("": none).
using Report = void (*)(const char* what, double value, const char* unit, const char* budget);

/// Processor time per decision: filters, scores, tie-break, and the pod counted on its node. Takes a few seconds.
void scheduling_benchmark(Report report);

}  // namespace orrery::benchmarks
