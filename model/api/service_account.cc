#include "model/api/service_account.h"

namespace orrery::api {

ORRERY_STRUCT(ServiceAccount,
  FIELD(metadata, "metadata", 1),
  FIELD(secrets, "secrets", 2).omit().merge("name").map_list("name"),
  FIELD(image_pull_secrets, "imagePullSecrets", 3).omit(),
  FIELD(automount_service_account_token, "automountServiceAccountToken", 4).omit())

}  // namespace orrery::api
