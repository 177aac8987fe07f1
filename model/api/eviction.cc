#include "model/api/eviction.h"

namespace orrery::api {

ORRERY_STRUCT(Preconditions,
  FIELD(uid, "uid", 1).omit(),
  FIELD(resource_version, "resourceVersion", 2).omit())

ORRERY_STRUCT(DeleteOptions,
  FIELD(kind, "kind", 0).omit().no_proto(),
  FIELD(api_version, "apiVersion", 0).omit().no_proto(),
  FIELD(grace_period_seconds, "gracePeriodSeconds", 1).omit(),
  FIELD(preconditions, "preconditions", 2).omit(),
  FIELD(orphan_dependents, "orphanDependents", 3).omit(),
  FIELD(propagation_policy, "propagationPolicy", 4).omit(),
  FIELD(dry_run, "dryRun", 5).omit(),
  FIELD(ignore_store_read_error_with_cluster_breaking_potential, "ignoreStoreReadErrorWithClusterBreakingPotential", 6)
      .omit())

ORRERY_STRUCT(Eviction,
  FIELD(metadata, "metadata", 1),
  FIELD(delete_options, "deleteOptions", 2).omit())

}  // namespace orrery::api
