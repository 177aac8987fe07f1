#include "model/api/env.h"

namespace orrery::api {

ORRERY_STRUCT(ObjectFieldSelector,
  FIELD(api_version, "apiVersion", 1).omit().def("v1"),
  FIELD(field_path, "fieldPath", 2).required())

ORRERY_STRUCT(ResourceFieldSelector,
  FIELD(container_name, "containerName", 1).omit(),
  FIELD(resource, "resource", 2).required(),
  FIELD(divisor, "divisor", 3))

ORRERY_STRUCT(ConfigMapKeySelector,
  FIELD(ref, "", 1).inlined(),
  FIELD(key, "key", 2).required(),
  FIELD(optional, "optional", 3).omit())

ORRERY_STRUCT(SecretKeySelector,
  FIELD(ref, "", 1).inlined(),
  FIELD(key, "key", 2).required(),
  FIELD(optional, "optional", 3).omit())

ORRERY_STRUCT(EnvVarSource,
  FIELD(field_ref, "fieldRef", 1).omit().atomic(),
  FIELD(resource_field_ref, "resourceFieldRef", 2).omit().atomic(),
  FIELD(config_map_key_ref, "configMapKeyRef", 3).omit().atomic(),
  FIELD(secret_key_ref, "secretKeyRef", 4).omit().atomic())

ORRERY_STRUCT(EnvVar,
  FIELD(name, "name", 1).required(),
  FIELD(value, "value", 2).omit(),
  FIELD(value_from, "valueFrom", 3).omit())

ORRERY_STRUCT(ConfigMapEnvSource,
  FIELD(ref, "", 1).inlined(),
  FIELD(optional, "optional", 2).omit())

ORRERY_STRUCT(SecretEnvSource,
  FIELD(ref, "", 1).inlined(),
  FIELD(optional, "optional", 2).omit())

ORRERY_STRUCT(EnvFromSource,
  FIELD(prefix, "prefix", 1).omit(),
  FIELD(config_map_ref, "configMapRef", 2).omit(),
  FIELD(secret_ref, "secretRef", 3).omit())

}  // namespace orrery::api
