// The fields of KubeSchedulerConfiguration and of the arguments of its plugins (k8s.io/kube-scheduler/config/v1).
#pragma once
#include <optional>

#include "model/api/affinity.h"
#include "model/api/type.h"

namespace orrery::scheduler::v1 {

using api::Box;
using api::List;
using api::RawJson;
using api::Str;

struct PluginRef {
  Str name;
  std::optional<std::int32_t> weight;
};

struct PluginSet {
  List<PluginRef> enabled, disabled;
};

struct Plugins {
  PluginSet pre_enqueue, queue_sort, pre_filter, filter, post_filter, pre_score, score, reserve, permit, pre_bind, bind,
      post_bind, multi_point;
};

struct PluginArgs {
  Str name;
  RawJson args;
};

struct KubeSchedulerProfile {
  std::optional<Str> scheduler_name;
  std::optional<std::int32_t> percentage_of_nodes_to_score;
  Plugins plugins;
  List<PluginArgs> plugin_config;
};

struct ManagedResource {
  Str name;
  bool ignored_by_scheduler = false;
};

struct Extender {
  Str url_prefix, filter_verb, preempt_verb, prioritize_verb, bind_verb, http_timeout;
  std::int64_t weight = 0;
  bool enable_https = false, node_cache_capable = false, ignorable = false;
  RawJson tls_config;
  List<ManagedResource> managed_resources;
};

struct ClientConnection {
  Str kubeconfig, accept_content_types, content_type;
  std::optional<double> qps;
  std::optional<std::int32_t> burst;
};

struct LeaderElection {
  std::optional<bool> leader_elect;
  Str lease_duration, renew_deadline, retry_period, resource_lock, resource_name, resource_namespace;
};

struct KubeSchedulerConfiguration {
  Str api_version, kind;
  std::optional<std::int32_t> parallelism;
  LeaderElection leader_election;
  ClientConnection client_connection;
  std::optional<bool> enable_profiling, enable_contention_profiling;
  std::optional<std::int32_t> percentage_of_nodes_to_score;
  std::optional<std::int64_t> pod_initial_backoff_seconds, pod_max_backoff_seconds;
  List<KubeSchedulerProfile> profiles;
  List<Extender> extenders;
  bool delay_cache_until_active = false;
};

struct DefaultPreemptionArgs {
  Str api_version, kind;
  std::optional<std::int32_t> min_candidate_nodes_percentage, min_candidate_nodes_absolute;
};

struct InterPodAffinityArgs {
  Str api_version, kind;
  std::optional<std::int32_t> hard_pod_affinity_weight;
  bool ignore_preferred_terms_of_existing_pods = false;
};

struct NodeAffinityArgs {
  Str api_version, kind;
  Box<api::NodeAffinity> added_affinity;
};

struct ResourceSpec {
  Str name;
  std::int64_t weight = 0;
};

struct UtilizationShapePoint {
  std::int32_t utilization = 0, score = 0;
};

struct RequestedToCapacityRatioParam {
  List<UtilizationShapePoint> shape;
};

struct ScoringStrategy {
  Str type;
  List<ResourceSpec> resources;
  Box<RequestedToCapacityRatioParam> requested_to_capacity_ratio;
};

struct NodeResourcesFitArgs {
  Str api_version, kind;
  List<Str> ignored_resources, ignored_resource_groups;
  Box<ScoringStrategy> scoring_strategy;
};

struct NodeResourcesBalancedAllocationArgs {
  Str api_version, kind;
  List<ResourceSpec> resources;
};

struct PodTopologySpreadArgs {
  Str api_version, kind;
  List<api::TopologySpreadConstraint> default_constraints;
  Str defaulting_type;
};

struct VolumeBindingArgs {
  Str api_version, kind;
  std::optional<std::int64_t> bind_timeout_seconds;
  List<UtilizationShapePoint> shape;
};

/// sigs.k8s.io/scheduler-plugins apis/config/v1.
struct CoschedulingArgs {
  Str api_version, kind;
  std::optional<std::int64_t> permit_waiting_time_seconds, pod_group_backoff_seconds;
};

// Of the plugins of the literature (control/scheduler/policies), which upstream does not have.

struct TypicalPod {
  double weight = 1;
  std::int64_t milli_cpu = 0;
  std::int32_t gpu_count = 0;
  std::optional<std::int32_t> gpu_milli;
  Str gpu_models;
};

struct FGDArgs {
  Str api_version, kind;
  List<TypicalPod> typical_pods;
};

struct GpuShareArgs {
  Str api_version, kind, devices;
  std::optional<std::int64_t> seed;
};

struct RandomArgs {
  Str api_version, kind;
  std::optional<std::int64_t> seed;
};

struct LargestNodeArgs {
  Str api_version, kind;
  std::optional<std::int64_t> largest_milli_cpu, largest_milli_gpu;
};

}  // namespace orrery::scheduler::v1

namespace orrery::api {

ORRERY_DECLARE_STRUCT(scheduler::v1::PluginRef)
ORRERY_DECLARE_STRUCT(scheduler::v1::PluginSet)
ORRERY_DECLARE_STRUCT(scheduler::v1::Plugins)
ORRERY_DECLARE_STRUCT(scheduler::v1::PluginArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::KubeSchedulerProfile)
ORRERY_DECLARE_STRUCT(scheduler::v1::ManagedResource)
ORRERY_DECLARE_STRUCT(scheduler::v1::Extender)
ORRERY_DECLARE_STRUCT(scheduler::v1::ClientConnection)
ORRERY_DECLARE_STRUCT(scheduler::v1::LeaderElection)
ORRERY_DECLARE_STRUCT(scheduler::v1::KubeSchedulerConfiguration)
ORRERY_DECLARE_STRUCT(scheduler::v1::DefaultPreemptionArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::InterPodAffinityArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::NodeAffinityArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::ResourceSpec)
ORRERY_DECLARE_STRUCT(scheduler::v1::UtilizationShapePoint)
ORRERY_DECLARE_STRUCT(scheduler::v1::RequestedToCapacityRatioParam)
ORRERY_DECLARE_STRUCT(scheduler::v1::ScoringStrategy)
ORRERY_DECLARE_STRUCT(scheduler::v1::NodeResourcesFitArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::NodeResourcesBalancedAllocationArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::PodTopologySpreadArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::VolumeBindingArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::CoschedulingArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::TypicalPod)
ORRERY_DECLARE_STRUCT(scheduler::v1::FGDArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::GpuShareArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::RandomArgs)
ORRERY_DECLARE_STRUCT(scheduler::v1::LargestNodeArgs)

}  // namespace orrery::api
