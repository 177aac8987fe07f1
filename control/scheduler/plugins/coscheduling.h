// Coscheduling: pods of a PodGroup are bound only when at least minMember of them have nodes; until then those that have one
// wait at Permit and hold it (sigs.k8s.io/scheduler-plugins pkg/coscheduling). Pods name their group by the label
// scheduling.x-k8s.io/pod-group; a pod that names one which does not exist is rejected at Permit.
//
// In a profile it takes the place of PrioritySort, and must then be the queue sort of every profile:
//   plugins: {multiPoint: {enabled: [{name: Coscheduling}]}, queueSort: {enabled: [{name: Coscheduling}], disabled: [{name: "*"}]}}
//
// Differs from upstream: the queue is an ordered set, so that a group's time (its creation) is fixed when the queue first
// compares one of its pods; a pod whose group is unknown then keeps the time at which it came.
#pragma once
#include "control/scheduler/framework/framework.h"
#include "control/scheduler/framework/waiting_pods.h"
#include "model/api/pod_group.h"
#include "model/env/environment.h"

namespace orrery::scheduler {

struct CoschedulingConfig {
  base::Nanos permit_timeout = 60 * base::kSecond;   ///< where the group names none
  base::Nanos group_backoff = 0;                     ///< after PostFilter: none of the group is tried for so long
};

class Coscheduling final : public Plugin, public QueueSortPlugin, public PreFilterPlugin, public PostFilterPlugin, public PermitPlugin,
                           public ReservePlugin {
 public:
  /// `waiting` and `clock` null: nothing waits (what-if, placement).
  Coscheduling(PluginContext context, WaitingPods* waiting, const env::Clock* clock, CoschedulingConfig config)
      : context_(context), waiting_(waiting), clock_(clock), config_(config) {}
  std::string_view name() const override { return "Coscheduling"; }
  bool concerns(const PodInfo& pod) const override { return !group_name(pod.meta()).empty(); }
  std::vector<ClusterEvent> events() const override;

  /// By priority, then by the creation of the group, or the first attempt of a pod without one, then by name.
  bool less(const QueuedPod& a, const QueuedPod& b) const override;
  /// Rejects, beyond preemption, a pod of a group that backs off, has too few pods, or asks for more than is left in all.
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  /// Rejects the group's waiting pods when more than a tenth of minMember is missing: the others would hardly fit either.
  Status post_filter(const CycleState& state, const PodInfo& pod, const Diagnosis& diagnosis, base::RandomStream& random,
                     PostFilterResult& result) const override;
  Status permit(CycleState& state, const PodInfo& pod, std::string_view node, base::Nanos& timeout) const override;
  Status reserve(CycleState&, const PodInfo&, const NodeInfo&) const override { return {}; }
  /// One falls, all that wait fall.
  void unreserve(CycleState& state, const PodInfo& pod, std::string_view node) const override;

 private:
  static Str group_name(const api::ObjectMeta& pod);
  const api::PodGroup* group_of(const api::ObjectMeta& pod) const;
  base::Instant group_time(const QueuedPod& pod) const;
  /// Pods that have not ended, with or without a node.
  std::vector<api::ObjectRef> siblings(const api::ObjectMeta& pod) const;
  /// Those of the group on nodes, but the pod itself on `node`.
  std::int64_t assigned(const api::ObjectMeta& pod, std::string_view node) const;
  /// "" when all nodes together have room for minResources and minMember pods.
  std::string resource_gap(const api::PodGroup& group) const;
  void reject_waiting(const api::ObjectMeta& pod, std::string_view why) const;
  base::Instant now() const;

  PluginContext context_;
  WaitingPods* waiting_;
  const env::Clock* clock_;
  CoschedulingConfig config_;
  // By "namespace/name" of the group.
  mutable base::BTreeMap<Str, base::Instant> times_, backed_off_until_, has_room_until_;
};

}  // namespace orrery::scheduler
