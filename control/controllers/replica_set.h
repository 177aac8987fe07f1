// The ReplicaSet controller (pkg/controller/replicaset/replica_set.go).
#pragma once
#include "control/client/expectations.h"
#include "control/client/slow_start.h"
#include "control/controllers/controller.h"
#include "control/controllers/pod_tally.h"
#include "control/controllers/replica_set_decisions.h"

namespace orrery::controllers {

/// Keeps the number of active pods at spec.replicas: creates by slow start, deletes in ranked order, at most `burst` per
/// sync, and never on a copy that has not shown the effects of the sync before.
class ReplicaSetController final : public QueueController {
 public:
  explicit ReplicaSetController(ControllerContext context);

 private:
  using ReplicaSetHandle = api::Handle<api::ReplicaSet>;

  env::Task<SyncResult> sync(Str key) override;
  /// `active`: how many pods there are; `pods` may be empty when that is not more than wanted.
  env::Task<std::optional<ApiError>> manage(ReplicaSetHandle rs, std::vector<PodHandle> pods, int active, Str key);
  env::Task<std::optional<ApiError>> create_pods(ReplicaSetHandle rs, int count, Str key);
  env::Task<std::optional<ApiError>> delete_pods(ReplicaSetHandle rs, std::vector<PodHandle> pods, Str key);
  env::Task<client::ApiResult<ObjectRef>> write_status(ReplicaSetHandle rs, api::ReplicaSetStatus next);

  void set_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_added(const ObjectRef& pod);
  void pod_updated(const ObjectRef& old, const ObjectRef& now);
  void pod_deleted(const ObjectRef& pod);
  ReplicaSetHandle owner_of(const api::ObjectMeta& pod) const;
  void enqueue_matching(const api::ObjectMeta& pod);
  std::vector<PodHandle> related_pods(const api::ReplicaSet& rs) const;
  /// The counts without a look at any pod; nothing when pods may have to be adopted or released, or time decides.
  std::optional<PodCounts> tallied(const api::ReplicaSet& rs) const;

  client::Informer& sets_;
  client::Informer& pods_;
  int sets_by_controller_, pods_by_controller_;
  PodTallies tallies_;
  client::Expectations expectations_;
};

}  // namespace orrery::controllers
