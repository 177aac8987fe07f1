// AttachedVolumes: the volumes that pods of this node use, and whether the node has them (pkg/kubelet/volumemanager).
#pragma once
#include <vector>

#include "model/base/sorted_map.h"
#include "model/base/function.h"
#include "nodes/kubelet/node_reporter.h"

namespace orrery::kubelet {

/// A volume that must be attached is mounted when the node's status tells that it is in use (which this kubelet reports, with
/// the next pass) and attached (which the attach/detach controller reports). It stays in use until its last pod has ended.
/// Upstream reads its Node again and again meanwhile; here the reporter's watch tells.
class AttachedVolumes {
 public:
  explicit AttachedVolumes(NodeReporter& reporter);
  /// What the pod needs is being looked up: until want() or release() the node's list is not shortened.
  void expect(const Str& uid);
  /// Takes the place of what the pod wanted before. `ready` runs when all are there, perhaps inside the call; at most once, and
  /// not after release().
  void want(const Str& uid, std::vector<Str> names, base::UniqueFunction<void()> ready);
  void release(const Str& uid);
  /// The pods of this node are known: volumes that none of them uses are in use no more.
  void settle();

 private:
  struct Use {
    std::vector<Str> names;
    base::UniqueFunction<void()> ready;
  };
  bool available(const std::vector<Str>& names) const;
  void node_changed();
  void tell();

  NodeReporter& reporter_;
  base::SortedMap<Str, Use> uses_;   // by uid of the pod
  base::SortedSet<Str> expected_;
  bool settled_ = false;
};

}  // namespace orrery::kubelet
