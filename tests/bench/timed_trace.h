// Small timed traces and their runs, for tests of what a timed run measures.
#pragma once
#include <string>

#include "model/base/str.h"
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

inline TracePod core_pod(const char* name, int arrival, int duration, std::int64_t cores, const char* gang = "", std::int32_t priority = 0) {
  TracePod p = cpu_pod(name, arrival, duration, cores * 1000);
  p.gang = gang;
  p.priority = priority;
  return p;
}

/// n0, n1, ... with 64 GiB each, and no pods.
inline Trace core_nodes(int nodes, std::int64_t cores) {
  Trace t;
  t.timed = true;
  for (int i = 0; i < nodes; ++i) t.nodes.push_back({base::cat("n", std::to_string(i)), cores * 1000, std::int64_t{64} << 30, 0, "", {}});
  return t;
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
