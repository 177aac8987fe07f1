// The ReplicaSet controller (pkg/controller/replicaset/replica_set.go), which is also that of ReplicationControllers
// (pkg/controller/replication).
#pragma once
#include "control/client/expectations.h"
#include "control/client/slow_start.h"
#include "control/controllers/controller.h"
#include "control/controllers/pod_tally.h"
#include "control/controllers/replica_set_decisions.h"

namespace orrery::controllers {

/// Keeps the number of active pods at spec.replicas: creates by slow start, deletes in ranked order, at most `burst` per
/// sync, and never on a copy that has not shown the effects of the sync before. Set: ReplicaSet or ReplicationController.
template <class Set>
class ReplicasController final : public QueueController {
 public:
  explicit ReplicasController(ControllerContext context);

 private:
  using SetHandle = api::Handle<Set>;

  env::Task<SyncResult> sync(Str key) override;
  /// `active`: how many pods there are; `pods` may be empty when that is not more than wanted.
  env::Task<std::optional<ApiError>> manage(SetHandle rs, std::vector<PodHandle> pods, int active, Str key);
  env::Task<std::optional<ApiError>> create_pods(SetHandle rs, int count, Str key);
  env::Task<std::optional<ApiError>> delete_pods(SetHandle rs, std::vector<PodHandle> pods, Str key);
  env::Task<client::ApiResult<ObjectRef>> write_status(SetHandle rs, StatusOf<Set> next);

  void set_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void pod_added(const ObjectRef& pod);
  void pod_updated(const ObjectRef& old, const ObjectRef& now);
  void pod_deleted(const ObjectRef& pod);
  SetHandle owner_of(const api::ObjectMeta& pod) const;
  void enqueue_matching(const api::ObjectMeta& pod);
  std::vector<PodHandle> related_pods(const Set& rs) const;
  /// The counts without a look at any pod; nothing when pods may have to be adopted or released, or time decides.
  std::optional<PodCounts> tallied(const Set& rs) const;

  client::Informer& sets_;
  client::Informer& pods_;
  int sets_by_controller_, pods_by_controller_;
  PodTallies tallies_;
  client::Expectations expectations_;
};

using ReplicaSetController = ReplicasController<api::ReplicaSet>;
using ReplicationManager = ReplicasController<api::ReplicationController>;

}  // namespace orrery::controllers
