// VolumeReach: the nodes that a volume can be used on (component-helpers/storage/volume, CheckNodeAffinity): by its own node
// affinity, and by that of the CSI driver where it has taken the volume's plugin over.
#pragma once
#include <optional>
#include <string_view>

#include "control/scheduler/framework/node_affinity.h"
#include "control/scheduler/framework/plugin.h"
#include "model/api/persistent_volume.h"
#include "model/base/result.h"

namespace orrery::scheduler {

class VolumeReach {
 public:
  explicit VolumeReach(const api::PersistentVolume& volume);
  /// `lister` tells which plugins have moved on the node. Upstream's error where one has and the volume does not translate.
  base::Result<bool> includes(const api::Node& node, const Lister& lister) const;

 private:
  std::optional<NodeSelector> own_, migrated_;   // unset: every node
  std::string_view plugin_;                      // in-tree, where it matters whether it has moved; "" for others
  std::optional<base::Error> untranslatable_;
};

}  // namespace orrery::scheduler
