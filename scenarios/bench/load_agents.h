// What acts beside the scheduler, of a policy of a bench file:
//
//   descheduler:
//     every: 5m
//     mostEvictions: 100                       # of one round
//     removeDuplicates: true
//     topologySpread: {soft: false, nodeFit: true}
//     lowNodeUtilization: {thresholds: {cpu: 20, memory: 20, pods: 20}, targetThresholds: {cpu: 50, ...}, numberOfNodes: 0}
//     highNodeUtilization: {thresholds: {cpu: 20}, numberOfNodes: 0}
//   autoscaler:
//     groups: [{name: small, min: 0, max: 20, cpu: 8, memory: 32Gi, gpus: 0, model: A, zone: a, priority: 10}]
//     expander: random                         # or least-waste, most-pods, priority
//     traceNodes: keep                         # or drop
//     scanInterval: 10s
//     utilizationThreshold: 0.5
//     unneededTime: 10m
//     delayAfterAdd: 10m
//     provisioning: 2m
#pragma once
#include "scenarios/bench/timed_options.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

DeschedulingSpec load_descheduler(const YamlCursor& c);
AutoscalingSpec load_autoscaler(const YamlCursor& c);

}  // namespace orrery::scenarios::bench
