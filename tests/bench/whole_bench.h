// What tests of benches in whole clusters share: a small cluster, and runs of a trace in it and without it.
#pragma once
#include <map>
#include <string>

#include "scenarios/bench/placement.h"
#include "scenarios/bench/timed.h"
#include "scenarios/bench/whole_cluster.h"
#include "scenarios/load/load_cluster.h"

namespace orrery::scenarios::bench {

/// One master; nodes are the trace's.
inline BenchSpec small_whole_bench() {
  BenchSpec out;
  out.mode = BenchMode::kWholeCluster;
  out.cluster = load_cluster(YamlCursor(YAML::Load("{masters: {count: 1, cpu: 8, memory: 16Gi}, images: present}"), "test"), out.cluster_hash);
  return out;
}

struct Both {
  RunRecord placed, whole;
  std::map<std::uint32_t, base::Nanos> placed_at, whole_at;   // first starts, by pod
};

/// The same trace, policy and options in placement only and in a whole cluster.
inline Both run_both(const Trace& trace, const scheduler::PolicySpec& policy, TimedOptions options = {}) {
  const auto model = std::make_shared<scheduler::FragmentationModel>(std::vector<scheduler::TypicalPod>{});
  Both out;
  options.on_start = [&](std::uint32_t pod, base::Nanos at) { out.placed_at.emplace(pod, at); };
  run_timed(trace, {}, policy, model, 1, out.placed, options);
  options.on_start = [&](std::uint32_t pod, base::Nanos at) { out.whole_at.emplace(pod, at); };
  run_whole_cluster(small_whole_bench(), trace, {}, policy, model, 1, out.whole, options);
  return out;
}

}  // namespace orrery::scenarios::bench
