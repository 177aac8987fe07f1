// apps/v1 ReplicaSet. Source: k8s.io/api/apps/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/pod_template.h"

namespace orrery::api {

struct ReplicaSetSpec {
  std::optional<std::int32_t> replicas;
  std::int32_t min_ready_seconds = 0;
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
};

struct ReplicaSetCondition {
  Str type, status;
  Time last_transition_time;
  Str reason, message;
};

struct ReplicaSetStatus {
  std::int32_t replicas = 0, fully_labeled_replicas = 0, ready_replicas = 0, available_replicas = 0;
  std::optional<std::int32_t> terminating_replicas;
  std::int64_t observed_generation = 0;
  List<ReplicaSetCondition> conditions;
};

struct ReplicaSet {
  ObjectMeta metadata;
  Cow<ReplicaSetSpec> spec;
  Cow<ReplicaSetStatus> status;
};

ORRERY_DECLARE_STRUCT(ReplicaSetSpec)
ORRERY_DECLARE_STRUCT(ReplicaSetCondition)
ORRERY_DECLARE_STRUCT(ReplicaSetStatus)
ORRERY_DECLARE_KIND(ReplicaSet)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::ReplicaSetSpec, PartFacts>;
}  // namespace orrery::base
