// load_bench: a bench file to what it asks for.
//
//   apiVersion: orrery/v1
//   kind: Bench
//   mode: placement-only             # or whole-cluster, with
//   cluster: {masters: ...}          #   a scenario's `cluster` without nodes and scheduler, and perhaps
//   timeline: [...]                  #   a scenario's `timeline`; its times count from when the first pod may come, of
//                                    #   operations from when the first step begins
//   nodes: objects                   #   of operations: Node objects without machines, or kubelets
//   parameters:                      # each is filled by --set NAME=VALUE, or has a value
//     pods: {about: a pod list}
//     seeds: {value: 1..10}
//   seeds: ${seeds}                  # A..B, or a list
//   sizes: [100%, 80%]               # parts of the nodes that are there
//   only: all                        # or NAME,NAME: the other traces are left out
//   traces:
//     - format: openb                # nodes, pods; arrivals: {orders: FILE}, {shuffled: {demand: 130%}} or
//       ...                          #   {recorded: {unscheduled:, censored:, resample:, rate:, window: busiest 6h}}
//     - format: synthetic            # nodes, pods, between, durations, shapes; with load: {closed: ...} without pods and between
//     - format: swf | batsim         # file, processors, overrun; or gangs: {nodes:, cpu:, memory:}: jobs as gangs of pods
//     - format: operations           # name, workload, thresholds, operations (load_operations.h)
//   warmup: mser-5                   # load, warmup and energy: load_measuring.h
//   energy: {idleWatts: 100, anyCoreWatts: 120, allCoresWatts: 200, offWatts: 10}
//   policies:
//     - FGD                          # a name of policies/policy.h
//     - {name: mine, plugins: [{name: FGD, weight: 3}, {name: BestFit}], devices: fragmentation, ties: first}
//     - {name: lib, plugin: ./libmine.so, plugins: [{name: Mine, weight: 2, args: {alpha: 3}}]}   # without `plugins`: all it holds
//     - {name: lots, policy: Default, backfill: none, preemption: true, descheduler: {...}, autoscaler: {...}}   # load_agents.h
//     - {name: py, command: [python3, mine.py], timeout: 10s}        # external_policy.h
#pragma once
#include <map>
#include <string>

#include "scenarios/outside/outside.h"
#include "scenarios/bench/spec.h"

namespace orrery::scenarios::bench {

/// `set`: values of parameters, by name. Everything in the file is checked (traces are not yet read); throws InputError. Without
/// `outside` policies of libraries and processes are refused.
BenchSpec load_bench(const std::string& file, const std::map<std::string, std::string>& set, const Outside& outside = {});

}  // namespace orrery::scenarios::bench
