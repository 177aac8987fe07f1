// v1 ReplicationController. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/pod_template.h"

namespace orrery::api {

struct ReplicationControllerSpec {
  std::optional<std::int32_t> replicas;
  std::int32_t min_ready_seconds = 0;
  Map<Str> selector;
  Box<PodTemplateSpec> template_;
};

struct ReplicationControllerCondition {
  Str type, status;
  Time last_transition_time;
  Str reason, message;
};

struct ReplicationControllerStatus {
  std::int32_t replicas = 0, fully_labeled_replicas = 0, ready_replicas = 0, available_replicas = 0;
  std::int64_t observed_generation = 0;
  List<ReplicationControllerCondition> conditions;
};

struct ReplicationController {
  ObjectMeta metadata;
  Cow<ReplicationControllerSpec> spec;
  Cow<ReplicationControllerStatus> status;
};

ORRERY_DECLARE_STRUCT(ReplicationControllerSpec)
ORRERY_DECLARE_STRUCT(ReplicationControllerCondition)
ORRERY_DECLARE_STRUCT(ReplicationControllerStatus)
ORRERY_DECLARE_KIND(ReplicationController)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::ReplicationControllerSpec, PartFacts>;
}  // namespace orrery::base
