// What a claim asks for; shared by claims and the templates of claims. Source: k8s.io/api/core/v1/types.go.
#pragma once
#include "model/api/meta.h"
#include "model/api/reference.h"
#include "model/api/resources.h"

namespace orrery::api {

struct PersistentVolumeClaimSpec {
  List<Str> access_modes;
  Box<LabelSelector> selector;
  VolumeResourceRequirements resources;
  Str volume_name;
  std::optional<Str> storage_class_name, volume_mode;
  Box<TypedLocalObjectReference> data_source;
  Box<TypedObjectReference> data_source_ref;
  std::optional<Str> volume_attributes_class_name;
};

struct PersistentVolumeClaimTemplate {
  ObjectMeta metadata;
  PersistentVolumeClaimSpec spec;
};

ORRERY_DECLARE_STRUCT(PersistentVolumeClaimSpec)
ORRERY_DECLARE_STRUCT(PersistentVolumeClaimTemplate)

}  // namespace orrery::api

namespace orrery::base {
extern template class Box<api::PersistentVolumeClaimSpec, PartFacts>;
}  // namespace orrery::base
