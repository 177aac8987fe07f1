// apps/v1 ControllerRevision. Source: k8s.io/api/apps/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct ControllerRevision {
  ObjectMeta metadata;
  RawJson data;
  std::int64_t revision = 0;
};

ORRERY_DECLARE_KIND(ControllerRevision)

}  // namespace orrery::api
