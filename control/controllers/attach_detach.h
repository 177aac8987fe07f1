// The attach/detach controller (pkg/controller/volume/attachdetach), with a simulated attacher.
#pragma once
#include "control/controllers/attachments.h"
#include "control/controllers/controller.h"
#include "model/base/sorted_map.h"

namespace orrery::controllers {

/// Attaches the volumes of pods to the pods' nodes, detaches what no pod of a node uses, and reports both in the nodes' status
/// (volumesAttached), on which kubelets wait. Looks at everything, every 100 ms in which something changed. It stands for the
/// external attacher of every CSI driver, too: an operation takes `attach_delay`, whether or not the node answers, and there
/// are no VolumeAttachment objects. A leader that begins knows the attachments of nodes from their status; those of a Node
/// object that is gone are known to the one that saw it only.
class AttachDetachController final : public QueueController {
 public:
  explicit AttachDetachController(ControllerContext context);
  void stop() override;

 private:
  env::Task<SyncResult> sync(Str key) override;
  void pod_changed(const ObjectRef& old, const ObjectRef& now);
  void node_changed(const ObjectRef& old, const ObjectRef& now);
  /// Has everything looked at in the next pass.
  void look();
  void adopt_reported();
  DesiredVolumes desired() const;
  void detach_unwanted(const DesiredVolumes& wanted);
  void attach_wanted(const DesiredVolumes& wanted);
  void attach_to(const Str& name, const DesiredVolume& volume, const Str& node);
  void tell_conflict(const DesiredVolume& volume, const Str& node, const std::vector<Str>& others);
  bool mounted(const Attachment& a) const;
  NodeView view(const Str& node) const;
  env::Task<> attach(Attachment what, DesiredVolume volume);
  env::Task<> detach(Attachment what, bool verify);
  env::Task<> report_again(Str node);
  env::Task<bool> report(Str node);
  env::Task<bool> is_safe(Attachment what);

  client::Informer& pods_;
  client::Informer& nodes_;
  client::Informer& claims_;
  client::Informer& volumes_;
  base::Instant started_;
  bool adopted_ = false;
  base::SortedMap<Str, ObjectRef> users_;                 ///< pods with claims on a node, not stopped, by key
  base::SortedMap<Str, std::vector<Str>> in_use_;         ///< by node, as its kubelet last told
  base::SortedMap<Attachment, AttachmentState> attached_;
  base::SortedSet<Attachment> busy_;                      ///< being attached or detached
  base::SortedSet<Attachment> told_;                      ///< whose pods know that another node has the volume
  base::SortedSet<Str> unreported_;                       ///< nodes whose status could not be written
  env::TaskScope operations_;
};

}  // namespace orrery::controllers
