#include "model/api/pod_template.h"

namespace orrery::api {

ORRERY_STRUCT(PodTemplateSpec,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2))

}  // namespace orrery::api
