// explain: one decision with its reasons: per node the first failing plugin or every plugin's score, and what preemption
// would do. Nothing is changed by it.
#pragma once
#include "control/scheduler/cycle.h"
#include "control/scheduler/default_profile.h"

namespace orrery::scheduler {

struct PluginScore {
  std::string_view plugin;
  std::int64_t weighted = 0;       ///< normalised times weight
};

struct NodeVerdict {
  Str node;
  bool feasible = false;
  Status status;                   ///< why not
  std::vector<PluginScore> scores; ///< in the profile's order; empty when fewer than two nodes are feasible
  std::int64_t total = 0;
};

struct ExplainedCandidate {
  Str node;
  std::vector<Str> victims;        ///< "namespace/name", most important first
  int pdb_violations = 0;
};

struct Explanation {
  std::vector<NodeVerdict> nodes;  ///< in the snapshot's order
  Str chosen;                      ///< empty: none
  Status status;
  std::string message;             ///< of the event, when none was chosen
  std::vector<ExplainedCandidate> candidates;
  Str nominated;                   ///< the candidate chosen by preemption
};

/// `framework` over `snapshot`. Nodes that the search did not reach (percentageOfNodesToScore) are neither feasible nor have
/// a status.
Explanation explain(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod,
                    CycleMemory memory);

}  // namespace orrery::scheduler
