// The PodGroup controller of sigs.k8s.io/scheduler-plugins (pkg/controllers): the status of PodGroups. Upstream runs it as a
// Deployment of its own; here it is part of kube-controller-manager where ManagerConfig::pod_groups says so.
//
// Differs from upstream: pods count for the group in their own namespace only, not for groups of the same name elsewhere; a status that
// would stay as it is is not written; scheduleStartTime, which upstream's newest version leaves empty, is when the group first had
// enough pods.
#pragma once
#include <span>

#include "control/controllers/controller.h"
#include "model/api/pod_group.h"

namespace orrery::controllers {

/// Pending until minMember pods are there, then Scheduling until so many run or have succeeded: Running. Failed and Finished are final.
class PodGroupController final : public QueueController {
 public:
  explicit PodGroupController(ControllerContext context);

 private:
  env::Task<SyncResult> sync(Str key) override;
  void enqueue_group_of(const api::ObjectMeta& pod);

  client::Informer& groups_;
  client::Informer& pods_;
  int pods_by_group_;      // index
};

/// One step of the group's status; `pods` are those of the group in the order of their names.
api::PodGroupStatus next_status(const api::PodGroup& group, std::span<const ObjectRef> pods, api::Time now);
/// No pod of it runs although it began to be scheduled over 48 hours after its creation: its pods may have been collected.
bool is_overdue(const api::PodGroup& group);

}  // namespace orrery::controllers
