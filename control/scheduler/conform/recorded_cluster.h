// Replays what a real kube-scheduler decided for the pods of a recorded cluster and compares every verdict and score.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"

namespace orrery::scheduler::conform {

struct Comparison {
  int pods = 0;         ///< attempts compared
  int verdicts = 0;     ///< nodes whose feasibility, first failing plugin and reasons were compared
  int scores = 0;       ///< weighted scores and totals compared
  int candidates = 0;   ///< preemption candidates compared
  int messages = 0;     ///< texts of failed attempts compared
  std::vector<std::string> differences;  ///< "POD: NODE: expected ..., got ..."
};

/// `lines`: JSON Lines. The first describes the cluster (nodes, pods, pdbs, services, namespaces); each other one a pending
/// pod with the outcome of its first attempt: result, chosen, scores, totals, feasible, filter, message, candidates,
/// nominated, and what to change in the state afterwards (deleted_victims, final). Fails when the text is no such recording.
base::Result<Comparison> replay(std::string_view lines);

}  // namespace orrery::scheduler::conform
