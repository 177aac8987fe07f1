// NodeVolumeLimits: a node takes only so many volumes of a CSI driver, as its CSINode tells (plugins/nodevolumelimits). Counted are
// the volumes of its pods and those that a VolumeAttachment keeps there; in-tree volumes where the node has migrated their plugin.
#pragma once
#include <span>

#include "control/scheduler/framework/plugin.h"
#include "model/api/csi_node.h"
#include "model/api/persistent_volume_claim.h"
#include "model/api/volume_attachment.h"
#include "model/base/btree_map.h"

namespace orrery::scheduler {

class NodeVolumeLimits final : public Plugin, public PreFilterPlugin, public FilterPlugin {
 public:
  explicit NodeVolumeLimits(PluginContext context) : context_(context) {}
  std::string_view name() const override { return "NodeVolumeLimits"; }
  bool concerns(const PodInfo& pod) const override;
  Status pre_filter(CycleState& state, const PodInfo& pod, NodeNames& nodes) const override;
  Status filter(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::string shortfall(const CycleState& state, const PodInfo& pod, const NodeInfo& node) const override;
  std::vector<ClusterEvent> events() const override;
  QueueingHint hint(const PodInfo& pod, const ClusterChange& change) const override;

 private:
  /// One volume of a driver.
  struct Volume {
    Str driver, handle;            ///< together unique
    std::string_view plugin;       ///< in-tree: it counts where the node says that this plugin is migrated; else empty
    friend auto operator<=>(const Volume&, const Volume&) = default;
  };
  using Volumes = std::vector<Volume>;
  struct State;
  struct Load {
    Str driver;
    std::int64_t limit = 0, attached = 0, added = 0;
  };
  /// Of an incoming pod a claim that is not there is a failure; of one on a node it does not count.
  Status add_volumes(const PodInfo& pod, bool incoming, Volumes& out) const;
  void add_claim(const api::PersistentVolumeClaim& claim, Volumes& out) const;
  /// False when there is no such volume.
  bool add_volume(const Str& volume_name, Volumes& out) const;
  bool releases(const PodInfo& pod, const api::VolumeAttachmentSpec& gone) const;
  /// The volumes that VolumeAttachments name for a node.
  std::span<const Str> attachments(const Str& node) const;
  /// Of the drivers that the incoming pod adds volumes to and that have a limit; none when the node has room whatever its pods have.
  Status loads(const CycleState& state, const NodeInfo& node, std::vector<Load>& out) const;

  PluginContext context_;
  mutable std::int64_t attachments_version_ = -1;                     // of all VolumeAttachments,
  mutable base::BTreeMap<Str, std::vector<Str>> attachments_;         // the volumes' names by node
};

}  // namespace orrery::scheduler
