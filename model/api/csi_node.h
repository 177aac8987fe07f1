// storage.k8s.io/v1 CSINode: the CSI drivers on a node, as its kubelet tells. Source: k8s.io/api/storage/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

/// Annotation of a CSINode: in-tree plugins that CSI drivers have taken over on the node, commas between.
inline constexpr std::string_view kMigratedPlugins = "storage.alpha.kubernetes.io/migrated-plugins";

struct VolumeNodeResources {
  std::optional<std::int32_t> count;  ///< how many of the driver's volumes the node takes; absent: any number
};

struct CSINodeDriver {
  Str name, node_id;
  List<Str> topology_keys;
  Box<VolumeNodeResources> allocatable;
};

struct CSINodeSpec {
  List<CSINodeDriver> drivers;
};

/// A driver that takes so many volumes on a node, by whose name it knows it.
CSINodeDriver limited_driver(Str name, Str node, std::int32_t count);

/// Named as its node.
struct CSINode {
  ObjectMeta metadata;
  Cow<CSINodeSpec> spec;
};

ORRERY_DECLARE_STRUCT(VolumeNodeResources)
ORRERY_DECLARE_STRUCT(CSINodeDriver)
ORRERY_DECLARE_STRUCT(CSINodeSpec)
ORRERY_DECLARE_KIND(CSINode)

}  // namespace orrery::api
