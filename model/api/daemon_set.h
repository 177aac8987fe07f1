// apps/v1 DaemonSet. Source: k8s.io/api/apps/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/pod_template.h"

namespace orrery::api {

struct RollingUpdateDaemonSet {
  std::optional<IntOrString> max_unavailable, max_surge;
};

struct DaemonSetUpdateStrategy {
  Str type;
  Box<RollingUpdateDaemonSet> rolling_update;
};

struct DaemonSetSpec {
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
  DaemonSetUpdateStrategy update_strategy;
  std::int32_t min_ready_seconds = 0;
  std::optional<std::int32_t> revision_history_limit;
};

struct DaemonSetCondition {
  Str type, status;
  Time last_transition_time;
  Str reason, message;
};

struct DaemonSetStatus {
  std::int32_t current_number_scheduled = 0, number_misscheduled = 0, desired_number_scheduled = 0;
  std::int32_t number_ready = 0;
  std::int64_t observed_generation = 0;
  std::int32_t updated_number_scheduled = 0, number_available = 0, number_unavailable = 0;
  std::optional<std::int32_t> collision_count;
  List<DaemonSetCondition> conditions;
};

struct DaemonSet {
  ObjectMeta metadata;
  Cow<DaemonSetSpec> spec;
  Cow<DaemonSetStatus> status;
};

ORRERY_DECLARE_STRUCT(RollingUpdateDaemonSet)
ORRERY_DECLARE_STRUCT(DaemonSetUpdateStrategy)
ORRERY_DECLARE_STRUCT(DaemonSetSpec)
ORRERY_DECLARE_STRUCT(DaemonSetCondition)
ORRERY_DECLARE_STRUCT(DaemonSetStatus)
ORRERY_DECLARE_KIND(DaemonSet)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::DaemonSetSpec, PartFacts>;
}  // namespace orrery::base
