// CSI migration: in-tree volumes that count as volumes of the CSI driver that has taken their plugin over
// (k8s.io/csi-translation-lib: AWS EBS, GCE PD, Cinder, Azure Disk, vSphere, Portworx).
#pragma once
#include <optional>
#include <string_view>

#include "model/api/csi_node.h"
#include "model/api/persistent_volume.h"
#include "model/api/volume.h"
#include "model/base/result.h"
#include "model/base/str.h"

namespace orrery::scheduler {

/// An in-tree plugin, the driver that has taken it over and that driver's topology key for zones ("" where the driver's volumes keep
/// the plugin's topology), all literals; empty for none.
struct InTreePlugin {
  std::string_view name, driver, zone_key;
};

struct MigratedVolume {
  InTreePlugin plugin;
  base::Str handle;   ///< one for each volume of the driver
};

/// Nullopt: no volume of an in-tree plugin that has a driver.
std::optional<MigratedVolume> migrated(const api::VolumeSource& source);
std::optional<MigratedVolume> migrated(const api::PersistentVolumeSource& source);
/// The node says that a CSI driver has taken over this in-tree plugin there.
bool migrated_on(const api::CSINode& node, std::string_view plugin);
/// By its name, which is what its classes have for their provisioner.
InTreePlugin in_tree_plugin(std::string_view provisioner);
/// What a volume of an in-tree plugin asks of its node where the driver has taken over: zones, of its node affinity or else of its
/// labels, under InTreePlugin::zone_key, and the region under today's label (translateTopologyFromInTreeToCSI). Null: nothing. Upstream's
/// error for a volume that does not translate.
base::Result<api::Box<api::NodeSelector>> migrated_affinity(const api::PersistentVolume& volume, std::string_view zone_key);

}  // namespace orrery::scheduler
