#include "control/scheduler/plugins/csi_migration.h"

namespace orrery::scheduler {
namespace {

constexpr InTreePlugin kAws{"kubernetes.io/aws-ebs", "ebs.csi.aws.com"};
constexpr InTreePlugin kGce{"kubernetes.io/gce-pd", "pd.csi.storage.gke.io"};
constexpr InTreePlugin kCinder{"kubernetes.io/cinder", "cinder.csi.openstack.org"};
constexpr InTreePlugin kAzureDisk{"kubernetes.io/azure-disk", "disk.csi.azure.com"};
constexpr InTreePlugin kVsphere{"kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"};
constexpr InTreePlugin kPortworx{"kubernetes.io/portworx-volume", "pxd.portworx.com"};

MigratedVolume volume_of(const InTreePlugin& plugin, base::Str handle) { return {plugin.name, plugin.driver, std::move(handle)}; }

/// "aws://ZONE/vol-1" names the volume vol-1; anything else names itself.
base::Str ebs_volume(const base::Str& id) {
  const std::string_view text = id.view();
  return text.starts_with("aws://") ? base::Str(text.substr(text.rfind('/') + 1)) : id;
}

template <class Source>
std::optional<MigratedVolume> migrated_source(const Source& s) {
  if (s.aws_elastic_block_store) return volume_of(kAws, ebs_volume(s.aws_elastic_block_store->volume_id));
  if (s.gce_persistent_disk) return volume_of(kGce, s.gce_persistent_disk->pd_name);
  if (s.cinder) return volume_of(kCinder, s.cinder->volume_id);
  if (s.azure_disk) return volume_of(kAzureDisk, s.azure_disk->disk_uri);
  if (s.vsphere_volume) return volume_of(kVsphere, s.vsphere_volume->volume_path);
  if (s.portworx_volume) return volume_of(kPortworx, s.portworx_volume->volume_id);
  return std::nullopt;
}

}  // namespace

std::optional<MigratedVolume> migrated(const api::VolumeSource& source) { return migrated_source(source); }
std::optional<MigratedVolume> migrated(const api::PersistentVolumeSource& source) { return migrated_source(source); }

InTreePlugin in_tree_plugin(std::string_view provisioner) {
  for (const InTreePlugin& p : {kAws, kGce, kCinder, kAzureDisk, kVsphere, kPortworx}) {
    if (p.name == provisioner) return p;
  }
  return {};
}

bool migrated_on(const api::CSINode& node, std::string_view plugin) {
  const base::Str* const all = node.metadata.annotations.find(api::kMigratedPlugins);
  std::string_view rest = all ? all->view() : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    if (rest.substr(0, end) == plugin) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

}  // namespace orrery::scheduler
