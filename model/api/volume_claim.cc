#include "model/api/volume_claim.h"

namespace orrery::api {

ORRERY_STRUCT(PersistentVolumeClaimSpec,
  FIELD(access_modes, "accessModes", 1).omit(),
  FIELD(selector, "selector", 4).omit().atomic(),
  FIELD(resources, "resources", 2),
  FIELD(volume_name, "volumeName", 3).omit(),
  FIELD(storage_class_name, "storageClassName", 5).omit(),
  FIELD(volume_mode, "volumeMode", 6).omit().def("Filesystem"),
  FIELD(data_source, "dataSource", 7).omit().atomic(),
  FIELD(data_source_ref, "dataSourceRef", 8).omit(),
  FIELD(volume_attributes_class_name, "volumeAttributesClassName", 9).omit())

ORRERY_STRUCT(PersistentVolumeClaimTemplate,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2))

}  // namespace orrery::api

namespace orrery::base {
template class Box<api::PersistentVolumeClaimSpec, PartFacts>;
}  // namespace orrery::base
