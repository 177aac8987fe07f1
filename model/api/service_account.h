// core/v1 ServiceAccount. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/reference.h"

namespace orrery::api {

struct ServiceAccount {
  ObjectMeta metadata;
  List<ObjectReference> secrets;
  List<LocalObjectReference> image_pull_secrets;
  std::optional<bool> automount_service_account_token;
};

ORRERY_DECLARE_KIND(ServiceAccount)

}  // namespace orrery::api
