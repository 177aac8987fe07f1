// storage.k8s.io/v1 CSIStorageCapacity: what a storage class can still provision for nodes of a topology (KEP-1472). Source:
// k8s.io/api/storage/v1/types.go.
#pragma once
#include "model/api/kind.h"
#include "model/api/meta.h"

namespace orrery::api {

struct CSIStorageCapacity {
  ObjectMeta metadata;
  Box<LabelSelector> node_topology;   ///< absent: no node; empty: all
  Str storage_class_name;
  std::optional<Quantity> capacity, maximum_volume_size;
};

ORRERY_DECLARE_KIND(CSIStorageCapacity)

}  // namespace orrery::api
