#include "model/api/reference.h"

namespace orrery::api {

ORRERY_STRUCT(ObjectReference,
  FIELD(kind, "kind", 1).omit(),
  FIELD(namespace_, "namespace", 2).omit(),
  FIELD(name, "name", 3).omit(),
  FIELD(uid, "uid", 4).omit(),
  FIELD(api_version, "apiVersion", 5).omit(),
  FIELD(resource_version, "resourceVersion", 6).omit(),
  FIELD(field_path, "fieldPath", 7).omit())

ORRERY_STRUCT(LocalObjectReference,
  FIELD(name, "name", 1).omit())

ORRERY_STRUCT(TypedLocalObjectReference,
  FIELD(api_group, "apiGroup", 1),
  FIELD(kind, "kind", 2).required(),
  FIELD(name, "name", 3).required())

ORRERY_STRUCT(TypedObjectReference,
  FIELD(api_group, "apiGroup", 1),
  FIELD(kind, "kind", 2).required(),
  FIELD(name, "name", 3).required(),
  FIELD(namespace_, "namespace", 4).omit())

ORRERY_STRUCT(SecretReference,
  FIELD(name, "name", 1).omit(),
  FIELD(namespace_, "namespace", 2).omit())

}  // namespace orrery::api
