// RolloutOrder: the recorded order in which the rolling updates of DaemonSets went through the nodes.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/base/random.h"
#include "scenarios/conform/track.h"

namespace orrery::scenarios::conform {

/// Upstream goes through a Go map. Nodes come in the order in which the recorded counterparts of the pods that are there now
/// were deleted; the n-th pod of a DaemonSet on a node is the counterpart of the n-th recorded one. Where nothing of the set
/// was recorded, the order is drawn.
class RolloutOrder {
 public:
  RolloutOrder(const std::vector<Track>& recorded, base::RandomStream chance);
  /// The simulation made a pod of this group (group_of).
  void made(const std::string& group) { ++made_[group]; }
  /// `group`: of a pod of the set, without its node: "pods/ns/agent-*@".
  void sort(const std::string& group, std::vector<base::Str>& nodes);

 private:
  std::map<std::string, std::vector<Nanos>> leave_;  // by group, then in the order of creation
  std::map<std::string, std::size_t> made_;
  base::RandomStream chance_;
};

}  // namespace orrery::scenarios::conform
