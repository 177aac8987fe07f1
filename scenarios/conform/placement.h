// Placement: which of several equally good nodes the recorded scheduler drew for a pod.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/scheduler/tie_break.h"
#include "scenarios/conform/track.h"

namespace orrery::scenarios::conform {

/// Pods of a group count as one after the other: the n-th simulated pod to be placed takes the n-th recorded
/// place, or the first later one that is among the best nodes.
class Placement {
 public:
  /// `field` names the node: "spec.nodeName" or "status.nominatedNodeName".
  Placement(const std::vector<Track>& recorded, const std::string& field);
  /// Index into `feasible`, or none when no recorded place left is among the best (less than `slack` below
  /// the highest).
  std::optional<std::size_t> choose(const std::string& group,
                                    const std::vector<scheduler::ScoredNode>& feasible, std::int64_t slack);

 private:
  std::map<std::string, std::vector<std::string>> left_;  // by group, in order of binding
};

/// When the recorded scheduler found a node for the pods of each group.
class BindingTimes {
 public:
  explicit BindingTimes(const std::vector<Track>& recorded);
  /// A simulated pod of the group has its node.
  void bound(const std::string& group);
  /// Index of the group whose next recorded binding comes first, of those within a second of `now`; none when there is none.
  /// Empty names are no groups.
  std::optional<std::size_t> next(const std::vector<std::string>& groups, Nanos now) const;

 private:
  std::map<std::string, std::vector<Nanos>> left_;  // by group, in order
};

/// The simulated pod that stands for a recorded one in an action: of the same group, alive, and most like it.
std::string counterpart(const std::vector<Track>& recorded, const std::vector<Track>& simulated,
                        const std::string& resource, const std::string& ns, const std::string& name,
                        Nanos now, std::map<std::string, std::string>& known);

}  // namespace orrery::scenarios::conform
