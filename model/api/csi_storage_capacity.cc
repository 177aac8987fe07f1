#include "model/api/csi_storage_capacity.h"

namespace orrery::api {

ORRERY_STRUCT(CSIStorageCapacity,
  FIELD(metadata, "metadata", 1),
  FIELD(node_topology, "nodeTopology", 2).omit(),
  FIELD(storage_class_name, "storageClassName", 3).required(),
  FIELD(capacity, "capacity", 4).omit(),
  FIELD(maximum_volume_size, "maximumVolumeSize", 5).omit())

}  // namespace orrery::api
