// Predicates: "is the cluster like this now?", over committed state only.
#pragma once
#include "scenarios/expect/world_state.h"
#include "scenarios/spec/scenario.h"

namespace orrery::scenarios {

/// True when the predicate holds in this state. `after` is the moment it is asked from (writes-accepted, renewals).
bool holds(const Predicate& predicate, const WorldState& state, const ClusterSpec& cluster, base::Instant after,
           base::Instant epoch);
/// What it saw, for the verdict table: "2 of 3", "Unknown (NodeStatusUnknown)".
std::string describe_state(const Predicate& predicate, const WorldState& state, const ClusterSpec& cluster);
/// True when a change of this kind of object can change the answer.
bool concerns(const Predicate& predicate, api::KindId kind);

/// Pods in the predicate's scope (namespace, selector, phase, node pattern).
std::vector<api::ObjectRef> pods_in_scope(const Predicate& predicate, const WorldState& state);
/// Ready endpoints of each service that matches the pattern: name and count.
std::vector<std::pair<std::string, std::int64_t>> ready_endpoints(const std::string& pattern, const WorldState& state);
bool is_pod_ready(const api::Object& pod);
std::int64_t count_ready_nodes(const WorldState& state);

}  // namespace orrery::scenarios
