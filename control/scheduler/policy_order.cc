// Policies that look at more than one pod: whose turn it is, and all that wait at once.
#include "control/scheduler/cost.h"
#include "control/scheduler/explain/decision_watcher.h"
#include "control/scheduler/scheduler_impl.h"

namespace orrery::scheduler {

QueuedPodRef Scheduler::Impl::next_pod() {
  TenantTurns* const turns = profiles_[0].turns.get();
  if (!turns) return queue_->pop(now());
  return queue_->pop_chosen(now(), [turns](const std::vector<const PodInfo*>& ready) { return turns->next(ready); });
}

/// All that are ready get their nodes by one flow; who gets none is tried alone, which tells why. The flow's own work comes before the
/// first of them, then they are bound one after another.
void Scheduler::Impl::attempt_together(const ProfileRun& profile) {
  std::vector<AttemptRef> round;
  while (const QueuedPodRef pod = queue_->pop(now())) {
    if (skip(*pod)) queue_->done(pod->pod->meta().uid);
    else round.push_back(begin(pod));
  }
  if (round.empty()) return;
  const std::uint64_t asked = profile.flow->nodes_asked(), scanned = profile.flow->arcs_scanned();
  while (place_by_flow(profile, round)) {
  }
  base::Nanos share = static_cast<base::Nanos>(profile.flow->nodes_asked() - asked) * (kFilterNodeCpu + kScoreNodeCpu) / parallelism_;
  base::Nanos serial = static_cast<base::Nanos>(profile.flow->arcs_scanned() - scanned) * kArcCpu;
  for (AttemptRef& attempt : round) {
    if (!attempt->result.node) {
      decide(*attempt);
      share += thread_cpu(attempt->result, parallelism_);
    }
    thoughts_.push_back({std::move(attempt), kAttemptCpu + std::exchange(serial, 0), std::exchange(share, 0)});
  }
}

/// True when some pods were placed and others refused, as pods of different classes may have been sent to one node.
bool Scheduler::Impl::place_by_flow(const ProfileRun& profile, std::vector<AttemptRef>& round) {
  std::vector<FlowPod> pods;
  std::vector<Attempt*> waiting;
  for (const AttemptRef& attempt : round) {
    if (attempt->result.node) continue;
    pods.push_back({attempt->pod->pod, now() - attempt->pod->initial_attempt});
    waiting.push_back(attempt.get());
  }
  if (pods.empty()) return false;
  bool any = false, refused = false;
  for (const FlowChoice& choice : profile.flow->solve(pods)) {
    (try_node(*waiting[choice.pod], *cache_.snapshot().nodes()[choice.node]) ? any : refused) = true;
  }
  return any && refused;
}

bool Scheduler::Impl::try_node(Attempt& attempt, const NodeInfo& node) {
  const Framework& framework = *attempt.profile->framework;
  const PodInfo& pod = *attempt.pod->pod;
  if (config_.watcher) {
    config_.watcher->deciding({framework, cache_.snapshot(), queue_->nominator(), attempt.pod->pod, memory_, attempt.profile->scheduler_name,
                               env_.clock.now().ns, &node});
  }
  CycleState state;
  NodeNames names;
  PluginSet restricting = 0;
  if (!framework.run_pre_filter(state, pod, names, restricting).ok()) return false;
  if (names && !names->contains(node.name())) return false;
  if (!framework.run_filter(state, pod, node).ok()) return false;
  attempt.state = std::move(state);
  attempt.result.node = &node;
  take_node(attempt);
  return true;
}

}  // namespace orrery::scheduler
