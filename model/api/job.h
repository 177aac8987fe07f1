// batch/v1 Job. Source: k8s.io/api/batch/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/pod_template.h"

namespace orrery::api {

struct PodFailurePolicyOnExitCodesRequirement {
  std::optional<Str> container_name;
  Str operator_;
  List<std::int32_t> values;
};

struct PodFailurePolicyOnPodConditionsPattern {
  Str type, status;
};

struct PodFailurePolicyRule {
  Str action;
  Box<PodFailurePolicyOnExitCodesRequirement> on_exit_codes;
  List<PodFailurePolicyOnPodConditionsPattern> on_pod_conditions;
};

struct PodFailurePolicy {
  List<PodFailurePolicyRule> rules;
};

struct SuccessPolicyRule {
  std::optional<Str> succeeded_indexes;
  std::optional<std::int32_t> succeeded_count;
};

struct SuccessPolicy {
  List<SuccessPolicyRule> rules;
};

struct JobSpec {
  std::optional<std::int32_t> parallelism, completions;
  std::optional<std::int64_t> active_deadline_seconds;
  Box<PodFailurePolicy> pod_failure_policy;
  Box<SuccessPolicy> success_policy;
  std::optional<std::int32_t> backoff_limit, backoff_limit_per_index, max_failed_indexes;
  Box<LabelSelector> selector;
  std::optional<bool> manual_selector;
  PodTemplateSpec template_;
  std::optional<std::int32_t> ttl_seconds_after_finished;
  std::optional<Str> completion_mode;
  std::optional<bool> suspend;
  std::optional<Str> pod_replacement_policy, managed_by;
};

struct JobCondition {
  Str type, status;
  Time last_probe_time, last_transition_time;
  Str reason, message;
};

struct UncountedTerminatedPods {
  List<Str> succeeded, failed;
};

struct JobStatus {
  List<JobCondition> conditions;
  Time start_time, completion_time;
  std::int32_t active = 0, succeeded = 0, failed = 0;
  std::optional<std::int32_t> terminating;
  Str completed_indexes;
  std::optional<Str> failed_indexes;
  Box<UncountedTerminatedPods> uncounted_terminated_pods;
  std::optional<std::int32_t> ready;
};

struct Job {
  ObjectMeta metadata;
  Cow<JobSpec> spec;
  Cow<JobStatus> status;
};

ORRERY_DECLARE_STRUCT(PodFailurePolicyOnExitCodesRequirement)
ORRERY_DECLARE_STRUCT(PodFailurePolicyOnPodConditionsPattern)
ORRERY_DECLARE_STRUCT(PodFailurePolicyRule)
ORRERY_DECLARE_STRUCT(PodFailurePolicy)
ORRERY_DECLARE_STRUCT(SuccessPolicyRule)
ORRERY_DECLARE_STRUCT(SuccessPolicy)
ORRERY_DECLARE_STRUCT(JobSpec)
ORRERY_DECLARE_STRUCT(JobCondition)
ORRERY_DECLARE_STRUCT(UncountedTerminatedPods)
ORRERY_DECLARE_STRUCT(JobStatus)
ORRERY_DECLARE_KIND(Job)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<std::vector<api::PodFailurePolicyRule>>;
extern template class Box<api::JobSpec, PartFacts>;
}  // namespace orrery::base
