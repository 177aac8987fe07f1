// apps/v1 Deployment. Source: k8s.io/api/apps/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/pod_template.h"

namespace orrery::api {

struct RollingUpdateDeployment {
  std::optional<IntOrString> max_unavailable, max_surge;
};

struct DeploymentStrategy {
  Str type;
  Box<RollingUpdateDeployment> rolling_update;
};

struct DeploymentSpec {
  std::optional<std::int32_t> replicas;
  Box<LabelSelector> selector;
  PodTemplateSpec template_;
  DeploymentStrategy strategy;
  std::int32_t min_ready_seconds = 0;
  std::optional<std::int32_t> revision_history_limit;
  bool paused = false;
  std::optional<std::int32_t> progress_deadline_seconds;
};

struct DeploymentCondition {
  Str type, status;
  Time last_update_time, last_transition_time;
  Str reason, message;
};

struct DeploymentStatus {
  std::int64_t observed_generation = 0;
  std::int32_t replicas = 0, updated_replicas = 0, ready_replicas = 0, available_replicas = 0;
  std::int32_t unavailable_replicas = 0;
  std::optional<std::int32_t> terminating_replicas;
  List<DeploymentCondition> conditions;
  std::optional<std::int32_t> collision_count;
};

struct Deployment {
  ObjectMeta metadata;
  Cow<DeploymentSpec> spec;
  Cow<DeploymentStatus> status;
};

ORRERY_DECLARE_STRUCT(RollingUpdateDeployment)
ORRERY_DECLARE_STRUCT(DeploymentStrategy)
ORRERY_DECLARE_STRUCT(DeploymentSpec)
ORRERY_DECLARE_STRUCT(DeploymentCondition)
ORRERY_DECLARE_STRUCT(DeploymentStatus)
ORRERY_DECLARE_KIND(Deployment)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::DeploymentSpec, PartFacts>;
}  // namespace orrery::base
