// coordination.k8s.io/v1 Lease. Source: k8s.io/api/coordination/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct LeaseSpec {
  std::optional<Str> holder_identity;
  std::optional<std::int32_t> lease_duration_seconds;
  MicroTime acquire_time, renew_time;
  std::optional<std::int32_t> lease_transitions;
};

struct Lease {
  ObjectMeta metadata;
  LeaseSpec spec;
};

ORRERY_DECLARE_STRUCT(LeaseSpec)
ORRERY_DECLARE_KIND(Lease)

}  // namespace orrery::api
