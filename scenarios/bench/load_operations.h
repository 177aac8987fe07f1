// load_operations: a trace of format operations in a bench file.
//
//   templates:                                    # of the file: manifests, by the names of the operations
//     pod-default: {apiVersion: v1, kind: Pod, ...}
//   traces:
//     - format: operations
//       name: SchedulingBasic                     # and `workload`: the row of the file of thresholds
//       operations:
//         - {create: node, count: 5000, label: topology.kubernetes.io/zone, values: [a, b], volumeLimits: {ebs.csi.aws.com: 39}}
//         - {create: namespace, count: 2, prefix: sched}           # sched-0, sched-1
//         - {create: pod, count: 10, namespaces: init-ns, each: 100}   # ten in each of init-ns-0 to init-ns-99
//         - {create: pod, count: 10, volume: pv, claim: pvc, measured: true}
//         - {churn: [node, pod], every: 1s, keep: 1}
#pragma once
#include <map>

#include "scenarios/bench/operations.h"
#include "scenarios/load/yaml_cursor.h"

namespace orrery::scenarios::bench {

struct Templates {
  std::map<std::string, api::ObjectRef> objects;
  std::string source;             ///< the YAML they were read from
};

/// Throw InputError.
Templates load_templates(const YamlCursor& c);
OperationsSpec load_operations(const YamlCursor& c, const Templates& templates);

}  // namespace orrery::scenarios::bench
