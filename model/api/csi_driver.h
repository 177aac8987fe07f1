// storage.k8s.io/v1 CSIDriver: what a CSI driver asks of Kubernetes. Source: k8s.io/api/storage/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct TokenRequest {
  Str audience;
  std::optional<std::int64_t> expiration_seconds;
};

struct CSIDriverSpec {
  std::optional<bool> attach_required, pod_info_on_mount;
  List<Str> volume_lifecycle_modes;
  std::optional<bool> storage_capacity;  ///< the scheduler looks at the driver's CSIStorageCapacity objects
  std::optional<Str> fs_group_policy;
  List<TokenRequest> token_requests;
  std::optional<bool> requires_republish, se_linux_mount;
};

/// Named as the driver.
struct CSIDriver {
  ObjectMeta metadata;
  Cow<CSIDriverSpec> spec;
};

ORRERY_DECLARE_STRUCT(TokenRequest)
ORRERY_DECLARE_STRUCT(CSIDriverSpec)
ORRERY_DECLARE_KIND(CSIDriver)

}  // namespace orrery::api
