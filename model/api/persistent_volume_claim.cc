#include "model/api/persistent_volume_claim.h"

namespace orrery::api {

ORRERY_STRUCT(PersistentVolumeClaimCondition,
  FIELD(type, "type", 1).required(),
  FIELD(status, "status", 2).required(),
  FIELD(last_probe_time, "lastProbeTime", 3),
  FIELD(last_transition_time, "lastTransitionTime", 4),
  FIELD(reason, "reason", 5).omit(),
  FIELD(message, "message", 6).omit())

ORRERY_STRUCT(ModifyVolumeStatus,
  FIELD(target_volume_attributes_class_name, "targetVolumeAttributesClassName", 1).omit(),
  FIELD(status, "status", 2).required())

ORRERY_STRUCT(PersistentVolumeClaimStatus,
  FIELD(phase, "phase", 1).omit(),
  FIELD(access_modes, "accessModes", 2).omit(),
  FIELD(capacity, "capacity", 3).omit(),
  FIELD(conditions, "conditions", 4).omit().merge("type").map_list("type"),
  FIELD(allocated_resources, "allocatedResources", 5).omit(),
  FIELD(allocated_resource_statuses, "allocatedResourceStatuses", 7).omit(),
  FIELD(current_volume_attributes_class_name, "currentVolumeAttributesClassName", 8).omit(),
  FIELD(modify_volume_status, "modifyVolumeStatus", 9).omit())

ORRERY_STRUCT(PersistentVolumeClaim,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<std::vector<api::PersistentVolumeClaim>>;
}  // namespace orrery::base
