#include "control/scheduler/config/v1_types.h"

namespace orrery::api {

ORRERY_STRUCT(scheduler::v1::PluginRef,
  FIELD(name, "name", 0).omit(),
  FIELD(weight, "weight", 0).omit())

ORRERY_STRUCT(scheduler::v1::PluginSet,
  FIELD(enabled, "enabled", 0).omit(),
  FIELD(disabled, "disabled", 0).omit())

ORRERY_STRUCT(scheduler::v1::Plugins,
  FIELD(pre_enqueue, "preEnqueue", 0).omit(),
  FIELD(queue_sort, "queueSort", 0).omit(),
  FIELD(pre_filter, "preFilter", 0).omit(),
  FIELD(filter, "filter", 0).omit(),
  FIELD(post_filter, "postFilter", 0).omit(),
  FIELD(pre_score, "preScore", 0).omit(),
  FIELD(score, "score", 0).omit(),
  FIELD(reserve, "reserve", 0).omit(),
  FIELD(permit, "permit", 0).omit(),
  FIELD(pre_bind, "preBind", 0).omit(),
  FIELD(bind, "bind", 0).omit(),
  FIELD(post_bind, "postBind", 0).omit(),
  FIELD(multi_point, "multiPoint", 0).omit())

ORRERY_STRUCT(scheduler::v1::PluginArgs,
  FIELD(name, "name", 0).omit(),
  FIELD(args, "args", 0).omit())

ORRERY_STRUCT(scheduler::v1::KubeSchedulerProfile,
  FIELD(scheduler_name, "schedulerName", 0).omit(),
  FIELD(percentage_of_nodes_to_score, "percentageOfNodesToScore", 0).omit(),
  FIELD(plugins, "plugins", 0).omit(),
  FIELD(plugin_config, "pluginConfig", 0).omit())

ORRERY_STRUCT(scheduler::v1::ManagedResource,
  FIELD(name, "name", 0).omit(),
  FIELD(ignored_by_scheduler, "ignoredByScheduler", 0).omit())

ORRERY_STRUCT(scheduler::v1::Extender,
  FIELD(url_prefix, "urlPrefix", 0).omit(),
  FIELD(filter_verb, "filterVerb", 0).omit(),
  FIELD(preempt_verb, "preemptVerb", 0).omit(),
  FIELD(prioritize_verb, "prioritizeVerb", 0).omit(),
  FIELD(bind_verb, "bindVerb", 0).omit(),
  FIELD(http_timeout, "httpTimeout", 0).omit(),
  FIELD(weight, "weight", 0).omit(),
  FIELD(enable_https, "enableHTTPS", 0).omit(),
  FIELD(node_cache_capable, "nodeCacheCapable", 0).omit(),
  FIELD(ignorable, "ignorable", 0).omit(),
  FIELD(tls_config, "tlsConfig", 0).omit(),
  FIELD(managed_resources, "managedResources", 0).omit())

ORRERY_STRUCT(scheduler::v1::ClientConnection,
  FIELD(kubeconfig, "kubeconfig", 0).omit(),
  FIELD(accept_content_types, "acceptContentTypes", 0).omit(),
  FIELD(content_type, "contentType", 0).omit(),
  FIELD(qps, "qps", 0).omit(),
  FIELD(burst, "burst", 0).omit())

ORRERY_STRUCT(scheduler::v1::LeaderElection,
  FIELD(leader_elect, "leaderElect", 0).omit(),
  FIELD(lease_duration, "leaseDuration", 0).omit(),
  FIELD(renew_deadline, "renewDeadline", 0).omit(),
  FIELD(retry_period, "retryPeriod", 0).omit(),
  FIELD(resource_lock, "resourceLock", 0).omit(),
  FIELD(resource_name, "resourceName", 0).omit(),
  FIELD(resource_namespace, "resourceNamespace", 0).omit())

ORRERY_STRUCT(scheduler::v1::KubeSchedulerConfiguration,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(parallelism, "parallelism", 0).omit(),
  FIELD(leader_election, "leaderElection", 0).omit(),
  FIELD(client_connection, "clientConnection", 0).omit(),
  FIELD(enable_profiling, "enableProfiling", 0).omit(),
  FIELD(enable_contention_profiling, "enableContentionProfiling", 0).omit(),
  FIELD(percentage_of_nodes_to_score, "percentageOfNodesToScore", 0).omit(),
  FIELD(pod_initial_backoff_seconds, "podInitialBackoffSeconds", 0).omit(),
  FIELD(pod_max_backoff_seconds, "podMaxBackoffSeconds", 0).omit(),
  FIELD(profiles, "profiles", 0).omit(),
  FIELD(extenders, "extenders", 0).omit(),
  FIELD(delay_cache_until_active, "delayCacheUntilActive", 0).omit())

ORRERY_STRUCT(scheduler::v1::DefaultPreemptionArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(min_candidate_nodes_percentage, "minCandidateNodesPercentage", 0).omit(),
  FIELD(min_candidate_nodes_absolute, "minCandidateNodesAbsolute", 0).omit())

ORRERY_STRUCT(scheduler::v1::InterPodAffinityArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(hard_pod_affinity_weight, "hardPodAffinityWeight", 0).omit(),
  FIELD(ignore_preferred_terms_of_existing_pods, "ignorePreferredTermsOfExistingPods", 0).omit())

ORRERY_STRUCT(scheduler::v1::NodeAffinityArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(added_affinity, "addedAffinity", 0).omit())

ORRERY_STRUCT(scheduler::v1::ResourceSpec,
  FIELD(name, "name", 0).omit(),
  FIELD(weight, "weight", 0).omit())

ORRERY_STRUCT(scheduler::v1::UtilizationShapePoint,
  FIELD(utilization, "utilization", 0).omit(),
  FIELD(score, "score", 0).omit())

ORRERY_STRUCT(scheduler::v1::RequestedToCapacityRatioParam,
  FIELD(shape, "shape", 0).omit())

ORRERY_STRUCT(scheduler::v1::ScoringStrategy,
  FIELD(type, "type", 0).omit(),
  FIELD(resources, "resources", 0).omit(),
  FIELD(requested_to_capacity_ratio, "requestedToCapacityRatio", 0).omit())

ORRERY_STRUCT(scheduler::v1::NodeResourcesFitArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(ignored_resources, "ignoredResources", 0).omit(),
  FIELD(ignored_resource_groups, "ignoredResourceGroups", 0).omit(),
  FIELD(scoring_strategy, "scoringStrategy", 0).omit())

ORRERY_STRUCT(scheduler::v1::NodeResourcesBalancedAllocationArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(resources, "resources", 0).omit())

ORRERY_STRUCT(scheduler::v1::PodTopologySpreadArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(default_constraints, "defaultConstraints", 0).omit(),
  FIELD(defaulting_type, "defaultingType", 0).omit())

ORRERY_STRUCT(scheduler::v1::VolumeBindingArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(bind_timeout_seconds, "bindTimeoutSeconds", 0).omit(),
  FIELD(shape, "shape", 0).omit())

ORRERY_STRUCT(scheduler::v1::CoschedulingArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(permit_waiting_time_seconds, "permitWaitingTimeSeconds", 0).omit(),
  FIELD(pod_group_backoff_seconds, "podGroupBackoffSeconds", 0).omit())

ORRERY_STRUCT(scheduler::v1::TypicalPod,
  FIELD(weight, "weight", 0).omit(),
  FIELD(milli_cpu, "milliCPU", 0).omit(),
  FIELD(gpu_count, "gpuCount", 0).omit(),
  FIELD(gpu_milli, "gpuMilli", 0).omit(),
  FIELD(gpu_models, "gpuModels", 0).omit())

ORRERY_STRUCT(scheduler::v1::FGDArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(typical_pods, "typicalPods", 0).omit())

ORRERY_STRUCT(scheduler::v1::GpuShareArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(devices, "devices", 0).omit(),
  FIELD(seed, "seed", 0).omit())

ORRERY_STRUCT(scheduler::v1::RandomArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(seed, "seed", 0).omit())

ORRERY_STRUCT(scheduler::v1::LargestNodeArgs,
  FIELD(api_version, "apiVersion", 0).omit(),
  FIELD(kind, "kind", 0).omit(),
  FIELD(largest_milli_cpu, "largestMilliCPU", 0).omit(),
  FIELD(largest_milli_gpu, "largestMilliGPU", 0).omit())

}  // namespace orrery::api
