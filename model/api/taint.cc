#include "model/api/taint.h"

namespace orrery::api {

ORRERY_STRUCT(Taint,
  FIELD(key, "key", 1).required(),
  FIELD(value, "value", 2).omit(),
  FIELD(effect, "effect", 3).required().values("NoSchedule,PreferNoSchedule,NoExecute"),
  FIELD(time_added, "timeAdded", 4).omit())

ORRERY_STRUCT(Toleration,
  FIELD(key, "key", 1).omit(),
  FIELD(operator_, "operator", 2).omit().values("Equal,Exists"),
  FIELD(value, "value", 3).omit(),
  FIELD(effect, "effect", 4).omit().values("NoSchedule,PreferNoSchedule,NoExecute"),
  FIELD(toleration_seconds, "tolerationSeconds", 5).omit())

}  // namespace orrery::api
