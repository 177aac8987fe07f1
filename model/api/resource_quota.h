// core/v1 ResourceQuota. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/resources.h"

namespace orrery::api {

struct ScopedResourceSelectorRequirement {
  Str scope_name, operator_;
  List<Str> values;
};

struct ScopeSelector {
  List<ScopedResourceSelectorRequirement> match_expressions;
};

struct ResourceQuotaSpec {
  ResourceList hard;
  List<Str> scopes;
  Box<ScopeSelector> scope_selector;
};

struct ResourceQuotaStatus {
  ResourceList hard, used;
};

struct ResourceQuota {
  ObjectMeta metadata;
  Cow<ResourceQuotaSpec> spec;
  Cow<ResourceQuotaStatus> status;
};

ORRERY_DECLARE_STRUCT(ScopedResourceSelectorRequirement)
ORRERY_DECLARE_STRUCT(ScopeSelector)
ORRERY_DECLARE_STRUCT(ResourceQuotaSpec)
ORRERY_DECLARE_STRUCT(ResourceQuotaStatus)
ORRERY_DECLARE_KIND(ResourceQuota)

}  // namespace orrery::api
