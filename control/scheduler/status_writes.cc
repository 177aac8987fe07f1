// What the scheduler writes besides bindings: conditions, nominations, and the removal of victims.
#include "control/client/condition_patch.h"
#include "control/client/pod_util.h"
#include "control/scheduler/scheduler_impl.h"
#include "model/codec/json_text.h"

namespace orrery::scheduler {
namespace {

/// A strategic merge patch of the status; empty when nothing changes.
std::string status_patch(const api::Pod& pod, const api::PodCondition* condition, const std::optional<Str>& nomination,
                         base::Instant wall) {
  std::string out;
  if (condition) {
    api::PodStatus next = *pod.status;
    if (client::set_condition(next, *condition, api::Time::from(wall))) out = client::condition_patch(next, condition->type);
  }
  if (nomination && !(*nomination == pod.status->nominated_node_name)) {
    if (!out.empty()) out += ",";
    out += "\"nominatedNodeName\":";
    if (nomination->empty()) out += "null";
    else codec::append_json_string(*nomination, out);
  }
  return out.empty() ? out : base::cat("{\"status\":{", out, "}}");
}

}  // namespace

env::Task<> Scheduler::Impl::write_status(PodInfoRef pod, api::PodCondition condition, Nomination nomination) {
  const std::string patch = status_patch(pod->pod(), &condition, nomination, env_.clock.wall());
  if (patch.empty()) co_return;
  ++status_writes_;
  const auto written = co_await client_.patch(api::KindId::kPod, pod->meta().namespace_, pod->meta().name,
                                              api::PatchType::kStrategicMerge, patch, "status");
  if (status_writes_-- == kMostStatusWrites) kick();
  if (!written && env_.trace.logs(env::LogLevel::kDebug)) {
    env_.trace.log(env::LogLevel::kDebug, base::cat("error updating pod ", api::key_of(pod->meta()), ": ", written.error().message));
  }
}

env::Task<bool> Scheduler::Impl::evict(PodInfoRef preemptor, Str node, PodInfoRef victim) {
  const api::ObjectMeta& meta = victim->meta();
  api::PodCondition target;
  target.type = "DisruptionTarget";
  target.status = "True";
  target.reason = "PreemptionByScheduler";
  target.message = base::cat(preemptor->spec().scheduler_name, ": preempting to accommodate a higher priority pod");
  const std::string patch = status_patch(victim->pod(), &target, std::nullopt, env_.clock.wall());
  if (!patch.empty()) {
    const auto written = co_await client_.patch(api::KindId::kPod, meta.namespace_, meta.name,
                                                api::PatchType::kStrategicMerge, patch, "status");
    if (!written) co_return written.error().not_found();
  }
  const auto removed = co_await client_.remove(api::KindId::kPod, meta.namespace_, meta.name);
  if (!removed) co_return removed.error().not_found();
  profile_of(preemptor->pod())->events->event(*victim->object(), preemptor->object().get(), {"Normal", "Preempted", "Preempting"},
                base::cat("Preempted by pod ", preemptor->meta().uid, " on node ", node));
  co_return true;
}

/// The preemptor must not be tried before the victims are on their way: it is kept out of the queue until the last but one is.
env::Task<> Scheduler::Impl::preempt(PodInfoRef preemptor, Str node, std::vector<PodInfoRef> victims) {
  const Str uid = preemptor->meta().uid;
  std::vector<PodInfoRef> outranked;
  for (const PodInfoRef& p : queue_->nominator().nominated_on(node)) {
    if (p->priority() < preemptor->priority()) outranked.push_back(p);
  }
  for (const PodInfoRef& p : outranked) {
    queue_->nominator().remove(p->meta().uid);
    const std::string patch = status_patch(p->pod(), nullptr, Str(), env_.clock.wall());
    if (patch.empty()) continue;
    (void)co_await client_.patch(api::KindId::kPod, p->meta().namespace_, p->meta().name, api::PatchType::kStrategicMerge,
                                 patch, "status");
  }
  bool went_well = true;
  for (std::size_t i = 0; i + 1 < victims.size(); ++i) {
    const bool gone = co_await evict(preemptor, node, victims[i]);
    went_well = went_well && gone;
  }
  preempting_.erase(uid);
  const bool last = co_await evict(preemptor, node, victims.back());
  if (!went_well || !last) {
    queue_->activate(uid, now());
    kick();
  }
}

}  // namespace orrery::scheduler
