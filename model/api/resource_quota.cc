#include "model/api/resource_quota.h"

namespace orrery::api {

ORRERY_STRUCT(ScopedResourceSelectorRequirement,
  FIELD(scope_name, "scopeName", 1).required(),
  FIELD(operator_, "operator", 2).required().values("In,NotIn,Exists,DoesNotExist"),
  FIELD(values, "values", 3).omit())

ORRERY_STRUCT(ScopeSelector,
  FIELD(match_expressions, "matchExpressions", 1).omit())

ORRERY_STRUCT(ResourceQuotaSpec,
  FIELD(hard, "hard", 1).omit(),
  FIELD(scopes, "scopes", 2).omit(),
  FIELD(scope_selector, "scopeSelector", 3).omit().atomic())

ORRERY_STRUCT(ResourceQuotaStatus,
  FIELD(hard, "hard", 1).omit(),
  FIELD(used, "used", 2).omit())

ORRERY_STRUCT(ResourceQuota,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api
