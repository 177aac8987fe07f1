// What a decision costs: CPU spent on the master per scheduling attempt. Calibrated so that 10,000 pods on 1,000 nodes cost
// 4.7 ms of scheduler CPU each, binding and events included, as measured on a real 1.33 control plane: at that size 420
// feasible nodes are enough, so that 420 are filtered and scored.
#pragma once
#include "control/scheduler/cycle.h"
#include "model/base/time.h"

namespace orrery::scheduler {

inline constexpr base::Nanos kAttemptCpu = 1300 * base::kMicrosecond;  ///< queue, PreFilter, binding, event, own informer
inline constexpr base::Nanos kFilterNodeCpu = 4 * base::kMicrosecond;
inline constexpr base::Nanos kScoreNodeCpu = 4 * base::kMicrosecond;
inline constexpr base::Nanos kDryRunNodeCpu = 40 * base::kMicrosecond; ///< preemption, per candidate node

inline constexpr base::Nanos kArcCpu = 20;                             ///< min-cost flow, per arc looked at (an estimate)

/// Of what is done node by node.
inline base::Nanos node_cpu(const CycleResult& r) {
  base::Nanos cpu = static_cast<base::Nanos>(r.evaluated) * kFilterNodeCpu;
  if (r.feasible > 1) cpu += static_cast<base::Nanos>(r.feasible) * kScoreNodeCpu;
  if (r.tried_preemption) cpu += static_cast<base::Nanos>(r.dry_runs) * kDryRunNodeCpu;
  return cpu;
}

/// Upstream's default of `parallelism`: so many nodes are filtered, scored or tried for preemption at a time.
inline constexpr int kUpstreamParallelism = 16;

/// What each of the threads does that share what is done node by node.
inline base::Nanos thread_cpu(const CycleResult& r, int parallelism) { return node_cpu(r) / parallelism; }

/// How long an attempt takes on cores enough: one thread does what is not by node, and its share.
inline base::Nanos attempt_time(const CycleResult& r, int parallelism) { return kAttemptCpu + thread_cpu(r, parallelism); }

}  // namespace orrery::scheduler
