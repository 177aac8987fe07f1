// core/v1 ConfigMap and Secret. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct ConfigMap {
  ObjectMeta metadata;
  std::optional<bool> immutable;
  Map<Str> data;
  Map<Bytes> binary_data;
};

struct Secret {
  ObjectMeta metadata;
  std::optional<bool> immutable;
  Map<Bytes> data;
  Map<Str> string_data;
  Str type;
};

ORRERY_DECLARE_KIND(ConfigMap)
ORRERY_DECLARE_KIND(Secret)

}  // namespace orrery::api
