#include "model/api/persistent_volume.h"

namespace orrery::api {

ORRERY_STRUCT(VolumeNodeAffinity,
  FIELD(required, "required", 1).omit().atomic())

ORRERY_STRUCT(PersistentVolumeSpec,
  FIELD(capacity, "capacity", 1).omit(),
  FIELD(source, "", 2).inlined(),
  FIELD(access_modes, "accessModes", 3).omit(),
  FIELD(claim_ref, "claimRef", 4).omit(),
  FIELD(persistent_volume_reclaim_policy, "persistentVolumeReclaimPolicy", 5).omit().def("Retain"),
  FIELD(storage_class_name, "storageClassName", 6).omit(),
  FIELD(mount_options, "mountOptions", 7).omit(),
  FIELD(volume_mode, "volumeMode", 8).omit().def("Filesystem"),
  FIELD(node_affinity, "nodeAffinity", 9).omit(),
  FIELD(volume_attributes_class_name, "volumeAttributesClassName", 10).omit())

ORRERY_STRUCT(PersistentVolumeStatus,
  FIELD(phase, "phase", 1).omit(),
  FIELD(message, "message", 2).omit(),
  FIELD(reason, "reason", 3).omit(),
  FIELD(last_phase_transition_time, "lastPhaseTransitionTime", 4).omit())

ORRERY_STRUCT(PersistentVolume,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2),
  FIELD(status, "status", 3))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::PersistentVolumeSpec, PartFacts>;
}  // namespace orrery::base
