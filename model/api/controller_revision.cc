#include "model/api/controller_revision.h"

namespace orrery::api {

ORRERY_STRUCT(ControllerRevision,
  FIELD(metadata, "metadata", 1),
  FIELD(data, "data", 2),
  FIELD(revision, "revision", 3))

}  // namespace orrery::api
