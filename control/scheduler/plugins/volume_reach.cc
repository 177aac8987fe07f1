#include "control/scheduler/plugins/volume_reach.h"

#include "control/scheduler/plugins/csi_migration.h"
#include "control/scheduler/plugins/volumes.h"
#include "model/api/csi_node.h"

namespace orrery::scheduler {

VolumeReach::VolumeReach(const api::PersistentVolume& volume) {
  if (const auto own = required_affinity(volume)) own_.emplace(*own);
  const std::optional<MigratedVolume> in_tree = migrated(*volume.spec->source);
  if (!in_tree) return;
  const auto translated = migrated_affinity(volume, in_tree->plugin.zone_key);
  if (!translated) untranslatable_ = translated.error();
  else if (*translated) migrated_.emplace(**translated);
  const bool everywhere = !own_ && !migrated_ && !untranslatable_;
  if (!everywhere) plugin_ = in_tree->plugin.name;
}

base::Result<bool> VolumeReach::includes(const api::Node& node, const Lister& lister) const {
  const std::optional<NodeSelector>* selector = &own_;
  if (!plugin_.empty()) {
    const api::Handle<api::CSINode> drivers(lister.get(api::KindId::kCSINode, {}, node.metadata.name));
    if (drivers && migrated_on(*drivers, plugin_)) {
      if (untranslatable_) return *untranslatable_;
      selector = &migrated_;
    }
  }
  return !*selector || (*selector)->matches(node);
}

}  // namespace orrery::scheduler
