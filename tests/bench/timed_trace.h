// Small timed traces and their runs, for tests of what a timed run measures.
#pragma once
#include "scenarios/bench/timed.h"

namespace orrery::scenarios::bench {

inline TracePod cpu_pod(const char* name, int arrival, int duration, std::int64_t milli_cpu) {
  TracePod p;
  p.name = name;
  p.milli_cpu = milli_cpu;
  p.memory = 1 << 20;
  p.arrival = arrival * base::kSecond;
  p.duration = duration * base::kSecond;
  return p;
}

inline RunRecord run_with(const Trace& trace, const TimedOptions& options, const char* policy = "BestFit", std::uint64_t seed = 1) {
  std::vector<scheduler::PodShape> shapes;
  for (const TracePod& p : trace.pods) shapes.push_back(shape_of(p));
  RunRecord out;
  run_timed(trace, {}, *scheduler::known_policy(policy), std::make_shared<scheduler::FragmentationModel>(scheduler::typical_pods(shapes)),
            seed, out, options);
  return out;
}

}  // namespace orrery::scenarios::bench
