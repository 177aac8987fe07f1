#include "model/api/pod.h"

namespace orrery::api {

ORRERY_STRUCT(PodReadinessGate,
  FIELD(condition_type, "conditionType", 1).required())

ORRERY_STRUCT(PodSchedulingGate,
  FIELD(name, "name", 1).required())

ORRERY_STRUCT(PodResourceClaim,
  FIELD(name, "name", 1).required(),
  FIELD(resource_claim_name, "resourceClaimName", 3).omit(),
  FIELD(resource_claim_template_name, "resourceClaimTemplateName", 4).omit())

ORRERY_STRUCT(PodResourceClaimStatus,
  FIELD(name, "name", 1).required(),
  FIELD(resource_claim_name, "resourceClaimName", 2).omit())

ORRERY_STRUCT(PodOS,
  FIELD(name, "name", 1).required().values("linux,windows"))

ORRERY_STRUCT(HostAlias,
  FIELD(ip, "ip", 1).required(),
  FIELD(hostnames, "hostnames", 2).omit())

ORRERY_STRUCT(PodDNSConfigOption,
  FIELD(name, "name", 1).omit(),
  FIELD(value, "value", 2).omit())

ORRERY_STRUCT(PodDNSConfig,
  FIELD(nameservers, "nameservers", 1).omit(),
  FIELD(searches, "searches", 2).omit(),
  FIELD(options, "options", 3).omit())

ORRERY_STRUCT(PodSpec,
  FIELD(volumes, "volumes", 1).omit().merge_retain_keys("name").map_list("name"),
  FIELD(init_containers, "initContainers", 20).omit().merge("name").map_list("name"),
  FIELD(containers, "containers", 2).required().merge("name").map_list("name"),
  FIELD(ephemeral_containers, "ephemeralContainers", 34).omit().merge("name").map_list("name"),
  FIELD(restart_policy, "restartPolicy", 3).omit().def("Always").values("Always,OnFailure,Never"),
  FIELD(termination_grace_period_seconds, "terminationGracePeriodSeconds", 4).omit().def("30"),
  FIELD(active_deadline_seconds, "activeDeadlineSeconds", 5).omit(),
  FIELD(dns_policy, "dnsPolicy", 6).omit().def("ClusterFirst")
      .values("ClusterFirstWithHostNet,ClusterFirst,Default,None"),
  FIELD(node_selector, "nodeSelector", 7).omit().atomic(),
  FIELD(service_account_name, "serviceAccountName", 8).omit(),
  FIELD(service_account, "serviceAccount", 9).omit(),
  FIELD(automount_service_account_token, "automountServiceAccountToken", 21).omit(),
  FIELD(node_name, "nodeName", 10).omit(),
  FIELD(host_network, "hostNetwork", 11).omit(),
  FIELD(host_pid, "hostPID", 12).omit(),
  FIELD(host_ipc, "hostIPC", 13).omit(),
  FIELD(share_process_namespace, "shareProcessNamespace", 27).omit(),
  FIELD(security_context, "securityContext", 14).omit(),
  FIELD(image_pull_secrets, "imagePullSecrets", 15).omit().merge("name").map_list("name"),
  FIELD(hostname, "hostname", 16).omit(),
  FIELD(subdomain, "subdomain", 17).omit(),
  FIELD(affinity, "affinity", 18).omit(),
  FIELD(scheduler_name, "schedulerName", 19).omit().def("default-scheduler"),
  FIELD(tolerations, "tolerations", 22).omit(),
  FIELD(host_aliases, "hostAliases", 23).omit().merge("ip").map_list("ip"),
  FIELD(priority_class_name, "priorityClassName", 24).omit(),
  FIELD(priority, "priority", 25).omit(),
  FIELD(dns_config, "dnsConfig", 26).omit(),
  FIELD(readiness_gates, "readinessGates", 28).omit(),
  FIELD(runtime_class_name, "runtimeClassName", 29).omit(),
  FIELD(enable_service_links, "enableServiceLinks", 30).omit(),
  FIELD(preemption_policy, "preemptionPolicy", 31).omit().values("PreemptLowerPriority,Never"),
  FIELD(overhead, "overhead", 32).omit(),
  FIELD(topology_spread_constraints, "topologySpreadConstraints", 33).omit().merge("topologyKey")
      .map_list("topologyKey,whenUnsatisfiable"),
  FIELD(set_hostname_as_fqdn, "setHostnameAsFQDN", 35).omit(),
  FIELD(os, "os", 36).omit(),
  FIELD(host_users, "hostUsers", 37).omit(),
  FIELD(scheduling_gates, "schedulingGates", 38).omit().merge("name").map_list("name"),
  FIELD(resource_claims, "resourceClaims", 39).omit().merge_retain_keys("name").map_list("name"),
  FIELD(resources, "resources", 40).omit())

ORRERY_STRUCT(PodCondition,
  FIELD(type, "type", 1).required(),
  FIELD(observed_generation, "observedGeneration", 7).omit(),
  FIELD(status, "status", 2).required(),
  FIELD(last_probe_time, "lastProbeTime", 3),
  FIELD(last_transition_time, "lastTransitionTime", 4),
  FIELD(reason, "reason", 5).omit(),
  FIELD(message, "message", 6).omit())

ORRERY_STRUCT(HostIP,
  FIELD(ip, "ip", 1))

ORRERY_STRUCT(PodIP,
  FIELD(ip, "ip", 1))

ORRERY_STRUCT(PodStatus,
  FIELD(observed_generation, "observedGeneration", 17).omit(),
  FIELD(phase, "phase", 1).omit(),
  FIELD(conditions, "conditions", 2).omit().merge("type").map_list("type"),
  FIELD(message, "message", 3).omit(),
  FIELD(reason, "reason", 4).omit(),
  FIELD(nominated_node_name, "nominatedNodeName", 11).omit(),
  FIELD(host_ip, "hostIP", 5).omit(),
  FIELD(host_ips, "hostIPs", 16).omit().merge("ip"),
  FIELD(pod_ip, "podIP", 6).omit(),
  FIELD(pod_ips, "podIPs", 12).omit().merge("ip").map_list("ip"),
  FIELD(start_time, "startTime", 7).omit(),
  FIELD(init_container_statuses, "initContainerStatuses", 10).omit(),
  FIELD(container_statuses, "containerStatuses", 8).omit(),
  FIELD(qos_class, "qosClass", 9).omit(),
  FIELD(ephemeral_container_statuses, "ephemeralContainerStatuses", 13).omit(),
  FIELD(resize, "resize", 14).omit(),
  FIELD(resource_claim_statuses, "resourceClaimStatuses", 15).omit().merge_retain_keys("name")
      .map_list("name"))

ORRERY_STRUCT(Pod,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

ORRERY_STRUCT(Binding,
  FIELD(metadata, "metadata", 1),
  FIELD(target, "target", 2))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::PodSpec, PartFacts>;
template class Box<api::PodStatus, PartFacts>;
}  // namespace orrery::base
