#include "model/api/resources.h"

namespace orrery::api {

ORRERY_STRUCT(ResourceClaim,
  FIELD(name, "name", 1).required(),
  FIELD(request, "request", 2).omit())

ORRERY_STRUCT(ResourceRequirements,
  FIELD(limits, "limits", 1).omit(),
  FIELD(requests, "requests", 2).omit(),
  FIELD(claims, "claims", 3).omit().map_list("name"))

ORRERY_STRUCT(VolumeResourceRequirements,
  FIELD(limits, "limits", 1).omit(),
  FIELD(requests, "requests", 2).omit())

}  // namespace orrery::api
