// The Deployment controller (pkg/controller/deployment).
#pragma once
#include "control/controllers/controller.h"
#include "control/controllers/deployment_status.h"

namespace orrery::controllers {

/// Rolls out templates through ReplicaSets: one step per sync, each step's effects seen before the next.
class DeploymentController final : public QueueController {
 public:
  explicit DeploymentController(ControllerContext context);

 private:
  /// The error of a step; nullopt when it went well.
  using Failure = std::optional<ApiError>;
  /// One sync's view. `d` is a working copy: its status and annotations change as the sync goes on, its resourceVersion
  /// does not, so that a second write in one sync conflicts and is retried, as upstream.
  struct Rollout {
    ObjectRef object;
    api::Deployment d;
    ReplicaSetList sets;
    ReplicaSetHandle newest;
    ReplicaSetList old;
    ReplicaSetList all() const;
  };

  env::Task<SyncResult> sync(Str key) override;
  env::Task<Failure> reconcile(Rollout& r);
  env::Task<Failure> sync_scale(Rollout& r);
  env::Task<Failure> sync_status_only(Rollout& r);
  env::Task<Failure> write_plain_status(Rollout& r);
  env::Task<Failure> write_rollout_status(Rollout& r);
  env::Task<Failure> write_status(Rollout& r);
  env::Task<Failure> roll(Rollout& r);
  env::Task<Failure> recreate(Rollout& r);
  env::Task<Failure> rollback(Rollout& r);
  env::Task<Failure> rollback_to(Rollout& r, ReplicaSetHandle set, std::int64_t revision);
  env::Task<Failure> clear_rollback(Rollout& r);
  env::Task<Failure> clean_up(Rollout& r);

  /// Finds or makes the new set and syncs its and the Deployment's annotations.
  env::Task<Failure> sync_sets(Rollout& r, bool create);
  env::Task<Failure> sync_new_set(Rollout& r, std::int64_t revision);
  env::Task<Failure> create_new_set(Rollout& r, std::int64_t revision);
  env::Task<Failure> creation_failed(Rollout& r, ApiError error, Str name);
  Failure settle_existing(Rollout& r, ApiError error, Str name, bool& collided);

  /// Scales one set when its size or replica annotations differ; `*scaled` tells whether the size did.
  env::Task<Failure> scale_set(Rollout& r, ReplicaSetHandle set, std::int32_t replicas, bool* scaled);
  env::Task<Failure> scale_steps(Rollout& r, std::vector<ScaleStep> steps, bool* scaled);
  env::Task<Failure> scale_proportionally(Rollout& r);
  env::Task<Failure> reconcile_new(Rollout& r, bool* scaled);
  env::Task<Failure> reconcile_old(Rollout& r, bool* scaled);
  bool old_pods_running(const Rollout& r) const;

  void set_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_deleted(const ObjectRef& pod);
  api::Handle<api::Deployment> owner_of(const api::ObjectMeta& set) const;
  void enqueue_matching(const api::ObjectMeta& set);

  client::Informer& deployments_;
  client::Informer& sets_;
  client::Informer& pods_;
  int sets_by_controller_, pods_by_controller_;
};

}  // namespace orrery::controllers
