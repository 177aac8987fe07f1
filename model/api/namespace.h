// core/v1 Namespace. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct NamespaceSpec {
  List<Str> finalizers;
};

struct NamespaceCondition {
  Str type, status;
  Time last_transition_time;
  Str reason, message;
};

struct NamespaceStatus {
  Str phase;
  List<NamespaceCondition> conditions;
};

struct Namespace {
  ObjectMeta metadata;
  Cow<NamespaceSpec> spec;
  Cow<NamespaceStatus> status;
};

ORRERY_DECLARE_STRUCT(NamespaceSpec)
ORRERY_DECLARE_STRUCT(NamespaceCondition)
ORRERY_DECLARE_STRUCT(NamespaceStatus)
ORRERY_DECLARE_KIND(Namespace)

}  // namespace orrery::api
