// apps/v1 StatefulSet. Source: k8s.io/api/apps/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/pod_template.h"

namespace orrery::api {

struct RollingUpdateStatefulSetStrategy {
  std::optional<std::int32_t> partition;
  std::optional<IntOrString> max_unavailable;
};

struct StatefulSetUpdateStrategy {
  Str type;
  Box<RollingUpdateStatefulSetStrategy> rolling_update;
};

struct StatefulSetPersistentVolumeClaimRetentionPolicy {
  Str when_deleted, when_scaled;
};

struct StatefulSetOrdinals {
  std::int32_t start = 0;
};

struct StatefulSetSpec {
  std::optional<std::int32_t> replicas;
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
  List<PersistentVolumeClaim> volume_claim_templates;
  Str service_name, pod_management_policy;
  StatefulSetUpdateStrategy update_strategy;
  std::optional<std::int32_t> revision_history_limit;
  std::int32_t min_ready_seconds = 0;
  Box<StatefulSetPersistentVolumeClaimRetentionPolicy> persistent_volume_claim_retention_policy;
  Box<StatefulSetOrdinals> ordinals;
};

struct StatefulSetCondition {
  Str type, status;
  Time last_transition_time;
  Str reason, message;
};

struct StatefulSetStatus {
  std::int64_t observed_generation = 0;
  std::int32_t replicas = 0, ready_replicas = 0, current_replicas = 0, updated_replicas = 0;
  Str current_revision, update_revision;
  std::optional<std::int32_t> collision_count;
  List<StatefulSetCondition> conditions;
  std::int32_t available_replicas = 0;
};

struct StatefulSet {
  ObjectMeta metadata;
  Cow<StatefulSetSpec> spec;
  Cow<StatefulSetStatus> status;
};

ORRERY_DECLARE_STRUCT(RollingUpdateStatefulSetStrategy)
ORRERY_DECLARE_STRUCT(StatefulSetUpdateStrategy)
ORRERY_DECLARE_STRUCT(StatefulSetPersistentVolumeClaimRetentionPolicy)
ORRERY_DECLARE_STRUCT(StatefulSetOrdinals)
ORRERY_DECLARE_STRUCT(StatefulSetSpec)
ORRERY_DECLARE_STRUCT(StatefulSetCondition)
ORRERY_DECLARE_STRUCT(StatefulSetStatus)
ORRERY_DECLARE_KIND(StatefulSet)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::StatefulSetSpec, PartFacts>;
}  // namespace orrery::base
