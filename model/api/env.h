// Environment of containers. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/reference.h"

namespace orrery::api {

struct ObjectFieldSelector {
  Str api_version, field_path;
};

struct ResourceFieldSelector {
  Str container_name, resource;
  Quantity divisor;
};

struct ConfigMapKeySelector {
  LocalObjectReference ref;
  Str key;
  std::optional<bool> optional;
};

struct SecretKeySelector {
  LocalObjectReference ref;
  Str key;
  std::optional<bool> optional;
};

struct EnvVarSource {
  Box<ObjectFieldSelector> field_ref;
  Box<ResourceFieldSelector> resource_field_ref;
  Box<ConfigMapKeySelector> config_map_key_ref;
  Box<SecretKeySelector> secret_key_ref;
};

struct EnvVar {
  Str name, value;
  Box<EnvVarSource> value_from;
};

struct ConfigMapEnvSource {
  LocalObjectReference ref;
  std::optional<bool> optional;
};

struct SecretEnvSource {
  LocalObjectReference ref;
  std::optional<bool> optional;
};

struct EnvFromSource {
  Str prefix;
  Box<ConfigMapEnvSource> config_map_ref;
  Box<SecretEnvSource> secret_ref;
};

ORRERY_DECLARE_STRUCT(ObjectFieldSelector)
ORRERY_DECLARE_STRUCT(ResourceFieldSelector)
ORRERY_DECLARE_STRUCT(ConfigMapKeySelector)
ORRERY_DECLARE_STRUCT(SecretKeySelector)
ORRERY_DECLARE_STRUCT(EnvVarSource)
ORRERY_DECLARE_STRUCT(EnvVar)
ORRERY_DECLARE_STRUCT(ConfigMapEnvSource)
ORRERY_DECLARE_STRUCT(SecretEnvSource)
ORRERY_DECLARE_STRUCT(EnvFromSource)

}  // namespace orrery::api
