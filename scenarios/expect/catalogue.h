// The names that `expect` lines may use: predicates of the cluster's state, and metrics.
#pragma once

namespace orrery::scenarios {

struct PredicateShape {
  const char* name;
  const char* needs;   ///< comma separated arguments
  const char* what;
};

inline constexpr PredicateShape kPredicates[] = {
    {"writes-accepted", "", "a write sent after `after` has been acknowledged"},
    {"lease-held-by-live-master", "", "kube-scheduler and kube-controller-manager (or `lease`) are held by a powered master and renewed"},
    {"rollout-complete", "object", "Deployment, StatefulSet or DaemonSet: observed, all replicas updated and available"},
    {"store-members-equal", "", "every store member runs and has applied the same revision with the same content"},
    {"nodes-ready", "count", "at least `count` nodes are Ready"},
    {"node-condition", "node,condition", "the nodes have the condition with `status` (and `reason`)"},
    {"node-taint", "node,taint", "the nodes carry the taint (and `effect`)"},
    {"node-without-taint", "node,taint", "the nodes do not carry the taint"},
    {"pods-ready", "count", "at least `count` pods in scope are Ready"},
    {"pods-in-phase", "phase,count", "exactly `count` pods in scope are in the phase; Terminating: have a deletionTimestamp"},
    {"pods-on-node", "node,count", "exactly `count` pods in scope are bound to the nodes and not terminal"},
    {"endpoints-ready", "service,count", "exactly `count` ready endpoints"},
    {"object-condition", "object,condition", "the object has the condition with `status` (and `reason`)"},
    {"object-field", "object,field,value", "the field's text equals `value`"},
    {"object-gone", "object", "the object does not exist"},
    {"object-exists", "object", "the object exists"},
    {"event", "reason,count", "at least `count` Events with the reason (about `object`, when given) were recorded"},
};

struct MetricShape {
  const char* name;
  const char* needs;
  bool at_every_moment;
  const char* what;
};

inline constexpr MetricShape kMetrics[] = {
    {"ready_endpoints", "service", true, "ready endpoints; of several services the smallest"},
    {"ready_pods", "", true, "pods in scope that are Ready"},
    {"pods", "", true, "pods in scope (and in `phase`)"},
    {"nodes_ready", "", true, "nodes that are Ready"},
    {"acknowledged_writes", "", false, "configmap writes acknowledged"},
    {"acknowledged_writes_lost", "", false, "acknowledged configmap writes that cannot be read back at the end"},
    {"writes_unknown", "", false, "configmap writes whose outcome stayed unknown"},
    {"writes_in_flight_at_fault", "", false, "configmap writes in flight when the first fault struck"},
    {"pods_evicted", "", false, "pods deleted by taint eviction, node pressure or the eviction API"},
    {"worker_pods_evicted", "", false, "pods_evicted on workers"},
    {"pods_created", "", false, "pods in scope that were ever created"},
    {"pods_failed", "", false, "pods in scope that ended Failed"},
    {"container_restarts", "", false, "restarts of containers of pods in scope"},
    {"oom_kills", "", false, "containers killed for memory"},
    {"http_requests", "client", false, "requests made"},
    {"http_failed", "client", false, "requests refused, reset or timed out"},
    {"http_failed_ratio", "client", false, "http_failed / http_requests"},
    {"nodes_tainted", "", false, "nodes that ever carried unreachable:NoExecute"},
};

}  // namespace orrery::scenarios
