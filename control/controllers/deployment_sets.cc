#include "control/client/owner.h"
#include "control/client/pod_util.h"
#include "control/controllers/deployment.h"
#include "control/controllers/pod_control.h"

namespace orrery::controllers {
namespace {

api::LabelSelector with_hash(const base::Box<api::LabelSelector>& selector, const Str& hash) {
  api::LabelSelector out = selector ? *selector : api::LabelSelector();
  out.match_labels.set(kTemplateHashLabel, hash);
  return out;
}

api::ReplicaSet new_set_of(const api::Deployment& d, const api::Object& owner) {
  const Str hash = client::template_hash(d.spec->template_, d.status->collision_count);
  api::ReplicaSet rs;
  rs.metadata.namespace_ = d.metadata.namespace_;
  rs.metadata.name = base::cat(d.metadata.name, "-", hash);
  rs.metadata.owner_references.push_back(client::controller_reference(owner));
  api::ReplicaSetSpec& spec = rs.spec.edit();
  spec.replicas = 0;
  spec.min_ready_seconds = d.spec->min_ready_seconds;
  spec.selector = with_hash(d.spec->selector, hash);
  spec.template_ = d.spec->template_;
  spec.template_.metadata.labels.set(kTemplateHashLabel, hash);
  rs.metadata.labels = spec.template_.metadata.labels;
  return rs;
}

}  // namespace

env::Task<DeploymentController::Failure> DeploymentController::sync_sets(Rollout& r, bool create) {
  r.newest = find_new_set(r.d, r.sets);
  r.old = old_sets(r.sets, r.newest);
  const std::int64_t revision = max_revision(r.old) + 1;
  Failure f;
  if (r.newest) f = co_await sync_new_set(r, revision);
  else if (create) f = co_await create_new_set(r, revision);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::sync_new_set(Rollout& r, std::int64_t revision) {
  api::ReplicaSet next = *r.newest;
  const bool annotated = set_new_set_annotations(r.d, next.metadata, revision, true);
  if (annotated || next.spec->min_ready_seconds != r.d.spec->min_ready_seconds) {
    next.spec.edit().min_ready_seconds = r.d.spec->min_ready_seconds;
    const auto written = co_await client_.update(api::make_object(std::move(next)));
    if (!written) co_return written.error();
    r.newest = ReplicaSetHandle(*written);
    co_return std::nullopt;
  }
  bool changed = set_deployment_revision(r.d.metadata, r.newest->metadata.annotations.get(kRevisionAnnotation));
  if (has_progress_deadline(r.d) && !find_condition(*r.d.status, kProgressing)) {
    set_condition(r.d.status.edit(),
                  make_condition(kProgressing, "True", "FoundNewReplicaSet",
                                 base::cat("Found new replica set \"", r.newest->metadata.name, "\""), wall_time()));
    changed = true;
  }
  Failure f;
  if (changed) f = co_await write_status(r);
  co_return f;
}

env::Task<DeploymentController::Failure> DeploymentController::create_new_set(Rollout& r, std::int64_t revision) {
  api::ReplicaSet rs = new_set_of(r.d, *r.object);
  const std::int32_t replicas = new_set_replicas(r.d, r.old, 0);
  rs.spec.edit().replicas = replicas;
  set_new_set_annotations(r.d, rs.metadata, revision, false);
  const Str name = rs.metadata.name;
  const auto created = co_await client_.create(api::make_object(std::move(rs)));
  bool existed = false;
  if (created) {
    r.newest = ReplicaSetHandle(*created);
    if (replicas > 0) {
      events_.event(*r.object, "Normal", "ScalingReplicaSet",
                    base::cat("Scaled up replica set ", name, " from 0 to ", std::to_string(replicas)));
    }
  } else if (created.error().already_exists()) {
    bool collided = false;
    Failure f = settle_existing(r, created.error(), name, collided);
    if (collided) co_await write_status(r);
    if (f) co_return f;
    existed = true;
  } else {
    Failure f = co_await creation_failed(r, created.error(), name);
    co_return f;
  }
  bool changed = set_deployment_revision(r.d.metadata, std::to_string(revision));
  if (!existed && has_progress_deadline(r.d)) {
    set_condition(r.d.status.edit(), make_condition(kProgressing, "True", "NewReplicaSetCreated",
                                                    base::cat("Created new replica set \"", name, "\""), wall_time()));
    changed = true;
  }
  Failure f;
  if (changed) f = co_await write_status(r);
  co_return f;
}

/// The name is taken. Either by our own set, which the copy did not show yet, or by a stranger whose hash collides.
DeploymentController::Failure DeploymentController::settle_existing(Rollout& r, ApiError error, Str name,
                                                                    bool& collided) {
  const ReplicaSetHandle present = sets_.get_as<api::ReplicaSet>(r.d.metadata.namespace_, name);
  if (!present) return error;
  if (client::controlled_by(present->metadata, r.d.metadata.uid) &&
      equal_ignoring_hash(r.d.spec->template_, present->spec->template_)) {
    r.newest = present;
    return std::nullopt;
  }
  collided = true;
  api::DeploymentStatus& status = r.d.status.edit();
  status.collision_count = status.collision_count.value_or(0) + 1;
  return error;
}

env::Task<DeploymentController::Failure> DeploymentController::creation_failed(Rollout& r, ApiError error, Str name) {
  if (namespace_terminating(error)) co_return error;
  const Str message = base::cat("Failed to create new replica set \"", name, "\": ", error.message);
  if (has_progress_deadline(r.d)) {
    set_condition(r.d.status.edit(),
                  make_condition(kProgressing, "False", "ReplicaSetCreateError", message, wall_time()));
    co_await write_status(r);
  }
  events_.event(*r.object, "Warning", "ReplicaSetCreateError", message);
  co_return error;
}

}  // namespace orrery::controllers
