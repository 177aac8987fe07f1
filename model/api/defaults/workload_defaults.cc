#include "model/api/defaults/workload_defaults.h"

#include "model/api/defaults/core_defaults.h"
#include "model/api/defaults/pod_defaults.h"

namespace orrery::api {

namespace {

bool fill_replica_set_spec(const ReplicaSetSpec& in, ReplicaSetSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&ReplicaSetSpec::template_, fill_pod_template);
  return f.missing();
}

bool fill_replication_controller_spec(const ReplicationControllerSpec& in, ReplicationControllerSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&ReplicationControllerSpec::template_, fill_pod_template);
  if (!f.done() && in.template_ && in.selector.empty() && !in.template_->metadata.labels.empty())
    f.set(&ReplicationControllerSpec::selector, in.template_->metadata.labels);
  return f.missing();
}

bool fill_rolling_deployment(const RollingUpdateDeployment& in, RollingUpdateDeployment* out) {
  Fill f(in, out);
  f.set_if_empty(&RollingUpdateDeployment::max_unavailable, "25%");
  f.set_if_empty(&RollingUpdateDeployment::max_surge, "25%");
  return f.missing();
}

bool fill_strategy(const DeploymentStrategy& in, DeploymentStrategy* out) {
  Fill f(in, out);
  f.constants();
  if (!in.type.empty() && in.type != "RollingUpdate") return f.missing();
  f.create(&DeploymentStrategy::rolling_update);
  f.part(&DeploymentStrategy::rolling_update, fill_rolling_deployment);
  return f.missing();
}

bool fill_deployment_spec(const DeploymentSpec& in, DeploymentSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&DeploymentSpec::strategy, fill_strategy);
  f.part(&DeploymentSpec::template_, fill_pod_template);
  return f.missing();
}

bool fill_partition(const RollingUpdateStatefulSetStrategy& in, RollingUpdateStatefulSetStrategy* out) {
  Fill f(in, out);
  f.set_if_empty(&RollingUpdateStatefulSetStrategy::partition, 0);
  return f.missing();
}

bool fill_stateful_strategy(const StatefulSetUpdateStrategy& in, StatefulSetUpdateStrategy* out) {
  Fill f(in, out);
  // rollingUpdate appears only together with the type.
  if (in.type.empty()) f.create(&StatefulSetUpdateStrategy::rolling_update);
  f.constants();
  if (in.type == "RollingUpdate") f.part(&StatefulSetUpdateStrategy::rolling_update, fill_partition);
  return f.missing();
}

bool fill_stateful_spec(const StatefulSetSpec& in, StatefulSetSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&StatefulSetSpec::update_strategy, fill_stateful_strategy);
  f.create(&StatefulSetSpec::persistent_volume_claim_retention_policy);
  f.part(&StatefulSetSpec::persistent_volume_claim_retention_policy,
         fill_only_constants<StatefulSetPersistentVolumeClaimRetentionPolicy>);
  f.part(&StatefulSetSpec::template_, fill_pod_template);
  f.each(&StatefulSetSpec::volume_claim_templates, fill_claim);
  return f.missing();
}

bool fill_rolling_daemon(const RollingUpdateDaemonSet& in, RollingUpdateDaemonSet* out) {
  Fill f(in, out);
  f.set_if_empty(&RollingUpdateDaemonSet::max_unavailable, 1);
  f.set_if_empty(&RollingUpdateDaemonSet::max_surge, 0);
  return f.missing();
}

bool fill_daemon_strategy(const DaemonSetUpdateStrategy& in, DaemonSetUpdateStrategy* out) {
  Fill f(in, out);
  f.constants();
  if (!in.type.empty() && in.type != "RollingUpdate") return f.missing();
  f.create(&DaemonSetUpdateStrategy::rolling_update);
  f.part(&DaemonSetUpdateStrategy::rolling_update, fill_rolling_daemon);
  return f.missing();
}

bool fill_daemon_spec(const DaemonSetSpec& in, DaemonSetSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&DaemonSetSpec::update_strategy, fill_daemon_strategy);
  f.part(&DaemonSetSpec::template_, fill_pod_template);
  return f.missing();
}

bool fill_condition_pattern(const PodFailurePolicyOnPodConditionsPattern& in,
                            PodFailurePolicyOnPodConditionsPattern* out) {
  Fill f(in, out);
  f.set_if_empty(&PodFailurePolicyOnPodConditionsPattern::status, "True");
  return f.missing();
}

bool fill_failure_rule(const PodFailurePolicyRule& in, PodFailurePolicyRule* out) {
  Fill f(in, out);
  f.each(&PodFailurePolicyRule::on_pod_conditions, fill_condition_pattern);
  return f.missing();
}

bool fill_failure_policy(const PodFailurePolicy& in, PodFailurePolicy* out) {
  Fill f(in, out);
  f.each(&PodFailurePolicy::rules, fill_failure_rule);
  return f.missing();
}

bool fill_job_spec(const JobSpec& in, JobSpec* out) {
  Fill f(in, out);
  f.constants();
  if (!in.parallelism) f.set_if_empty(&JobSpec::completions, 1);
  f.set_if_empty(&JobSpec::parallelism, 1);
  f.set_if_empty(&JobSpec::backoff_limit, in.backoff_limit_per_index ? INT32_MAX : 6);
  f.part(&JobSpec::pod_failure_policy, fill_failure_policy);
  f.set_if_empty(&JobSpec::pod_replacement_policy, in.pod_failure_policy ? "Failed" : "TerminatingOrFailed");
  f.part(&JobSpec::template_, fill_pod_template);
  return f.missing();
}

bool fill_job_template_spec(const JobSpec& in, JobSpec* out) {
  Fill f(in, out);
  f.part(&JobSpec::pod_failure_policy, fill_failure_policy);
  f.part(&JobSpec::template_, fill_pod_template);
  return f.missing();
}

bool fill_job_template(const JobTemplateSpec& in, JobTemplateSpec* out) {
  Fill f(in, out);
  f.part(&JobTemplateSpec::spec, fill_job_template_spec);
  return f.missing();
}

bool fill_cron_job_spec(const CronJobSpec& in, CronJobSpec* out) {
  Fill f(in, out);
  f.constants();
  f.part(&CronJobSpec::job_template, fill_job_template);
  return f.missing();
}

}  // namespace

bool fill_replica_set(const ReplicaSet& in, ReplicaSet* out) {
  Fill f(in, out);
  f.part(&ReplicaSet::spec, fill_replica_set_spec);
  return f.missing();
}

bool fill_replication_controller(const ReplicationController& in, ReplicationController* out) {
  Fill f(in, out);
  f.part(&ReplicationController::spec, fill_replication_controller_spec);
  if (f.done() || !in.spec->template_) return f.missing();
  const Map<Str>& labels = in.spec->template_->metadata.labels;
  if (in.metadata.labels.empty() && !labels.empty()) {
    ObjectMeta meta = in.metadata;
    meta.labels = labels;
    f.set(&ReplicationController::metadata, meta);
  }
  return f.missing();
}

bool fill_deployment(const Deployment& in, Deployment* out) {
  Fill f(in, out);
  f.part(&Deployment::spec, fill_deployment_spec);
  return f.missing();
}

bool fill_stateful_set(const StatefulSet& in, StatefulSet* out) {
  Fill f(in, out);
  f.part(&StatefulSet::spec, fill_stateful_spec);
  return f.missing();
}

bool fill_daemon_set(const DaemonSet& in, DaemonSet* out) {
  Fill f(in, out);
  f.part(&DaemonSet::spec, fill_daemon_spec);
  return f.missing();
}

bool fill_job(const Job& in, Job* out) {
  Fill f(in, out);
  f.part(&Job::spec, fill_job_spec);
  const Map<Str>& labels = in.spec->template_.metadata.labels;
  if (!f.done() && in.metadata.labels.empty() && !labels.empty()) {
    ObjectMeta meta = in.metadata;
    meta.labels = labels;
    f.set(&Job::metadata, meta);
  }
  return f.missing();
}

bool fill_cron_job(const CronJob& in, CronJob* out) {
  Fill f(in, out);
  f.part(&CronJob::spec, fill_cron_job_spec);
  return f.missing();
}

}  // namespace orrery::api
