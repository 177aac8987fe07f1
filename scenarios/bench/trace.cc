#include "scenarios/bench/trace.h"

#include <algorithm>

#include "model/base/str.h"

namespace orrery::scenarios::bench {

void sort_by_arrival(Trace& trace) {
  std::stable_sort(trace.pods.begin(), trace.pods.end(), [](const TracePod& a, const TracePod& b) { return a.arrival < b.arrival; });
}

void note_if_any(Trace& trace, std::size_t count, std::string_view what) {
  if (count > 0) trace.notes.push_back(base::cat(std::to_string(count), " ", what));
}

}  // namespace orrery::scenarios::bench
