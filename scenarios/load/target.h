// Targets: how a scenario names machines and processes.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "scenarios/spec/cluster_spec.h"

namespace orrery::scenarios {

/// A parsed target. Forms: "master/2", "master/*", "master/leader-of(store)", "node/NAME", "node/zone-a/*", "node/*",
/// "zone/a", "rack/a-r1"; processes "etcd/2", "apiserver/1", "scheduler/1", "controller-manager/1", "kubelet/NAME",
/// "proxy/NAME", "etcd/leader"; or a name given earlier by `as`.
struct Target {
  enum class Kind { kMachines, kLeaderMachine, kProcesses, kLeaderProcess, kNamed } kind = Kind::kMachines;
  std::vector<std::string> machines;   ///< host names
  std::string process;                 ///< "etcd", "kube-apiserver", ... for kProcesses and kLeaderProcess
  std::string role;                    ///< "store", "kube-controller-manager", "kube-scheduler"
  std::string name;                    ///< kNamed
};

/// Sets `problem` (and returns an empty target) when the text names nothing in this cluster.
Target parse_target(const std::string& text, const ClusterSpec& cluster, const std::set<std::string>& names,
                    std::string& problem);

/// "" when the target is right. `process` tells whether a process is wanted rather than a machine.
std::string check_target(const std::string& text, const ClusterSpec& cluster, bool process, const std::set<std::string>& names);

}  // namespace orrery::scenarios
