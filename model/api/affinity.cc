#include "model/api/affinity.h"

namespace orrery::api {

ORRERY_STRUCT(NodeAffinity,
  FIELD(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution", 1)
      .omit().atomic(),
  FIELD(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution", 2)
      .omit())

ORRERY_STRUCT(PodAffinityTerm,
  FIELD(label_selector, "labelSelector", 1).omit().atomic(),
  FIELD(namespaces, "namespaces", 2).omit(),
  FIELD(topology_key, "topologyKey", 3).required(),
  FIELD(namespace_selector, "namespaceSelector", 4).omit().atomic(),
  FIELD(match_label_keys, "matchLabelKeys", 5).omit(),
  FIELD(mismatch_label_keys, "mismatchLabelKeys", 6).omit())

ORRERY_STRUCT(WeightedPodAffinityTerm,
  FIELD(weight, "weight", 1).range(1, 100),
  FIELD(pod_affinity_term, "podAffinityTerm", 2))

ORRERY_STRUCT(PodAffinity,
  FIELD(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution", 1)
      .omit(),
  FIELD(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution", 2)
      .omit())

ORRERY_STRUCT(PodAntiAffinity,
  FIELD(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution", 1)
      .omit(),
  FIELD(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution", 2)
      .omit())

ORRERY_STRUCT(Affinity,
  FIELD(node_affinity, "nodeAffinity", 1).omit(),
  FIELD(pod_affinity, "podAffinity", 2).omit(),
  FIELD(pod_anti_affinity, "podAntiAffinity", 3).omit())

ORRERY_STRUCT(TopologySpreadConstraint,
  FIELD(max_skew, "maxSkew", 1).required(),
  FIELD(topology_key, "topologyKey", 2).required(),
  FIELD(when_unsatisfiable, "whenUnsatisfiable", 3).required().values("DoNotSchedule,ScheduleAnyway"),
  FIELD(label_selector, "labelSelector", 4).omit().atomic(),
  FIELD(min_domains, "minDomains", 5).omit(),
  FIELD(node_affinity_policy, "nodeAffinityPolicy", 6).omit().values("Ignore,Honor"),
  FIELD(node_taints_policy, "nodeTaintsPolicy", 7).omit().values("Ignore,Honor"),
  FIELD(match_label_keys, "matchLabelKeys", 8).omit())

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::Affinity>;
}  // namespace orrery::base
