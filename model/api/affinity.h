// Affinity and spreading of pods. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/meta.h"
#include "model/api/node_selector.h"

namespace orrery::api {

struct NodeAffinity {
  Box<NodeSelector> required_during_scheduling_ignored_during_execution;
  List<PreferredSchedulingTerm> preferred_during_scheduling_ignored_during_execution;
};

struct PodAffinityTerm {
  Box<LabelSelector> label_selector;
  List<Str> namespaces;
  Str topology_key;
  Box<LabelSelector> namespace_selector;
  List<Str> match_label_keys, mismatch_label_keys;
};

struct WeightedPodAffinityTerm {
  std::int32_t weight = 0;
  PodAffinityTerm pod_affinity_term;
};

struct PodAffinity {
  List<PodAffinityTerm> required_during_scheduling_ignored_during_execution;
  List<WeightedPodAffinityTerm> preferred_during_scheduling_ignored_during_execution;
};

struct PodAntiAffinity {
  List<PodAffinityTerm> required_during_scheduling_ignored_during_execution;
  List<WeightedPodAffinityTerm> preferred_during_scheduling_ignored_during_execution;
};

struct Affinity {
  Box<NodeAffinity> node_affinity;
  Box<PodAffinity> pod_affinity;
  Box<PodAntiAffinity> pod_anti_affinity;
};

struct TopologySpreadConstraint {
  std::int32_t max_skew = 0;
  Str topology_key, when_unsatisfiable;
  Box<LabelSelector> label_selector;
  std::optional<std::int32_t> min_domains;
  std::optional<Str> node_affinity_policy, node_taints_policy;
  List<Str> match_label_keys;
};

ORRERY_DECLARE_STRUCT(NodeAffinity)
ORRERY_DECLARE_STRUCT(PodAffinityTerm)
ORRERY_DECLARE_STRUCT(WeightedPodAffinityTerm)
ORRERY_DECLARE_STRUCT(PodAffinity)
ORRERY_DECLARE_STRUCT(PodAntiAffinity)
ORRERY_DECLARE_STRUCT(Affinity)
ORRERY_DECLARE_STRUCT(TopologySpreadConstraint)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::Affinity>;
}  // namespace orrery::base
