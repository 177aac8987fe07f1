#include "model/api/storage_class.h"

namespace orrery::api {

ORRERY_STRUCT(TopologySelectorLabelRequirement,
  FIELD(key, "key", 1).required(),
  FIELD(values, "values", 2).required())

ORRERY_STRUCT(TopologySelectorTerm,
  FIELD(match_label_expressions, "matchLabelExpressions", 1).omit())

ORRERY_STRUCT(StorageClass,
  FIELD(metadata, "metadata", 1),
  FIELD(provisioner, "provisioner", 2).required(),
  FIELD(parameters, "parameters", 3).omit(),
  FIELD(reclaim_policy, "reclaimPolicy", 4).omit().def("Delete"),
  FIELD(mount_options, "mountOptions", 5).omit(),
  FIELD(allow_volume_expansion, "allowVolumeExpansion", 6).omit(),
  FIELD(volume_binding_mode, "volumeBindingMode", 7).omit().def("Immediate"),
  FIELD(allowed_topologies, "allowedTopologies", 8).omit())

}  // namespace orrery::api
