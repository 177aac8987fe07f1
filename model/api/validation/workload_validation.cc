#include "model/api/validation/workload_validation.h"

#include "model/api/validation/claim_validation.h"
#include "model/api/validation/pod_validation.h"

namespace orrery::api {

namespace {

constexpr std::string_view kAboveReplicas = "cannot be greater than status.replicas";
constexpr std::string_view kMismatch = "`selector` does not match template `labels`";

/// A selector that must be there and select something; `kind` is how upstream's text calls the owner.
void check_selector(const Box<LabelSelector>& selector, std::string_view kind, const FieldPath& path,
                    ErrorList& errors) {
  if (!selector) return errors.required(path, "");
  check_label_selector(selector.get(), path, errors);
  if (selector->match_labels.empty() && selector->match_expressions.empty())
    errors.invalid(path, bad_struct("v1.LabelSelector"), base::cat("empty selector is ", kind));
}

/// The labels of the template must be selected, unless the selector is wrong anyway.
void check_selected(const LabelSelector* selector, const PodTemplateSpec& pod_template,
                    std::size_t errors_before, const FieldPath& path, ErrorList& errors) {
  if (errors.size() != errors_before || selector_matches(selector, pod_template.metadata.labels)) return;
  const FieldPath at = path.child("template", "metadata");
  errors.invalid(at.child("labels"), bad_map(pod_template.metadata.labels), kMismatch);
}

/// Pods of these workloads run for ever.
void check_endless(const PodTemplateSpec& pod_template, std::string_view kind, const FieldPath& path,
                   ErrorList& errors) {
  const FieldPath at = path.child("template", "spec");
  if (pod_template.spec->restart_policy != "Always")
    errors.not_supported(at.child("restartPolicy"), pod_template.spec->restart_policy, {"Always"});
  if (pod_template.spec->active_deadline_seconds)
    errors.forbidden(at.child("activeDeadlineSeconds"),
                     base::cat("activeDeadlineSeconds in ", kind, " is not Supported"));
}

/// Both bounds of a rolling update; the values may be absent only before defaulting.
void check_bounds(const std::optional<IntOrString>& unavailable, const std::optional<IntOrString>& surge,
                  const FieldPath& path, ErrorList& errors) {
  check_count_or_percent(unavailable.value_or(IntOrString(0)), path.child("maxUnavailable"), errors);
  check_count_or_percent(surge.value_or(IntOrString(0)), path.child("maxSurge"), errors);
}

void check_deployment_strategy(const DeploymentStrategy& strategy, const FieldPath& path, ErrorList& errors) {
  const FieldPath at = path.child("rollingUpdate");
  if (strategy.type == "Recreate") {
    if (strategy.rolling_update)
      errors.forbidden(at, "may not be specified when strategy `type` is 'Recreate'");
  } else if (strategy.type == "RollingUpdate") {
    if (!strategy.rolling_update) return errors.required(at, "this should be defaulted and never be nil");
    const IntOrString unavailable = strategy.rolling_update->max_unavailable.value_or(IntOrString(0));
    const IntOrString surge = strategy.rolling_update->max_surge.value_or(IntOrString(0));
    check_bounds(unavailable, surge, at, errors);
    if (count_or_percent(unavailable) == 0 && count_or_percent(surge) == 0)
      errors.invalid(at.child("maxUnavailable"), bad_count(unavailable), "may not be 0 when `maxSurge` is 0");
    check_at_most_100_percent(unavailable, at.child("maxUnavailable"), errors);
  } else {
    errors.not_supported(path.child("type"), strategy.type, {"Recreate", "RollingUpdate"});
  }
}

void check_daemon_strategy(const DaemonSetUpdateStrategy& strategy, const FieldPath& path,
                           ErrorList& errors) {
  if (strategy.type == "OnDelete") return;
  if (strategy.type != "RollingUpdate")
    return errors.not_supported(path, bad_struct("apps.DaemonSetUpdateStrategy"),
                                {"RollingUpdate", "OnDelete"});
  const FieldPath at = path.child("rollingUpdate");
  if (!strategy.rolling_update) return errors.required(at, "");
  const IntOrString unavailable = strategy.rolling_update->max_unavailable.value_or(IntOrString(0));
  const IntOrString surge = strategy.rolling_update->max_surge.value_or(IntOrString(0));
  check_bounds(unavailable, surge, at, errors);
  check_at_most_100_percent(unavailable, at.child("maxUnavailable"), errors);
  check_at_most_100_percent(surge, at.child("maxSurge"), errors);
  const bool has_unavailable = count_or_percent(unavailable) != 0;
  const bool has_surge = count_or_percent(surge) != 0;
  if (has_unavailable && has_surge)
    errors.invalid(at.child("maxSurge"), bad_count(surge), "may not be set when maxUnavailable is non-zero");
  if (!has_unavailable && !has_surge)
    errors.required(at.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
}

void check_stateful_strategy(const StatefulSetUpdateStrategy& strategy, const FieldPath& path,
                             ErrorList& errors) {
  const FieldPath at = path.child("rollingUpdate");
  if (strategy.type.empty()) {
    errors.required(path, "");
  } else if (strategy.type == "OnDelete") {
    if (strategy.rolling_update)
      errors.invalid(at, bad_struct("apps.RollingUpdateStatefulSetStrategy"),
                     "only allowed for updateStrategy 'RollingUpdate'");
  } else if (strategy.type == "RollingUpdate") {
    if (strategy.rolling_update)
      check_non_negative(strategy.rolling_update->partition.value_or(0), at.child("partition"), errors);
  } else {
    errors.invalid(path, bad_struct("apps.StatefulSetUpdateStrategy"),
                   "must be 'RollingUpdate' or 'OnDelete'");
  }
}

void check_retention(const Str& policy, const FieldPath& path, ErrorList& errors) {
  if (policy != "Retain" && policy != "Delete") errors.not_supported(path, policy, {"Delete", "Retain"});
}

/// Counters of a status, by name.
struct Counter {
  const char* name;
  std::int64_t value;
};

void check_counters(std::initializer_list<Counter> counters, const FieldPath& path, ErrorList& errors) {
  for (const Counter& c : counters)
    if (c.value < 0) errors.invalid(path.child(c.name), c.value, kNegativeText);
}

void check_not_above(std::initializer_list<Counter> counters, std::int64_t limit, std::string_view text,
                     const FieldPath& path, ErrorList& errors) {
  for (const Counter& c : counters)
    if (c.value > limit) errors.invalid(path.child(c.name), c.value, text);
}

void check_collisions(const std::optional<std::int32_t>& old, const std::optional<std::int32_t>& next,
                      const FieldPath& path, ErrorList& errors) {
  if (old && next.value_or(-1) < *old)
    errors.invalid(path.child("collisionCount"), next.value_or(0), "cannot be decremented");
}

/// Of a ReplicaSet or ReplicationController.
template <class Status>
void check_replica_status(const Status& s, ErrorList& errors) {
  const FieldPath path("status");
  check_counters({{"replicas", s.replicas},
                  {"fullyLabeledReplicas", s.fully_labeled_replicas},
                  {"readyReplicas", s.ready_replicas},
                  {"availableReplicas", s.available_replicas},
                  {"observedGeneration", s.observed_generation}},
                 path, errors);
  if constexpr (requires { s.terminating_replicas; })
    check_counters({{"terminatingReplicas", s.terminating_replicas.value_or(0)}}, path, errors);
  check_not_above({{"fullyLabeledReplicas", s.fully_labeled_replicas},
                   {"readyReplicas", s.ready_replicas},
                   {"availableReplicas", s.available_replicas}},
                  s.replicas, kAboveReplicas, path, errors);
  check_not_above({{"availableReplicas", s.available_replicas}}, s.ready_replicas,
                  "cannot be greater than readyReplicas", path, errors);
}

}  // namespace

void check_same_selector(const Box<LabelSelector>& old, const Box<LabelSelector>& next, ErrorList& errors) {
  if (same(old, next)) return;
  const FieldPath spec("spec");
  errors.invalid(spec.child("selector"), bad_struct("v1.LabelSelector"), kImmutableText);
}

void check_replica_set_spec(const ReplicaSetSpec& spec, ErrorList& errors) {
  const FieldPath path("spec");
  check_non_negative(spec.replicas.value_or(0), path.child("replicas"), errors);
  check_non_negative(spec.min_ready_seconds, path.child("minReadySeconds"), errors);
  const std::size_t before = errors.size();
  check_selector(spec.selector, "invalid for deployment", path.child("selector"), errors);
  check_selected(spec.selector.get(), spec.template_, before, path, errors);
  check_pod_template(spec.template_, path.child("template"), errors);
  check_endless(spec.template_, "ReplicaSet", path, errors);
}

void check_replica_set_status(const ReplicaSet&, const ReplicaSet& next, ErrorList& errors) {
  check_replica_status(*next.status, errors);
}

void check_replication_controller_spec(const ReplicationControllerSpec& spec, ErrorList& errors) {
  const FieldPath path("spec");
  check_non_negative(spec.min_ready_seconds, path.child("minReadySeconds"), errors);
  if (spec.selector.empty()) errors.required(path.child("selector"), "");
  check_non_negative(spec.replicas.value_or(0), path.child("replicas"), errors);
  if (!spec.template_) return errors.required(path.child("template"), "");
  LabelSelector selector;
  selector.match_labels = spec.selector;
  check_selected(&selector, *spec.template_, errors.size(), path, errors);
  check_pod_template(*spec.template_, path.child("template"), errors);
  check_endless(*spec.template_, "ReplicationController", path, errors);
}

void check_replication_controller_status(const ReplicationController&, const ReplicationController& next, ErrorList& errors) {
  check_replica_status(*next.status, errors);
}

void check_deployment_spec(const DeploymentSpec& spec, ErrorList& errors) {
  const FieldPath path("spec");
  check_non_negative(spec.replicas.value_or(0), path.child("replicas"), errors);
  const std::size_t before = errors.size();
  check_selector(spec.selector, "invalid for deployment", path.child("selector"), errors);
  check_selected(spec.selector.get(), spec.template_, before, path, errors);
  check_pod_template(spec.template_, path.child("template"), errors);
  check_endless(spec.template_, "ReplicaSet", path, errors);
  check_deployment_strategy(spec.strategy, path.child("strategy"), errors);
  check_non_negative(spec.min_ready_seconds, path.child("minReadySeconds"), errors);
  check_non_negative(spec.revision_history_limit.value_or(0), path.child("revisionHistoryLimit"), errors);
  if (!spec.progress_deadline_seconds) return;
  const FieldPath deadline = path.child("progressDeadlineSeconds");
  check_non_negative(*spec.progress_deadline_seconds, deadline, errors);
  if (*spec.progress_deadline_seconds <= spec.min_ready_seconds)
    errors.invalid(deadline, *spec.progress_deadline_seconds, "must be greater than minReadySeconds");
}

void check_deployment_status(const Deployment& old, const Deployment& next, ErrorList& errors) {
  const DeploymentStatus& s = *next.status;
  const FieldPath path("status");
  check_counters({{"observedGeneration", s.observed_generation},
                  {"replicas", s.replicas},
                  {"updatedReplicas", s.updated_replicas},
                  {"readyReplicas", s.ready_replicas},
                  {"availableReplicas", s.available_replicas},
                  {"unavailableReplicas", s.unavailable_replicas},
                  {"terminatingReplicas", s.terminating_replicas.value_or(0)},
                  {"collisionCount", s.collision_count.value_or(0)}},
                 path, errors);
  check_not_above({{"updatedReplicas", s.updated_replicas},
                   {"readyReplicas", s.ready_replicas},
                   {"availableReplicas", s.available_replicas}},
                  s.replicas, kAboveReplicas, path, errors);
  check_not_above({{"availableReplicas", s.available_replicas}}, s.ready_replicas,
                  "cannot be greater than readyReplicas", path, errors);
  check_collisions(old.status->collision_count, s.collision_count, path, errors);
}

void check_stateful_set_spec(const StatefulSetSpec& spec, ErrorList& errors) {
  const FieldPath path("spec");
  const Str& management = spec.pod_management_policy;
  if (management.empty()) errors.required(path.child("podManagementPolicy"), "");
  else if (management != "OrderedReady" && management != "Parallel")
    errors.invalid(path.child("podManagementPolicy"), management, "must be 'OrderedReady' or 'Parallel'");
  check_stateful_strategy(spec.update_strategy, path.child("updateStrategy"), errors);
  if (spec.persistent_volume_claim_retention_policy) {
    const FieldPath at = path.child("persistentVolumeClaimRetentionPolicy");
    check_retention(spec.persistent_volume_claim_retention_policy->when_deleted, at.child("whenDeleted"),
                    errors);
    check_retention(spec.persistent_volume_claim_retention_policy->when_scaled, at.child("whenScaled"),
                    errors);
  }
  check_non_negative(spec.replicas.value_or(0), path.child("replicas"), errors);
  check_non_negative(spec.min_ready_seconds, path.child("minReadySeconds"), errors);
  if (spec.ordinals) check_non_negative(spec.ordinals->start, path.child("ordinals.start"), errors);
  const std::size_t before = errors.size();
  check_selector(spec.selector, "invalid for statefulset", path.child("selector"), errors);
  check_selected(spec.selector.get(), spec.template_, before, path, errors);
  // Upstream leaves the pod spec to the creation of the pods, since claims add volumes to it.
  const FieldPath at = path.child("template");
  const FieldPath annotations = at.child("annotations");
  check_labels(spec.template_.metadata.labels, at.child("labels"), errors);
  check_annotations(spec.template_.metadata.annotations, annotations, errors);
  check_pod_annotations(spec.template_.metadata.annotations, *spec.template_.spec, annotations, errors);
  check_endless(spec.template_, "StatefulSet", path, errors);
}

void check_stateful_set_update(const StatefulSetSpec& old, const StatefulSetSpec& next, ErrorList& errors) {
  StatefulSetSpec munged = next;
  munged.replicas = old.replicas;
  munged.ordinals = old.ordinals;
  munged.template_ = old.template_;
  munged.update_strategy = old.update_strategy;
  munged.revision_history_limit = old.revision_history_limit;
  munged.min_ready_seconds = old.min_ready_seconds;
  munged.persistent_volume_claim_retention_policy = old.persistent_volume_claim_retention_policy;
  if (same(munged, old)) return;
  errors.forbidden(FieldPath("spec"),
                   "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                   "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                   "'minReadySeconds' are forbidden");
}

void check_stateful_set_status(const StatefulSet& old, const StatefulSet& next, ErrorList& errors) {
  const StatefulSetStatus& s = *next.status;
  const FieldPath path("status");
  check_counters({{"replicas", s.replicas},
                  {"readyReplicas", s.ready_replicas},
                  {"currentReplicas", s.current_replicas},
                  {"updatedReplicas", s.updated_replicas},
                  {"availableReplicas", s.available_replicas},
                  {"observedGeneration", s.observed_generation},
                  {"collisionCount", s.collision_count.value_or(0)}},
                 path, errors);
  check_not_above({{"readyReplicas", s.ready_replicas},
                   {"currentReplicas", s.current_replicas},
                   {"updatedReplicas", s.updated_replicas},
                   {"availableReplicas", s.available_replicas}},
                  s.replicas, kAboveReplicas, path, errors);
  check_not_above({{"availableReplicas", s.available_replicas}}, s.ready_replicas,
                  "cannot be greater than status.readyReplicas", path, errors);
  check_collisions(old.status->collision_count, s.collision_count, path, errors);
}

void check_daemon_set_spec(const DaemonSetSpec& spec, ErrorList& errors) {
  const FieldPath path("spec");
  const std::size_t before = errors.size();
  check_label_selector(spec.selector.get(), path.child("selector"), errors);
  check_selected(spec.selector.get(), spec.template_, before, path, errors);
  if (spec.selector && spec.selector->match_labels.empty() && spec.selector->match_expressions.empty())
    errors.invalid(path.child("selector"), bad_struct("v1.LabelSelector"),
                   "empty selector is invalid for daemonset");
  check_pod_template(spec.template_, path.child("template"), errors);
  check_endless(spec.template_, "DaemonSet", path, errors);
  check_non_negative(spec.min_ready_seconds, path.child("minReadySeconds"), errors);
  check_daemon_strategy(spec.update_strategy, path.child("updateStrategy"), errors);
  check_non_negative(spec.revision_history_limit.value_or(0), path.child("revisionHistoryLimit"), errors);
}

void check_daemon_set_status(const DaemonSet& old, const DaemonSet& next, ErrorList& errors) {
  const DaemonSetStatus& s = *next.status;
  const FieldPath path("status");
  check_counters({{"currentNumberScheduled", s.current_number_scheduled},
                  {"numberMisscheduled", s.number_misscheduled},
                  {"desiredNumberScheduled", s.desired_number_scheduled},
                  {"numberReady", s.number_ready},
                  {"observedGeneration", s.observed_generation},
                  {"updatedNumberScheduled", s.updated_number_scheduled},
                  {"numberAvailable", s.number_available},
                  {"numberUnavailable", s.number_unavailable},
                  {"collisionCount", s.collision_count.value_or(0)}},
                 path, errors);
  check_collisions(old.status->collision_count, s.collision_count, path, errors);
}

void check_controller_revision(const ControllerRevision& revision, ErrorList& errors) {
  if (revision.data.text.empty()) errors.required(FieldPath("data"), "data is mandatory");
  check_non_negative(revision.revision, FieldPath("revision"), errors);
}

void check_controller_revision_update(const ControllerRevision& old, const ControllerRevision& next,
                                      ErrorList& errors) {
  if (!(old.data == next.data))
    errors.invalid(FieldPath("data"), bad_struct("runtime.RawExtension"), kImmutableText);
}

}  // namespace orrery::api
