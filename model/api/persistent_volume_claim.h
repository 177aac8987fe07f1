// core/v1 PersistentVolumeClaim. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"
#include "model/api/volume_claim.h"

namespace orrery::api {

struct PersistentVolumeClaimCondition {
  Str type, status;
  Time last_probe_time, last_transition_time;
  Str reason, message;
};

struct ModifyVolumeStatus {
  Str target_volume_attributes_class_name, status;
};

struct PersistentVolumeClaimStatus {
  Str phase;
  List<Str> access_modes;
  ResourceList capacity;
  List<PersistentVolumeClaimCondition> conditions;
  ResourceList allocated_resources;
  Map<Str> allocated_resource_statuses;
  std::optional<Str> current_volume_attributes_class_name;
  Box<ModifyVolumeStatus> modify_volume_status;
};

struct PersistentVolumeClaim {
  ObjectMeta metadata;
  Cow<PersistentVolumeClaimSpec> spec;
  Cow<PersistentVolumeClaimStatus> status;
};

ORRERY_DECLARE_STRUCT(PersistentVolumeClaimCondition)
ORRERY_DECLARE_STRUCT(ModifyVolumeStatus)
ORRERY_DECLARE_STRUCT(PersistentVolumeClaimStatus)
ORRERY_DECLARE_KIND(PersistentVolumeClaim)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<std::vector<api::PersistentVolumeClaim>>;
}  // namespace orrery::base
