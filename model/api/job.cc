#include "model/api/job.h"

namespace orrery::api {

ORRERY_STRUCT(PodFailurePolicyOnExitCodesRequirement,
  FIELD(container_name, "containerName", 1).omit(),
  FIELD(operator_, "operator", 2).required().values("In,NotIn"),
  FIELD(values, "values", 3).required().set_list())

ORRERY_STRUCT(PodFailurePolicyOnPodConditionsPattern,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required())

ORRERY_STRUCT(PodFailurePolicyRule,
  FIELD(action, "action", 1).required().values("Count,FailIndex,FailJob,Ignore"),
  FIELD(on_exit_codes, "onExitCodes", 2).omit(),
  FIELD(on_pod_conditions, "onPodConditions", 3).omit())

ORRERY_STRUCT(PodFailurePolicy,
  FIELD(rules, "rules", 1).required())

ORRERY_STRUCT(SuccessPolicyRule,
  FIELD(succeeded_indexes, "succeededIndexes", 1).omit(),
  FIELD(succeeded_count, "succeededCount", 2).omit())

ORRERY_STRUCT(SuccessPolicy,
  FIELD(rules, "rules", 1).required())

ORRERY_STRUCT(JobSpec,
  FIELD(parallelism, "parallelism", 1).omit(),
  FIELD(completions, "completions", 2).omit(),
  FIELD(active_deadline_seconds, "activeDeadlineSeconds", 3).omit(),
  FIELD(pod_failure_policy, "podFailurePolicy", 11).omit(),
  FIELD(success_policy, "successPolicy", 16).omit(),
  FIELD(backoff_limit, "backoffLimit", 7).omit(),
  FIELD(backoff_limit_per_index, "backoffLimitPerIndex", 12).omit(),
  FIELD(max_failed_indexes, "maxFailedIndexes", 13).omit(),
  FIELD(selector, "selector", 4).omit().atomic(),
  FIELD(manual_selector, "manualSelector", 5).omit().def("false"),
  FIELD(template_, "template", 6),
  FIELD(ttl_seconds_after_finished, "ttlSecondsAfterFinished", 8).omit(),
  FIELD(completion_mode, "completionMode", 9).omit().def("NonIndexed").values("Indexed,NonIndexed"),
  FIELD(suspend, "suspend", 10).omit().def("false"),
  FIELD(pod_replacement_policy, "podReplacementPolicy", 14).omit().values("Failed,TerminatingOrFailed"),
  FIELD(managed_by, "managedBy", 15).omit())

ORRERY_STRUCT(JobCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_probe_time, "lastProbeTime", 3),
  FIELD(last_transition_time, "lastTransitionTime", 4),
  FIELD(reason, "reason", 5).omit(),
  FIELD(message, "message", 6).omit())

ORRERY_STRUCT(UncountedTerminatedPods,
  FIELD(succeeded, "succeeded", 1).omit().set_list(),
  FIELD(failed, "failed", 2).omit().set_list())

ORRERY_STRUCT(JobStatus,
  FIELD(conditions, "conditions", 1).omit().merge("type"),
  FIELD(start_time, "startTime", 2).omit(),
  FIELD(completion_time, "completionTime", 3).omit(),
  FIELD(active, "active", 4).omit(),
  FIELD(succeeded, "succeeded", 5).omit(),
  FIELD(failed, "failed", 6).omit(),
  FIELD(terminating, "terminating", 11).omit(),
  FIELD(completed_indexes, "completedIndexes", 7).omit(),
  FIELD(failed_indexes, "failedIndexes", 10).omit(),
  FIELD(uncounted_terminated_pods, "uncountedTerminatedPods", 8).omit(),
  FIELD(ready, "ready", 9).omit())

ORRERY_STRUCT(Job,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<std::vector<api::PodFailurePolicyRule>>;
template class Box<api::JobSpec, PartFacts>;
}  // namespace orrery::base
