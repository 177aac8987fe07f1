#include "model/api/priority_class.h"

namespace orrery::api {

ORRERY_STRUCT(PriorityClass,
  FIELD(metadata, "metadata", 1),
  FIELD(value, "value", 2).immutable(),
  FIELD(global_default, "globalDefault", 3).omit(),
  FIELD(description, "description", 4).omit(),
  FIELD(preemption_policy, "preemptionPolicy", 5).omit().immutable().def("PreemptLowerPriority")
      .values("PreemptLowerPriority,Never"))

}  // namespace orrery::api
