// WholeOperations: a workload of operations (operations.h) in a complete simulated cluster: masters with all their processes, and a
// user who creates everything through the API. The scheduler's decisions take modelled time on the cores of its master; a step ends
// when committed state says that its pods are bound.
//
// Nodes are Node objects that FakeNodes keeps alive, as scheduler_perf's are Node objects only; or machines with kubelet and proxy,
// which then are there from the beginning and run the pods. Nodes of a churn are always objects.
#pragma once
#include "control/scheduler/explain/decision_watcher.h"
#include "scenarios/bench/operations.h"
#include "scenarios/bench/spec.h"

namespace orrery::scenarios::bench {

/// The scenario of one run: masters, machines when nodes have kubelets, the policy's scheduler, the timeline. Throws InputError.
Scenario operations_scenario(const BenchSpec& bench, const OperationsSpec& spec, const scheduler::PolicySpec& policy, std::uint64_t seed);

/// Fills metrics, measured figures, notes and digest. `watcher` may be null.
void run_whole_operations(const BenchSpec& bench, const OperationsSpec& spec, const scheduler::PolicySpec& policy, std::uint64_t seed,
                          const CpuClock& cpu, RunRecord& out, scheduler::DecisionWatcher* watcher = nullptr);

}  // namespace orrery::scenarios::bench
