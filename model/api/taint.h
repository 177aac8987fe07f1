// Taints of nodes and what tolerates them. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/type.h"

namespace orrery::api {

struct Taint {
  Str key, value, effect;
  Time time_added;
};

struct Toleration {
  Str key, operator_, value, effect;
  std::optional<std::int64_t> toleration_seconds;
};

ORRERY_DECLARE_STRUCT(Taint)
ORRERY_DECLARE_STRUCT(Toleration)

}  // namespace orrery::api
