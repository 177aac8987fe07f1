// An explanation as people and scripts read it.
#pragma once
#include <string>

#include "control/scheduler/explain/explanation.h"
#include "model/codec/json_value.h"

namespace orrery::scheduler {

/// Whose explanation it is.
struct ExplainedPod {
  PodInfoRef pod;
  Str scheduler_name;
  Str bound_to;            ///< the node that it is really on; the explanation takes it away from there
  std::string gated;       ///< why the pod is not tried at all; empty: it is
  std::string tie_break;   ///< how one of the tied nodes was taken ("drawn"); empty: none was taken, as nothing ran
  Str settled_on;          ///< the node that a round over all pods had settled before; empty: there was no such round
};

/// One object. `tieBreak` tells how one of the tied was or would be taken; `settledOn` is a node chosen beforehand by a round
/// over all pods. Top-level maps as recordings of a real scheduler have them (result, chosen, feasible, filter, scores, totals,
/// message, nominated, victims, candidates), and a list `nodes` with everything about each node. The result of a gated pod is
/// "gated", all else what would come of it if it was tried. Of each node:
/// name, feasible; for a rejected one plugin (the first that rejects it), code, reasons, shortfall, alsoRejectedBy; for a
/// scored one scores (plugin -> raw, normalized, weight, weighted) and total; preemption where it was tried.
codec::JsonValue to_json(const ExplainedPod& pod, const Explanation& explanation);

/// The annotations of kube-scheduler-simulator, by key; values are JSON texts except the selected node's. What only happens
/// after a decision (reserve, permit, bind) has not happened and is empty.
codec::JsonValue to_annotations(const Explanation& explanation);

/// A table of the nodes, the choice, and what would have had to differ. Ends with a line end.
std::string to_text(const ExplainedPod& pod, const Explanation& explanation);

}  // namespace orrery::scheduler
