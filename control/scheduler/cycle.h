// The scheduling cycle: one pod, one snapshot, one decision. A pure function of its arguments
// (pkg/scheduler/schedule_one.go, with parallelism 1).
#pragma once
#include <string>
#include <vector>

#include "control/scheduler/framework/framework.h"
#include "control/scheduler/pod_class.h"
#include "control/scheduler/tie_break.h"

namespace orrery::scheduler {

/// What changes from cycle to cycle besides the cluster: where the next search starts, and the stream of tie-breaks.
struct CycleMemory {
  std::size_t next_start = 0;
  base::RandomStream ties, preemption;
  TieBreak tie_break;                    ///< unset: always the draw
  bool first_of_best = false;            ///< the best node that was found first, instead of the draw
};

/// Everything a decision was based on; filled only on request.
struct CycleDetail {
  std::vector<const NodeInfo*> feasible;
  std::vector<std::int64_t> totals;      ///< per feasible node; empty when there were fewer than two
  std::vector<ScoredPlugin> plugins;
};

struct CycleResult {
  const NodeInfo* node = nullptr;        ///< null: see status
  Status status;                         ///< kUnschedulable: no node fits; kError
  std::string message;                   ///< of the condition and the event when there is no node
  Diagnosis diagnosis;
  PostFilterResult post_filter;          ///< what preemption proposes
  bool tried_preemption = false;
  std::size_t dry_runs = 0;              ///< nodes that preemption tried
  std::size_t evaluated = 0;             ///< nodes filtered
  std::size_t feasible = 0;              ///< nodes found; scored when there are at least two
};

/// How many feasible nodes are enough among `nodes` (numFeasibleNodesToFind). `percentage` 0: adaptive.
std::size_t feasible_nodes_wanted(std::size_t nodes, int percentage);

/// Filters from next_start on until enough nodes fit, scores them, and draws among the best once. When none fits, runs
/// PostFilter. `state` serves Reserve to PostBind afterwards.
/// With `classes` (of this framework and snapshot; then `pod` is held by a Ref) what earlier cycles have found out about such
/// pods is used where that is possible; the decision, the draws and the counts of the result are the same. Only the
/// rejections of a cycle that finds a node are left out of its diagnosis, and `state` lacks what no plugin asked to keep.
CycleResult schedule_pod(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod,
                         CycleMemory& memory, CycleState& state, CycleDetail* detail = nullptr, PodClasses* classes = nullptr);

}  // namespace orrery::scheduler
