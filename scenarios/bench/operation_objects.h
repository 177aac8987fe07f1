// OperationObjects: the objects that the operations of a workload create, each of a name of its own: TEMPLATE-NUMBER.
#pragma once
#include "scenarios/bench/operations.h"

namespace orrery::scenarios::bench {

class OperationObjects {
 public:
  /// `alone`: nobody else touches the objects: they have a uid, and claims are bound to their volumes. Else both is left to a cluster.
  explicit OperationObjects(bool alone) : alone_(alone) {}

  /// As a kubelet would register it: with its own host name, and all of its capacity as allocatable. `index` within the operation.
  api::ObjectRef node(const Operation& op, std::int64_t index);
  /// The CSINode with the volume limits of the operation; null when it has none.
  api::ObjectRef csi_node(const Operation& op, const Str& node) const;
  api::ObjectRef name_space(const Operation& op, std::int64_t index);
  /// A copy with a name of its own; nodes as above.
  api::ObjectRef named(const api::ObjectRef& object, const Str& ns);
  struct PodObjects {
    api::ObjectRef volume, claim;      ///< null: the pod has none
    api::ObjectRef pod;
  };
  PodObjects pod(const Operation& op, const Str& ns);

 private:
  template <class T, class Change>
  api::ObjectRef made_of(const api::ObjectRef& object, const Str& ns, std::size_t number, Change change);

  bool alone_;
  std::size_t numbers_ = 0;
};

}  // namespace orrery::scenarios::bench
