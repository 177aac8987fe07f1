// Rollout arithmetic of Deployments as pure functions (pkg/controller/deployment and its util).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/api/deployment.h"
#include "model/api/object.h"
#include "model/api/replica_set.h"

namespace orrery::controllers {

using base::Str;
using ReplicaSetHandle = api::Handle<api::ReplicaSet>;
using ReplicaSetList = std::vector<ReplicaSetHandle>;

inline constexpr std::string_view kRevisionAnnotation = "deployment.kubernetes.io/revision";
inline constexpr std::string_view kRevisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
inline constexpr std::string_view kDesiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
inline constexpr std::string_view kMaxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
inline constexpr std::string_view kRollbackAnnotation = "deprecated.deployment.rollback.to";
inline constexpr std::string_view kTemplateHashLabel = "pod-template-hash";

std::int32_t replicas_of(const api::Deployment& d);
std::int32_t replicas_of(const api::ReplicaSet& rs);
bool is_rolling_update(const api::Deployment& d);
/// maxSurge rounds up and maxUnavailable down; when both come out 0, maxUnavailable is 1.
struct Fenceposts {
  std::int32_t surge = 0, unavailable = 0;
};
Fenceposts resolve_fenceposts(const std::optional<api::IntOrString>& surge,
                              const std::optional<api::IntOrString>& unavailable, std::int32_t desired);
/// 0 unless rolling.
std::int32_t max_surge(const api::Deployment& d);
std::int32_t max_unavailable(const api::Deployment& d);
bool has_progress_deadline(const api::Deployment& d);

/// Sums; absent (null) handles count nothing.
std::int32_t spec_replicas(const ReplicaSetList& sets);
std::int32_t status_replicas(const ReplicaSetList& sets);
std::int32_t ready_replicas(const ReplicaSetList& sets);
std::int32_t available_replicas(const ReplicaSetList& sets);
/// Those with spec.replicas > 0.
ReplicaSetList active_sets(const ReplicaSetList& sets);

/// Oldest first, then by name.
void sort_by_creation(ReplicaSetList& sets);
void sort_by_size_newer(ReplicaSetList& sets);
void sort_by_size_older(ReplicaSetList& sets);
void sort_by_revision(ReplicaSetList& sets);

/// Equal but for the pod-template-hash label.
bool equal_ignoring_hash(const api::PodTemplateSpec& a, const api::PodTemplateSpec& b);
/// The oldest set whose template is the Deployment's; null when there is none.
ReplicaSetHandle find_new_set(const api::Deployment& d, ReplicaSetList sets);
/// All sets but `newest`.
ReplicaSetList old_sets(const ReplicaSetList& sets, const ReplicaSetHandle& newest);

/// The revision annotation; 0 when absent, nullopt when not a number.
std::optional<std::int64_t> revision_of(const api::ObjectMeta& meta);
std::int64_t max_revision(const ReplicaSetList& sets);
/// The second greatest revision; 0 when there is none.
std::int64_t last_revision(const ReplicaSetList& sets);
/// True when the annotation changed.
bool set_deployment_revision(api::ObjectMeta& d, std::string_view revision);
/// Copies the Deployment's annotations, raises the revision and keeps the old one in the history; for a set about to be
/// created (`exists` false) also the replica annotations. True when something changed.
bool set_new_set_annotations(const api::Deployment& d, api::ObjectMeta& rs, std::int64_t revision, bool exists,
                             std::size_t history_chars = 2000);
bool set_replicas_annotations(api::ObjectMeta& rs, std::int32_t desired, std::int32_t max);
bool replicas_annotations_differ(const api::ObjectMeta& rs, std::int32_t desired, std::int32_t max);
std::optional<std::int32_t> int_annotation(const api::ObjectMeta& meta, std::string_view key);
/// Of a rollback: the annotations of the set, with the Deployment's own bookkeeping ones kept.
void set_deployment_annotations_to(api::ObjectMeta& d, const api::ObjectMeta& rs);
/// A pod template without the hash label.
api::PodTemplateSpec without_hash(const api::PodTemplateSpec& t);

/// Replicas the new set may have now. `all` includes it.
std::int32_t new_set_replicas(const api::Deployment& d, const ReplicaSetList& all, std::int32_t current);
bool is_saturated(const api::Deployment& d, const ReplicaSetHandle& rs);
/// The only set with replicas, or the newest when none has any; null when several have.
ReplicaSetHandle active_or_latest(const ReplicaSetHandle& newest, ReplicaSetList old);

/// One step: bring the set to this size.
struct ScaleStep {
  ReplicaSetHandle set;
  std::int32_t replicas = 0;
};
/// Spreads a change of spec.replicas over all active sets in proportion to their sizes. Every active set is listed, also
/// when its size stays, since its annotations may not.
std::vector<ScaleStep> proportional_scale(const api::Deployment& d, const ReplicaSetList& all);
/// Old replicas that may go now; first the unhealthy ones (which cost no availability), then available ones above the
/// minimum, reckoned with the first done. `trust_spec`: counts replicas as available. A step that would grow its set says
/// that the copy is not consistent (more available than wanted): nothing after it may be done.
std::vector<ScaleStep> cleanup_unhealthy(ReplicaSetList old, std::int32_t max_cleanup);
std::vector<ScaleStep> scale_down_old(const api::Deployment& d, const ReplicaSetList& all, ReplicaSetList old,
                                      bool trust_spec = false);
/// How many old replicas may go without the unready new ones mattering; <= 0: none.
std::int32_t max_scaled_down(const api::Deployment& d, const ReplicaSetList& all, const api::ReplicaSet& newest);
/// Old sets over the history limit that are empty and settled, in order of deletion.
ReplicaSetList history_to_delete(const api::Deployment& d, const ReplicaSetList& old);

}  // namespace orrery::controllers
