#include "control/scheduler/explain.h"

namespace orrery::scheduler {
namespace {

void add_candidates(const Framework& framework, const CycleState& state, const PodInfo& pod, const CycleResult& result,
                    CycleMemory& memory, Explanation& out) {
  const auto* preemption = dynamic_cast<const DefaultPreemption*>(framework.find("DefaultPreemption"));
  if (!preemption || !result.post_filter.nominated_node || result.post_filter.nominated_node->empty()) return;
  out.nominated = *result.post_filter.nominated_node;
  for (const PreemptionCandidate& c : preemption->candidates(state, pod, result.diagnosis, memory.preemption, nullptr)) {
    ExplainedCandidate& e = out.candidates.emplace_back();
    e.node = c.node->name();
    e.pdb_violations = c.pdb_violations;
    for (const PodInfoRef& v : c.victims) e.victims.push_back(api::key_of(v->meta()));
  }
}

}  // namespace

Explanation explain(const Framework& framework, const Snapshot& snapshot, const Nominated& nominated, const PodInfo& pod,
                    CycleMemory memory) {
  Explanation out;
  CycleState state;
  CycleDetail detail;
  const CycleResult result = schedule_pod(framework, snapshot, nominated, pod, memory, state, &detail);
  for (const NodeInfo* node : snapshot.nodes()) out.nodes.push_back({node->name(), false, {}, {}, 0});
  if (!result.node && detail.feasible.empty()) {
    for (NodeVerdict& v : out.nodes) v.status = result.diagnosis.absent;
  }
  for (const Diagnosis::Rejection& r : result.diagnosis.nodes) out.nodes[r.node->index()].status = r.status;
  for (std::size_t i = 0; i < detail.feasible.size(); ++i) {
    NodeVerdict& v = out.nodes[detail.feasible[i]->index()];
    v.feasible = true;
    for (const ScoredPlugin& p : detail.plugins) v.scores.push_back({p.plugin->name(), p.weighted[i]});
    if (!detail.totals.empty()) v.total = detail.totals[i];
  }
  if (result.node) out.chosen = result.node->name();
  out.status = result.status;
  out.message = result.message;
  add_candidates(framework, state, pod, result, memory, out);
  return out;
}

}  // namespace orrery::scheduler
