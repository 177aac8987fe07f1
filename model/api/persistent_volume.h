// core/v1 PersistentVolume. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/node_selector.h"
#include "model/api/persistent_volume_source.h"
#include "model/api/resources.h"

namespace orrery::api {

struct VolumeNodeAffinity {
  Box<NodeSelector> required;
};

struct PersistentVolumeSpec {
  ResourceList capacity;
  Cow<PersistentVolumeSource> source;
  List<Str> access_modes;
  Box<ObjectReference> claim_ref;
  Str persistent_volume_reclaim_policy, storage_class_name;
  List<Str> mount_options;
  std::optional<Str> volume_mode;
  Box<VolumeNodeAffinity> node_affinity;
  std::optional<Str> volume_attributes_class_name;
};

struct PersistentVolumeStatus {
  Str phase, message, reason;
  Time last_phase_transition_time;
};

struct PersistentVolume {
  ObjectMeta metadata;
  Cow<PersistentVolumeSpec> spec;
  Cow<PersistentVolumeStatus> status;
};

ORRERY_DECLARE_STRUCT(VolumeNodeAffinity)
ORRERY_DECLARE_STRUCT(PersistentVolumeSpec)
ORRERY_DECLARE_STRUCT(PersistentVolumeStatus)
ORRERY_DECLARE_KIND(PersistentVolume)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::PersistentVolumeSpec, PartFacts>;
}  // namespace orrery::base
