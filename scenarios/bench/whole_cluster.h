// WholeCluster: a timed trace in a complete simulated cluster: masters, a kubelet and a proxy on every node of the trace, and a
// user who creates each pod at its time through the API and deletes it when it has ended. Pods run as containers that exit after
// their duration; the research policies are profiles of the cluster's scheduler. Everything is measured from committed state.
//
// A gang is a PodGroup, created before its pods and deleted after them; its pods stay until all have ended. The scheduler then has
// Coscheduling in its profile and the cluster the PodGroup controller. Pods that a preemption, an agent or a lost node takes away come
// again under their names and begin anew. Priorities are PriorityClasses. Pods are called as in the trace
// where these names are all distinct and ones that the API takes, else pod-NUMBER.
//
// Policies that look at more than one pod: the order of dominant shares and the flow are the scheduler's own
// (control/scheduler/policies/tenant_turns.h, flow/flow_rounds.h); `backfill: none` and batch queues stand before it (whole_queue.h). Users
// of a closed load think from the commit of one pod's end to the creation of the next.
#pragma once
#include "control/scheduler/config/configuration.h"
#include "control/scheduler/policies/policy.h"
#include "scenarios/bench/run_record.h"
#include "scenarios/bench/spec.h"
#include "scenarios/bench/timed_options.h"
#include "scenarios/bench/trace.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {
class Timeline;
}

namespace orrery::scenarios::bench {

/// The cluster has so long to come up before the first pod may come.
inline constexpr base::Nanos kBootTime = 2 * base::kMinute;

/// A scheduler whose only profile is the policy; of gangs, too, when it has to start some.
std::shared_ptr<const scheduler::Configuration> policy_configuration(scheduler::PolicySpec policy,
                                                                     std::shared_ptr<const scheduler::FragmentationModel> model,
                                                                     std::uint64_t seed, bool gangs = false);

/// The scenario of one run: cluster with the trace's nodes, the policy's scheduler, the timeline. Throws InputError.
Scenario scenario_of(const BenchSpec& bench, const Trace& trace, const scheduler::PolicySpec& policy,
                     std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed);

/// Reads the bench's timeline, whose times count from kBootTime, for the machines of the scenario. Throws InputError.
void plan_timeline(const BenchSpec& bench, Scenario& scenario);

/// Notes how many faults were done, if any.
void note_faults(const Timeline& timeline, RunRecord& out);

/// Fills metrics, series, notes and digest; `rules` as for placement only (timed.h). Measured from the first arrival, or the end of
/// the warm-up, to the last one. `beside`: how it is measured, what acts beside the scheduler, and who watches.
void run_whole_cluster(const BenchSpec& bench, const Trace& trace, const TraceSpec& rules, const scheduler::PolicySpec& policy,
                       std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed, RunRecord& out,
                       const TimedOptions& beside = {});

/// A log of batch jobs under one of their policies (whole_queue.h): `trace` has a pod for each of their processors, in the order of the log
/// (gangs_of), and nodes that have as many; `policy` finds the nodes. Runs until the last job has ended, and for an hour more where one
/// cannot.
void run_whole_batch(const BenchSpec& bench, const JobLog& log, Trace trace, const TraceSpec& rules, scheduler::BatchRule rule,
                     const scheduler::PolicySpec& policy, std::uint64_t seed, RunRecord& out, scheduler::DecisionWatcher* watcher = nullptr);

}  // namespace orrery::scenarios::bench
