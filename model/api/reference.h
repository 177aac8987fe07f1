// References to other objects. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/type.h"

namespace orrery::api {

struct ObjectReference {
  Str kind, namespace_, name, uid, api_version, resource_version, field_path;
};

struct LocalObjectReference {
  Str name;
};

struct TypedLocalObjectReference {
  std::optional<Str> api_group;
  Str kind, name;
};

struct TypedObjectReference {
  std::optional<Str> api_group;
  Str kind, name;
  std::optional<Str> namespace_;
};

struct SecretReference {
  Str name, namespace_;
};

ORRERY_DECLARE_STRUCT(ObjectReference)
ORRERY_DECLARE_STRUCT(LocalObjectReference)
ORRERY_DECLARE_STRUCT(TypedLocalObjectReference)
ORRERY_DECLARE_STRUCT(TypedObjectReference)
ORRERY_DECLARE_STRUCT(SecretReference)

}  // namespace orrery::api
