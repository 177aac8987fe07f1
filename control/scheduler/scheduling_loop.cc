// The scheduling loop and the binding cycle (pkg/scheduler/schedule_one.go).
#include "control/client/pod_util.h"
#include "control/scheduler/cost.h"
#include "control/scheduler/explain/decision_watcher.h"
#include "control/scheduler/scheduler_impl.h"

namespace orrery::scheduler {
namespace {

constexpr SchedulerEvent kScheduled{"Normal", "Scheduled", "Binding"}, kFailed{"Warning", "FailedScheduling", "Scheduling"};

/// Events carry at most this much text.
constexpr std::size_t kMaxEventMessage = 1024;

Str truncated(const std::string& message) {
  static constexpr std::string_view kSuffix = " ...";
  if (message.size() <= kMaxEventMessage) return message;
  return base::cat(std::string_view(message).substr(0, kMaxEventMessage - kSuffix.size()), kSuffix);
}

/// The pod as it would be on `node`, for those who look at spec.nodeName.
api::ObjectRef placed(const PodInfo& pod, const Str& node) {
  api::Pod copy = pod.pod();
  copy.spec.edit().node_name = node;
  return api::make_object(std::move(copy));
}

}  // namespace

void Scheduler::Impl::kick() {
  if (!leading_) return;
  arm_flushes();
  if (busy_ || woken_ || status_writes_ >= kMostStatusWrites || !queue_->has_ready()) return;
  woken_ = true;
  env_.timers.after(0, [this, token = liveness_.token()] {
    if (!token.alive()) return;
    woken_ = false;
    attempt();
  });
}

void Scheduler::Impl::arm_flushes() {
  if (!backoff_armed_ && queue_->backing_off() > 0) {
    backoff_armed_ = true;
    const base::Nanos to_window = SchedulingQueue::kBackoffFlushPeriod - now().ns % SchedulingQueue::kBackoffFlushPeriod;
    env_.timers.after(to_window, [this, token = liveness_.token()] {
      if (!token.alive()) return;
      backoff_armed_ = false;
      queue_->flush_backoff(now());
      kick();
    });
  }
  if (!unschedulable_armed_ && queue_->unschedulable() > 0) {
    unschedulable_armed_ = true;
    env_.timers.after(SchedulingQueue::kUnschedulableFlushPeriod, [this, token = liveness_.token()] {
      if (!token.alive()) return;
      unschedulable_armed_ = false;
      queue_->flush_unschedulable(now());
      kick();
    });
  }
}

bool Scheduler::Impl::skip(const QueuedPod& pod) {
  if (pod.pod->meta().deleting()) {
    profile_of(pod.pod->pod())->events->event(*pod.pod->object(), nullptr, kFailed,
                  base::cat("skip schedule deleting pod: ", api::key_of(pod.pod->meta())));
    return true;
  }
  return cache_.has_pod(pod.pod->meta().uid);
}

void Scheduler::Impl::attempt() {
  if (busy_) return;
  const ProfileRun& first = profiles_[0];
  if (first.flow) attempt_together(first);
  else attempt_next();
  if (thoughts_.empty()) return kick();
  busy_ = true;
  think();
}

void Scheduler::Impl::attempt_next() {
  const QueuedPodRef pod = next_pod();
  if (!pod) return;
  if (skip(*pod)) return queue_->done(pod->pod->meta().uid);
  AttemptRef attempt = begin(pod);
  decide(*attempt);
  const base::Nanos share = thread_cpu(attempt->result, parallelism_);
  thoughts_.push_back({std::move(attempt), kAttemptCpu, share});
}

Scheduler::Impl::AttemptRef Scheduler::Impl::begin(QueuedPodRef pod) const {
  auto out = std::make_unique<Attempt>();
  out->profile = profile_of(pod->pod->pod());
  out->pod = std::move(pod);
  return out;
}

void Scheduler::Impl::think() {
  const Thought& t = thoughts_.front();
  const base::Nanos serial = t.serial, share = t.share;
  const int threads = threads_ = share > 0 ? parallelism_ : 1;
  for (int i = 0; i < threads; ++i) {
    env_.compute.spend(i == 0 ? serial + share : share, [this, token = liveness_.token()] {
      if (token.alive() && --threads_ == 0) thought();
    });
  }
}

void Scheduler::Impl::thought() {
  AttemptRef attempt = std::move(thoughts_.front().attempt);
  thoughts_.pop_front();
  busy_ = !thoughts_.empty();
  settle(std::move(attempt));
  if (busy_) think();
  else kick();
}

void Scheduler::Impl::decide(Attempt& attempt) {
  memory_.first_of_best = attempt.profile->first_of_best;
  if (config_.watcher) {
    config_.watcher->deciding({*attempt.profile->framework, cache_.snapshot(), queue_->nominator(), attempt.pod->pod, memory_,
                               attempt.profile->scheduler_name, env_.clock.now().ns, nullptr});
  }
  attempt.result = schedule_pod(*attempt.profile->framework, cache_.snapshot(), queue_->nominator(), *attempt.pod->pod, memory_, attempt.state,
                                nullptr, attempt.profile->classes.get());
  if (attempt.result.node) take_node(attempt);
}

void Scheduler::Impl::take_node(Attempt& attempt) {
  const PodInfoRef pod = attempt.pod->pod;
  const NodeInfo& node = *attempt.result.node;
  attempt.node = node.name();
  const bool counted = !env_.faults.here(env::Site::kSchedulerIgnoresAssumedPods);
  // Reserve sees the node without the pod, as it was filtered.
  attempt.status = attempt.profile->framework->run_reserve(attempt.state, *pod, node);
  attempt.assigned = attempt.profile->framework->run_assign(pod, node);
  if (!attempt.assigned) {
    if (attempt.status.ok()) attempt.status = Status(Code::kUnschedulable, {}, Str("nothing is left to assign on the chosen node"));
    attempt.assigned = pod;
  }
  cache_.assume(attempt.assigned, attempt.node, counted);
  queue_->nominator().remove(pod->meta().uid);
  if (!attempt.status.ok()) return;
  const Status s = attempt.profile->framework->run_permit(attempt.state, *pod, attempt.node, attempt.permit_wait);
  if (s.code() == Code::kWait) attempt.permit_plugin = s.plugin();
  else attempt.status = s;
}

void Scheduler::Impl::settle(AttemptRef attempt) {
  if (attempt->result.node) {
    tasks_.spawn(bind(std::move(attempt)));
    return;
  }
  const CycleResult& r = attempt->result;
  attempt->pod->unschedulable = r.diagnosis.unschedulable;
  attempt->pod->pending = r.diagnosis.pending;
  const PostFilterResult& proposal = r.post_filter;
  if (!proposal.victims.empty()) preempting_.insert(attempt->pod->pod->meta().uid);
  const bool rejected = r.status.rejected();
  const PodInfoRef pod = attempt->pod->pod;
  fail(*attempt, rejected ? "Unschedulable" : "SchedulerError", r.message, proposal.nominated_node);
  if (!proposal.victims.empty()) tasks_.spawn(preempt(pod, *proposal.nominated_node, proposal.victims));
}

env::Task<> Scheduler::Impl::bind(AttemptRef attempt) {
  const PodInfoRef pod = attempt->pod->pod;
  const Str uid = pod->meta().uid;
  Status status = attempt->status;
  if (status.ok() && !attempt->permit_plugin.empty()) {
    status = co_await permit_.wait(attempt->assigned, attempt->permit_plugin, attempt->permit_wait);
  }
  if (status.ok()) {
    // From here on the pod is no longer rejected by plugins: changes need not be remembered for it.
    queue_->done(uid);
    status = co_await attempt->profile->framework->run_pre_bind(&attempt->state, attempt->assigned, attempt->node);
  }
  if (status.ok()) status = co_await attempt->profile->framework->run_bind(&attempt->state, attempt->assigned, attempt->node);
  if (status.ok() && env_.faults.here(env::Site::kSchedulerBindsTwice)) {
    status = co_await attempt->profile->framework->run_bind(&attempt->state, attempt->assigned, attempt->node);
  }
  if (!status.ok()) {
    binding_failed(*attempt, status);
    co_return;
  }
  attempt->profile->events->event(*pod->object(), nullptr, kScheduled,
                base::cat("Successfully assigned ", api::key_of(pod->meta()), " to ", attempt->node));
  attempt->profile->framework->run_post_bind(attempt->state, *pod, attempt->node);
}

void Scheduler::Impl::binding_failed(Attempt& attempt, const Status& status) {
  const PodInfoRef pod = attempt.pod->pod;
  attempt.profile->framework->run_unreserve(attempt.state, *pod, attempt.node);
  cache_.forget(pod->meta().uid);
  queue_->change({{EventResource::kAssignedPod, kActionDelete}, placed(*pod, attempt.node), {}}, now());
  const PluginSet bit = status.rejected() ? attempt.profile->framework->bit_of(status.plugin()) : 0;
  attempt.pod->unschedulable = status.code() == Code::kPending ? 0 : bit;
  attempt.pod->pending = status.code() == Code::kPending ? bit : 0;
  fail(attempt, status.rejected() ? "Unschedulable" : "SchedulerError", status.message(), Str());
  kick();
}

void Scheduler::Impl::requeue(Attempt& attempt) {
  QueuedPodRef& queued = attempt.pod;
  const Str uid = queued->pod->meta().uid;
  const api::ObjectRef current = pods_.get(queued->pod->meta().namespace_, queued->pod->meta().name);
  const bool gone = !current || !(current->meta().uid == uid) || client::is_pod_terminal(current->as<api::Pod>()) ||
                    !current->as<api::Pod>().spec->node_name.empty();
  if (gone) return queue_->done(uid);
  if (!(current == queued->pod->object())) queued->pod = base::make_ref<PodInfo>(current);
  queue_->add_unschedulable(queued, now());
}

void Scheduler::Impl::fail(Attempt& attempt, std::string_view reason, const std::string& message, const Nomination& nomination) {
  requeue(attempt);
  const PodInfoRef pod = attempt.pod->pod;
  Nominator& nominator = queue_->nominator();
  if (!nomination) nominator.add(pod);
  else if (nomination->empty()) nominator.remove(pod->meta().uid);
  else nominator.add(pod, *nomination);
  attempt.profile->events->event(*pod->object(), nullptr, kFailed, truncated(message));
  api::PodCondition condition;
  condition.type = "PodScheduled";
  condition.status = "False";
  condition.reason = reason;
  condition.message = message;
  tasks_.spawn(write_status(pod, std::move(condition), nomination));
}

}  // namespace orrery::scheduler
