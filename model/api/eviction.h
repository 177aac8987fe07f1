// policy/v1 Eviction and metav1 DeleteOptions. Source: k8s.io/api/policy/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct Preconditions {
  std::optional<Str> uid, resource_version;
};

struct DeleteOptions {
  Str kind, api_version;
  std::optional<std::int64_t> grace_period_seconds;
  Box<Preconditions> preconditions;
  std::optional<bool> orphan_dependents;
  std::optional<Str> propagation_policy;
  List<Str> dry_run;
  std::optional<bool> ignore_store_read_error_with_cluster_breaking_potential;
};

struct Eviction {
  ObjectMeta metadata;
  Box<DeleteOptions> delete_options;
};

ORRERY_DECLARE_STRUCT(Preconditions)
ORRERY_DECLARE_STRUCT(DeleteOptions)
ORRERY_DECLARE_KIND(Eviction)

}  // namespace orrery::api
