#include "model/api/csi_driver.h"

namespace orrery::api {

ORRERY_STRUCT(TokenRequest,
  FIELD(audience, "audience", 1),
  FIELD(expiration_seconds, "expirationSeconds", 2).omit())

ORRERY_STRUCT(CSIDriverSpec,
  FIELD(attach_required, "attachRequired", 1).omit().def("true"),
  FIELD(pod_info_on_mount, "podInfoOnMount", 2).omit().def("false"),
  FIELD(volume_lifecycle_modes, "volumeLifecycleModes", 3).omit().set_list(),
  FIELD(storage_capacity, "storageCapacity", 4).omit().def("false"),
  FIELD(fs_group_policy, "fsGroupPolicy", 5).omit().def("ReadWriteOnceWithFSType"),
  FIELD(token_requests, "tokenRequests", 6).omit(),
  FIELD(requires_republish, "requiresRepublish", 7).omit().def("false"),
  FIELD(se_linux_mount, "seLinuxMount", 8).omit().def("false"))

ORRERY_STRUCT(CSIDriver,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2))

}  // namespace orrery::api
