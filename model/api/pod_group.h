// scheduling.x-k8s.io/v1alpha1 PodGroup: pods that are of use only together. Source: sigs.k8s.io/scheduler-plugins
// apis/scheduling/v1alpha1/types.go. A pod belongs to the group that its label kPodGroupLabel names, in its namespace.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/resources.h"

namespace orrery::api {

inline constexpr std::string_view kPodGroupLabel = "scheduling.x-k8s.io/pod-group";

struct PodGroupSpec {
  std::int32_t min_member = 0;
  ResourceList min_resources;
  std::optional<std::int32_t> schedule_timeout_seconds;
};

struct PodGroupStatus {
  Str phase, occupied_by;
  std::int32_t running = 0, succeeded = 0, failed = 0;
  Time schedule_start_time;
};

struct PodGroup {
  ObjectMeta metadata;
  Cow<PodGroupSpec> spec;
  Cow<PodGroupStatus> status;
};

ORRERY_DECLARE_STRUCT(PodGroupSpec)
ORRERY_DECLARE_STRUCT(PodGroupStatus)
ORRERY_DECLARE_KIND(PodGroup)

}  // namespace orrery::api
