#include "control/scheduler/plugins/csi_migration.h"

#include <algorithm>

#include "control/scheduler/framework/topology_keys.h"
#include "control/scheduler/plugins/volumes.h"
#include "model/base/sorted_map.h"

namespace orrery::scheduler {
namespace {

constexpr InTreePlugin kAws{"kubernetes.io/aws-ebs", "ebs.csi.aws.com", "topology.ebs.csi.aws.com/zone"};
constexpr InTreePlugin kGce{"kubernetes.io/gce-pd", "pd.csi.storage.gke.io", "topology.gke.io/zone"};
constexpr InTreePlugin kCinder{"kubernetes.io/cinder", "cinder.csi.openstack.org", "topology.cinder.csi.openstack.org/zone"};
constexpr InTreePlugin kAzureDisk{"kubernetes.io/azure-disk", "disk.csi.azure.com", ""};
constexpr InTreePlugin kVsphere{"kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com", ""};
constexpr InTreePlugin kPortworx{"kubernetes.io/portworx-volume", "pxd.portworx.com", ""};

MigratedVolume volume_of(const InTreePlugin& plugin, base::Str handle) { return {plugin, std::move(handle)}; }

constexpr std::string_view kAwsScheme = "aws://";

/// "vol-1" of "aws://ZONE/vol-1".
std::string_view ebs_path(std::string_view id) {
  id.remove_prefix(kAwsScheme.size());
  id.remove_prefix(std::min(id.find('/'), id.size()));
  id.remove_prefix(std::min(id.find_first_not_of('/'), id.size()));
  return id.substr(0, id.find_last_not_of('/') + 1);
}

/// What is no address names itself.
base::Str ebs_volume(const base::Str& id) { return id.view().starts_with(kAwsScheme) ? base::Str(ebs_path(id.view())) : id; }

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

using LabelTerms = std::vector<api::NodeSelectorTerm>;

/// Whether some term asks for this label, and for values of it.
struct Asked {
  bool at_all = false, for_values = false;
};
Asked asked(const LabelTerms& terms, std::string_view key) {
  Asked out;
  for (const api::NodeSelectorTerm& term : terms) {
    for (const api::NodeSelectorRequirement& r : term.match_expressions) {
      if (!(r.key == key)) continue;
      out.at_all = true;
      out.for_values |= !r.values.empty();
    }
  }
  return out;
}

void rename(LabelTerms& terms, std::string_view from, std::string_view to) {
  for (api::NodeSelectorTerm& term : terms) {
    for (api::NodeSelectorRequirement& r : term.match_expressions.edit()) {
      if (r.key == from) r.key = to;
    }
  }
}

/// The keys that the volume uses: in its affinity, or else on its labels.
const TopologyKeys& keys_of(const LabelTerms& terms, const api::Labels& labels) {
  if (asked(terms, kTopologyKeys.zone).at_all) return kTopologyKeys;
  if (asked(terms, kBetaTopologyKeys.zone).at_all) return kBetaTopologyKeys;
  return !labels.contains(kTopologyKeys.zone) && labels.contains(kBetaTopologyKeys.zone) ? kBetaTopologyKeys : kTopologyKeys;
}

void require_zones(LabelTerms& terms, std::string_view key, std::string_view label) {
  base::SortedSet<base::Str> zones;
  for (std::string_view zone : zones_of_label(label)) {
    zone.remove_prefix(std::min(zone.find_first_not_of(' '), zone.size()));
    zone = zone.substr(0, zone.find_last_not_of(' ') + 1);
    if (!zone.empty()) zones.insert(base::Str(zone));
  }
  if (zones.empty()) return;
  if (terms.empty()) terms.emplace_back();
  for (api::NodeSelectorTerm& term : terms) {
    term.match_expressions.push_back({base::Str(key), "In", std::vector<base::Str>(zones.begin(), zones.end())});
  }
}

base::Error untranslatable(std::string_view why) { return base::invalid(base::cat("could not translate pv: ", why)); }

/// Null: the volume's identity is one that the driver understands.
std::optional<base::Error> identity_error(const api::PersistentVolume& volume) {
  const api::PersistentVolumeSource& source = *volume.spec->source;
  if (source.aws_elastic_block_store) {
    const std::string_view id = source.aws_elastic_block_store->volume_id.view();
    if (!id.starts_with(kAwsScheme)) return std::nullopt;
    const std::string_view name = ebs_path(id);
    if (name.starts_with("vol-") && name.find('/') == name.npos) return std::nullopt;
    return untranslatable(base::cat("failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (", id, ")"));
  }
  if (!source.gce_persistent_disk) return std::nullopt;
  base::Str label = volume.metadata.labels.get(kBetaTopologyKeys.zone);
  if (label.empty()) label = volume.metadata.labels.get(kTopologyKeys.zone);
  const std::vector<std::string_view> zones = zones_of_label(label.view());
  if (zones.size() < 2) return std::nullopt;
  base::SortedSet<std::string> regions;
  for (const std::string_view zone : zones) {
    if (std::count(zone.begin(), zone.end(), '-') != 2) {
      return untranslatable(base::cat("failed to get region from zones: zone in unexpected format, expected: {locale}-{region}-{zone}, got: ", zone));
    }
    regions.emplace(zone.substr(0, zone.rfind('-')));
  }
  if (regions.size() == 1) return std::nullopt;
  std::string list;
  for (const std::string& region : regions) list += base::cat(list.empty() ? "" : " ", region, ":{}");
  return untranslatable(base::cat("failed to get region from zones: multiple or no regions gotten from zones, got: map[", list, "]"));
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

base::Result<api::Box<api::NodeSelector>> migrated_affinity(const api::PersistentVolume& volume, std::string_view zone_key) {
  if (std::optional<base::Error> error = identity_error(volume)) return *error;
  api::Box<api::NodeSelector> out = required_affinity(volume);
  if (zone_key.empty()) return out;
  LabelTerms terms;
  if (out) terms.assign(out->node_selector_terms.begin(), out->node_selector_terms.end());
  const TopologyKeys& keys = keys_of(terms, volume.metadata.labels);
  if (asked(terms, keys.zone).for_values) rename(terms, keys.zone, zone_key);
  else require_zones(terms, zone_key, volume.metadata.labels.get(keys.zone).view());
  if (asked(terms, kBetaTopologyKeys.region).for_values && &keys == &kBetaTopologyKeys) rename(terms, kBetaTopologyKeys.region, kTopologyKeys.region);
  if (out || !terms.empty()) out = api::NodeSelector{std::move(terms)};
  return out;
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
