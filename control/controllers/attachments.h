// What the attach/detach controller knows of volumes, and when it detaches; pure (pkg/controller/volume/attachdetach/reconciler).
#pragma once
#include <compare>
#include <vector>

#include "model/api/object.h"
#include "model/base/sorted_map.h"
#include "model/base/time.h"

namespace orrery::controllers {

using base::Str;

/// A volume, by its attachable name, on a node.
struct Attachment {
  Str volume, node;
  friend auto operator<=>(const Attachment&, const Attachment&) = default;
};

struct AttachmentState {
  bool reported = true;                          ///< in the node's status; not while it is being detached
  base::Instant detach_asked = base::kNever;     ///< since when no pod of the node wants it
};

/// A volume that pods want, and the pods by node.
struct DesiredVolume {
  Str name;                                      ///< of the PersistentVolume
  bool many = false;                             ///< may be attached to several nodes
  base::SortedMap<Str, std::vector<api::ObjectRef>> pods;
};
using DesiredVolumes = base::SortedMap<Str, DesiredVolume>;   // by attachable name

struct NodeView {
  bool healthy = false;                          ///< exists and is Ready
  bool out_of_service = false;                   ///< has the taint node.kubernetes.io/out-of-service
};

enum class Detach : std::uint8_t {
  kWait,      ///< still mounted
  kSafely,    ///< after a last look at the node
  kAtOnce,    ///< whatever the node says
};

/// About a volume that no pod of the node wants. One that is still mounted is left alone, unless its node is out of service or
/// has been unhealthy when `max_wait` was over.
Detach decide_detach(const AttachmentState& state, bool mounted, NodeView node, base::Instant now, base::Nanos max_wait);

/// "Multi-Attach error ..." for a pod in `ns` of volume `name`, which other nodes have: for `pods` there, or for none any more.
Str conflict_message(const Str& name, const Str& ns, const std::vector<api::ObjectRef>& pods);

}  // namespace orrery::controllers
