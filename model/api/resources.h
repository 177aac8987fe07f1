// What containers and claims ask for. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/type.h"

namespace orrery::api {

using ResourceList = Map<Quantity>;  ///< by resource name: "cpu", "memory", "example.com/gpu"

/// A container's use of one of the pod's resourceClaims.
struct ResourceClaim {
  Str name, request;
};

struct ResourceRequirements {
  ResourceList limits, requests;
  List<ResourceClaim> claims;
};

struct VolumeResourceRequirements {
  ResourceList limits, requests;
};

ORRERY_DECLARE_STRUCT(ResourceClaim)
ORRERY_DECLARE_STRUCT(ResourceRequirements)
ORRERY_DECLARE_STRUCT(VolumeResourceRequirements)

}  // namespace orrery::api
