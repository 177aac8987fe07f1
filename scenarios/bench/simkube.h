// A SimKube trace (simkube.dev, version 2), decoded to JSON: what was applied to and deleted from a cluster, second by second, and
// when its pods began and ended.
#pragma once
#include "scenarios/bench/trace.h"

namespace orrery::scenarios::bench {

/// Applied workloads are followed as their controllers do: a Pod is one pod; Deployments, ReplicaSets and StatefulSets have as many
/// as `replicas` says, the newest go first, and a changed template replaces all of them; a Job has `parallelism` of them. A pod
/// runs for as long as the trace's pod_lifecycles tell; those of a CronJob come when they began there. Else it stays until its
/// workload is scaled down or deleted, or is censored at the trace's end. DaemonSets and other kinds are left out. Nodes, and what
/// plugins read besides, are those of the dump `nodes`. Throws InputError.
Trace read_simkube(const std::string& file, const std::string& nodes);

}  // namespace orrery::scenarios::bench
