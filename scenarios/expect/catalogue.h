// The names that `expect` lines may use: predicates of the cluster's state, and metrics.
#pragma once

namespace orrery::scenarios {

struct PredicateShape {
  const char* name;
  const char* needs;   ///< comma separated arguments
  const char* may;     ///< those that may be left out
  const char* what;
};

inline constexpr PredicateShape kPredicates[] = {
    {"writes-accepted", "", "via",
     "a write sent after `after` (to the apiserver of the machine `via`) has been acknowledged"},
    {"lease-held-by-live-master", "", "lease",
     "kube-scheduler and kube-controller-manager (or `lease`) are held by a powered master and renewed"},
    {"leader-acts", "lease", "",
     "the present holder of the lease has had a write sent after `after` accepted (leases, events aside)"},
    {"rollout-complete", "object", "",
     "Deployment, StatefulSet or DaemonSet: observed, all replicas updated and available"},
    {"store-members-equal", "", "",
     "every store member runs and has applied the same revision with the same content"},
    {"nodes-ready", "count", "", "at least `count` nodes are Ready"},
    {"node-condition", "node,condition", "status,reason,message,count",
     "the nodes (at least `count`) have the condition with `status` (and `reason`)"},
    {"node-taint", "node,taint", "effect,count",
     "the nodes (at least `count`) carry the taint (and `effect`)"},
    {"node-without-taint", "node,taint", "effect,count",
     "the nodes (at least `count`) do not carry the taint"},
    {"pods-ready", "count", "namespace,selector,node", "at least `count` pods in scope are Ready"},
    {"pods-in-phase", "phase,count", "namespace,selector,node",
     "exactly `count` pods in scope are in the phase; Terminating: have a deletionTimestamp"},
    {"pods-with-condition", "condition,count", "namespace,selector,node,phase,status,reason,message",
     "at least `count` pods in scope have the condition with `status` (and `reason`)"},
    {"pods-on-node", "node,count", "namespace,selector,phase",
     "exactly `count` pods in scope are bound to the nodes and not terminal"},
    {"endpoints-ready", "service,count", "", "exactly `count` ready endpoints"},
    {"object-condition", "object,condition", "status,reason,message,without",
     "the object has the condition with `status` (and `reason`, `message`), and `without` is not True"},
    {"object-field", "object,field,value", "", "the field's text equals `value`"},
    {"object-gone", "object", "", "the object does not exist"},
    {"object-exists", "object", "", "the object exists"},
    {"event", "reason,count", "object,message",
     "at least `count` Events with the reason (about `object`, with a `message` of this pattern) were recorded"},
};

struct MetricShape {
  const char* name;
  const char* needs, *may;
  bool at_every_moment;
  const char* what;
};

inline constexpr MetricShape kMetrics[] = {
    {"ready_endpoints", "service", "", true, "ready endpoints; of several services the smallest"},
    {"ready_pods", "", "namespace,selector,node", true, "pods in scope that are Ready"},
    {"pods", "", "namespace,selector,node,phase", true, "pods in scope (and in `phase`)"},
    {"nodes_ready", "", "", true, "nodes that are Ready"},
    {"acknowledged_writes", "", "client", false, "configmap writes acknowledged (between `from` and `until`)"},
    {"acknowledged_writes_lost", "", "client", false,
     "acknowledged configmap writes that cannot be read back at the end"},
    {"writes_unknown", "", "client", false, "configmap writes whose outcome stayed unknown"},
    {"writes_in_flight_at_fault", "", "client", false,
     "configmap writes in flight when the first fault struck"},
    {"pods_evicted", "", "", true, "pods deleted by taint eviction, node pressure or the eviction API"},
    {"worker_pods_evicted", "", "", true, "pods_evicted on workers"},
    {"pods_created", "", "namespace", true, "pods that were ever created (in `namespace`)"},
    {"pods_failed", "", "namespace,selector,node", true, "pods in scope that ended Failed"},
    {"container_restarts", "", "namespace,selector,node", true, "restarts of containers of pods in scope"},
    {"oom_kills", "", "", true, "containers killed for memory"},
    {"process_exits", "process", "", true, "times that processes of this name ended by themselves, on all machines"},
    {"http_requests", "client", "", false, "requests made"},
    {"http_failed", "client", "", false, "requests refused, reset or timed out"},
    {"http_failed_ratio", "client", "", false, "http_failed / http_requests"},
    {"energy_joules", "", "node", false, "drawn by masters and nodes (by `node`) from the beginning to the end"},
    {"nodes_tainted", "", "", true, "nodes that ever carried unreachable:NoExecute"},
};

}  // namespace orrery::scenarios
