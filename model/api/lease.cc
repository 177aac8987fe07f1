#include "model/api/lease.h"

namespace orrery::api {

ORRERY_STRUCT(LeaseSpec,
  FIELD(holder_identity, "holderIdentity", 1).omit(),
  FIELD(lease_duration_seconds, "leaseDurationSeconds", 2).omit(),
  FIELD(acquire_time, "acquireTime", 3).omit(),
  FIELD(renew_time, "renewTime", 4).omit(),
  FIELD(lease_transitions, "leaseTransitions", 5).omit())

ORRERY_STRUCT(Lease,
  FIELD(metadata, "metadata", 1).omit(),
  FIELD(spec, "spec", 2).omit())

}  // namespace orrery::api
