#include "scenarios/bench/window.h"

#include <algorithm>

#include "model/base/str.h"

namespace orrery::scenarios::bench {

Trace busiest_window(const Trace& trace, base::Nanos length) {
  std::vector<base::Nanos> arrivals;
  for (const TracePod& p : trace.pods) arrivals.push_back(p.arrival);
  std::sort(arrivals.begin(), arrivals.end());
  base::Nanos begin = 0;
  std::size_t most = 0;
  for (std::size_t i = 0, end = 0; i < arrivals.size(); ++i) {
    while (end < arrivals.size() && arrivals[end] < arrivals[i] + length) ++end;
    if (end - i <= most) continue;
    most = end - i;
    begin = arrivals[i];
  }
  Trace out = trace;
  out.pods.clear();
  std::size_t there = 0;
  for (TracePod pod : trace.pods) {
    base::Nanos& left = pod.unscheduled ? pod.patience : pod.duration;
    const base::Nanos age = begin - pod.arrival;
    if (age > 0 && left <= age) continue;
    if (age <= -length) continue;
    if (age > 0) {
      left -= age;
      ++there;
    }
    pod.arrival = std::max<base::Nanos>(0, -age);
    out.pods.push_back(std::move(pod));
  }
  for (TraceNode& n : out.nodes) {
    for (TraceNode::Away& a : n.away) {
      a.from -= begin;
      if (a.until < INT64_MAX) a.until -= begin;
    }
  }
  out.notes.push_back(base::cat("the window in which most pods come: ", std::to_string(most), " pods from second ",
                                std::to_string(begin / base::kSecond), " on; ", std::to_string(there),
                                " pods that would be there already come at its beginning, for what is left of them"));
  return out;
}

}  // namespace orrery::scenarios::bench
