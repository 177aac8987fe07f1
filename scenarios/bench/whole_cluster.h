// WholeCluster: a timed trace in a complete simulated cluster: masters, a kubelet and a proxy on every node of the trace, and a
// user who creates each pod at its time through the API and deletes it when it has ended. Pods run as containers that exit after
// their duration; the research policies are profiles of the cluster's scheduler. Everything is measured from committed state.
#pragma once
#include "control/scheduler/policies/policy.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/spec.h"
#include "scenarios/bench/trace.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios::bench {

/// The cluster has so long to come up before the first pod may come.
inline constexpr base::Nanos kBootTime = 2 * base::kMinute;

/// The scenario of one run: cluster with the trace's nodes, the policy's scheduler, the timeline. Throws InputError.
Scenario scenario_of(const BenchSpec& bench, const Trace& trace, const scheduler::PolicySpec& policy,
                     std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed);

/// Fills metrics, series, notes and digest; `rules` as for placement only (timed.h). Measured from the first arrival, or the end of
/// the warm-up, to the last one.
void run_whole_cluster(const BenchSpec& bench, const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
                       std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed,
                       const Measuring& measuring, RunRecord& out);

}  // namespace orrery::scenarios::bench
