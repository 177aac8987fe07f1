// Explanation: one decision with its reasons: per node everything that filters have against it or every plugin's score, how
// ties stand, and what preemption would do. Nothing is changed by it.
#pragma once
#include "control/scheduler/cycle.h"
#include "control/scheduler/default_profile.h"

namespace orrery::scheduler {

struct PluginScore {
  std::string_view plugin;
  std::int64_t raw = 0, normalized = 0, weight = 0;
  std::int64_t weighted = 0;            ///< normalised times weight
};

struct ExplainedCandidate {
  Str node;
  std::vector<Str> victims;             ///< "namespace/name", most important first
  int pdb_violations = 0;
};

struct NodeVerdict {
  Str node;
  bool feasible = false;
  bool filtered = false;                ///< false: PreFilter rejected the pod or left the node out
  Status status;                        ///< why not: what the first filter says, or PreFilter
  std::vector<Objection> objections;    ///< of all filters, that of `status` first
  std::vector<PluginScore> scores;      ///< in the profile's order; empty when fewer than two nodes are feasible
  std::int64_t total = 0;
  Status no_preemption;                 ///< why removing pods of lower priority does not help here, when that was tried
};

/// "scheduled" and so on: what an attempt comes to.
enum class Outcome : std::uint8_t { kScheduled, kUnschedulable, kPreempting, kError };
const char* to_string(Outcome outcome);

struct Explanation {
  Outcome outcome = Outcome::kUnschedulable;
  std::vector<NodeVerdict> nodes;       ///< in the snapshot's order
  /// What PreFilter and PreScore plugins said, in their order: "success", "" of one that has nothing to do, else why not.
  std::vector<std::pair<std::string_view, std::string>> pre_filters, pre_scores;
  std::vector<std::string_view> filters;///< that looked at nodes, in their order
  Str chosen;                           ///< empty: none
  std::vector<Str> tied;                ///< all nodes with the total of the chosen one, itself among them, when there are others
  Status status;
  std::string message;                  ///< of the event, when none was chosen
  std::vector<ExplainedCandidate> candidates;
  Str nominated;                        ///< the candidate chosen by preemption

  const NodeVerdict* find(std::string_view node) const;
  const ExplainedCandidate* candidate(std::string_view node) const;
};

/// `framework` over `snapshot`. Nodes that the search did not reach (percentageOfNodesToScore) are neither feasible nor have
/// a status.
Explanation explain(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod,
                    CycleMemory memory);

}  // namespace orrery::scheduler
