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
  int choices = 0;      ///< results, and chosen nodes held to have the highest total
  int candidates = 0;   ///< preemption candidates compared
  int messages = 0;     ///< texts of failed attempts compared
  void add(const Comparison& other);
  std::vector<std::string> differences;  ///< "POD: NODE: expected ..., got ..."
};

/// What is wrong with a text that is no recording.
struct BadRecording {
  int line = 0;         ///< 0: the whole text
  std::string path;     ///< of the field, when there is one
  std::string what;
};

/// True for the first line of a recording: a JSON object with nodes and pods.
bool is_recording(std::string_view lines);

/// `lines`: JSON Lines. The first describes the cluster (nodes, pods, pdbs, services, namespaces); each other one a pending
/// pod with the outcome of its first attempt: result, chosen, feasible, single_feasible, filter, absent, scores, totals,
/// evaluatedNodes, feasibleNodes, message, candidates, nominated, victims, and what to change in the state afterwards
/// (deleted_victims, final, startTimeSetAfterBind). Later attempts (followup) depend on how far the removal of the victims
/// had come and are not compared.
base::Result<Comparison, BadRecording> replay(std::string_view lines);

}  // namespace orrery::scheduler::conform
