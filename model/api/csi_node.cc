#include "model/api/csi_node.h"

namespace orrery::api {

ORRERY_STRUCT(VolumeNodeResources,
  FIELD(count, "count", 1).omit())

ORRERY_STRUCT(CSINodeDriver,
  FIELD(name, "name", 1).required(),
  FIELD(node_id, "nodeID", 2),
  FIELD(topology_keys, "topologyKeys", 3),
  FIELD(allocatable, "allocatable", 4).omit())

ORRERY_STRUCT(CSINodeSpec,
  FIELD(drivers, "drivers", 1).map_list("name").merge("name"))

CSINodeDriver limited_driver(Str name, Str node, std::int32_t count) {
  CSINodeDriver d;
  d.name = std::move(name);
  d.node_id = std::move(node);
  d.allocatable = VolumeNodeResources{count};
  return d;
}

ORRERY_STRUCT(CSINode,
  FIELD(metadata, "metadata", 1),
  FIELD(spec, "spec", 2))

}  // namespace orrery::api
