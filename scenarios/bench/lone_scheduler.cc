#include "scenarios/bench/lone_scheduler.h"

#include <algorithm>

#include "control/client/pod_util.h"
#include "control/scheduler/cost.h"
#include "control/scheduler/queue/pod_changes.h"
#include "model/api/node.h"

namespace orrery::scenarios::bench {

using base::Instant;
using base::Nanos;
using scheduler::EventResource;
using scheduler::PodInfo;
using scheduler::PodInfoRef;
using scheduler::Status;

namespace {

template <class Change>
api::ObjectRef changed_pod(const api::ObjectRef& pod, Change change) {
  api::Pod copy = pod->as<api::Pod>();
  change(copy);
  return api::make_object(std::move(copy));
}

bool assigned(const api::ObjectRef& pod) { return !pod->as<api::Pod>().spec->node_name.empty(); }

}  // namespace

LoneScheduler::LoneScheduler(const scheduler::PolicySpec& policy, std::shared_ptr<const scheduler::FragmentationModel> model,
                             std::uint64_t seed, bool incremental) {
  if (policy.adviser) adviser_ = policy.adviser(cache_.snapshot(), seed);
  framework_ = scheduler::policy_profile({cache_.snapshot(), lister_, late_nominated_, preempting_}, policy, std::move(model), seed, adviser_.get());
  if (incremental) classes_ = std::make_unique<scheduler::PodClasses>(*framework_, cache_.snapshot());
  queue_ = std::make_unique<scheduler::SchedulingQueue>(*framework_);
  nominated_ = &queue_->nominator();
  memory_.ties = base::RandomStream(base::stream_key(seed, "bench", "ties"));
  memory_.preemption = base::RandomStream(base::stream_key(seed, "bench", "preemption"));
  memory_.first_of_best = policy.first_of_best;
}

void LoneScheduler::notify(EventResource resource, std::uint32_t action, const api::ObjectRef& old, const api::ObjectRef& now) {
  queue_->change({{resource, action}, old, now}, now_);
}

void LoneScheduler::add_node(api::ObjectRef node) {
  cache_.set_node(scheduler::NodeHandle(node));
  notify(EventResource::kNode, scheduler::kActionAdd, {}, node);
}

void LoneScheduler::remove_node(const api::ObjectRef& node) {
  cache_.remove_node(node->meta().name);
  notify(EventResource::kNode, scheduler::kActionDelete, node, {});
}

void LoneScheduler::add_pod(const api::ObjectRef& pod) {
  pods_[pod->meta().uid] = pod;
  queue_->add(base::make_ref<PodInfo>(pod), now_);
}

void LoneScheduler::remove_pod(const Str& uid) {
  const api::ObjectRef* known = pods_.find(uid);
  if (!known) return;
  const api::ObjectRef old = *known;
  pods_.erase(uid);
  if (assigned(old)) {
    cache_.remove_pod(uid);
    notify(EventResource::kAssignedPod, scheduler::kActionDelete, old, {});
    return;
  }
  cache_.forget(uid);
  queue_->remove(old->as<api::Pod>());
  if (!old->as<api::Pod>().status->nominated_node_name.empty()) notify(EventResource::kAssignedPod, scheduler::kActionDelete, old, {});
}

bool LoneScheduler::is_bound(const Str& uid) const {
  const api::ObjectRef* pod = pods_.find(uid);
  return pod && assigned(*pod);
}

bool LoneScheduler::begin() {
  ORRERY_CHECK(!deciding(), "one pod is thought about at a time");
  const scheduler::QueuedPodRef pod = queue_->pop(now_);
  if (!pod) return false;
  attempt_ = Attempt();
  attempt_.pod = pod;
  if (watcher_) watcher_->deciding({*framework_, cache_.snapshot(), queue_->nominator(), pod->pod, memory_, "bench", now_.ns, nullptr});
  attempt_.result = scheduler::schedule_pod(*framework_, cache_.snapshot(), queue_->nominator(), *pod->pod, memory_, attempt_.state,
                                            nullptr, classes_.get());
  const scheduler::CycleResult& r = attempt_.result;
  ++counts_.attempts;
  counts_.filtered += r.evaluated;
  counts_.scored += r.feasible > 1 ? r.feasible : 0;
  ends_at_ = now_ + scheduler::attempt_time(r, scheduler::kUpstreamParallelism);
  if (r.node) take_node();
  return true;
}

void LoneScheduler::take_node() {
  const PodInfoRef pod = attempt_.pod->pod;
  const scheduler::NodeInfo& node = *attempt_.result.node;
  attempt_.node = node.name();
  attempt_.status = framework_->run_reserve(attempt_.state, *pod, node);
  attempt_.assigned = framework_->run_assign(pod, node);
  ORRERY_CHECK(static_cast<bool>(attempt_.assigned), "a node that fits has nothing to assign");
  cache_.assume(attempt_.assigned, node.name());
  queue_->nominator().remove(pod->meta().uid);
  if (!attempt_.status.ok()) return;
  Nanos wait = 0;
  attempt_.status = framework_->run_permit(attempt_.state, *pod, node.name(), wait);
}

void LoneScheduler::advance(Instant to) {
  ORRERY_CHECK(!deciding() || to <= ends_at_, "time passes a decision");
  const auto next_after = [](Instant t, Nanos period) { return Instant{(t.ns / period + 1) * period}; };
  while (now_ < to) {
    Instant next = std::min(to, next_after(now_, scheduler::SchedulingQueue::kBackoffFlushPeriod));
    if (!departures_.empty()) next = std::min(next, std::max(departures_.front().at, now_));
    now_ = next;
    while (!departures_.empty() && departures_.front().at <= now_) {
      const Str uid = departures_.front().uid;
      departures_.erase(departures_.begin());
      remove_pod(uid);
    }
    if (now_.ns % scheduler::SchedulingQueue::kBackoffFlushPeriod == 0) queue_->flush_backoff(now_);
    if (now_.ns % scheduler::SchedulingQueue::kUnschedulableFlushPeriod == 0) queue_->flush_unschedulable(now_);
  }
}

void LoneScheduler::settle() {
  ORRERY_CHECK(deciding() && now_ == ends_at_, "the decision is not over");
  const scheduler::QueuedPodRef pod = attempt_.pod;
  const Str uid = pod->pod->meta().uid;
  if (!attempt_.node.empty() && attempt_.status.ok()) {
    queue_->done(uid);
    if (has_pod(uid)) bind();
  } else if (!attempt_.node.empty()) {
    framework_->run_unreserve(attempt_.state, *pod->pod, attempt_.node);
    cache_.forget(uid);
    notify(EventResource::kAssignedPod, scheduler::kActionDelete,
           changed_pod(pod->pod->object(), [&](api::Pod& p) { p.spec.edit().node_name = attempt_.node; }), {});
    pod->unschedulable = framework_->bit_of(attempt_.status.plugin());
    fail(attempt_.status);
  } else {
    pod->unschedulable = attempt_.result.diagnosis.unschedulable;
    pod->pending = attempt_.result.diagnosis.pending;
    const scheduler::PostFilterResult& proposal = attempt_.result.post_filter;
    if (!proposal.victims.empty()) preempting_.insert(uid);
    fail(attempt_.result.status);
    if (!proposal.victims.empty()) preempt(pod->pod, *proposal.nominated_node, proposal.victims);
  }
  attempt_.pod = {};
}

void LoneScheduler::bind() {
  const Str uid = attempt_.pod->pod->meta().uid;
  framework_->run_post_bind(attempt_.state, *attempt_.pod->pod, attempt_.node);
  api::ObjectRef& object = pods_[uid];
  const api::ObjectRef old = object;
  object = changed_pod(old, [&](api::Pod& p) {
    p.spec.edit().node_name = attempt_.node;
    if (!attempt_.assigned->gpu_indices.empty()) p.metadata.annotations.set(scheduler::kGpuIndex, scheduler::gpu_index_text(attempt_.assigned->gpu_indices));
  });
  ++counts_.bound;
  digest_.add(uid);
  digest_.add(static_cast<std::uint64_t>(now_.ns));
  digest_.add(attempt_.node);
  cache_.set_pod(base::make_ref<PodInfo>(object));
  queue_->remove(old->as<api::Pod>());
  notify(EventResource::kAssignedPod, scheduler::kActionAdd, {}, object);
}

void LoneScheduler::fail(const Status& status) {
  ++counts_.failed;
  const scheduler::QueuedPodRef queued = attempt_.pod;
  const Str uid = queued->pod->meta().uid;
  const std::optional<Str> nomination = !attempt_.node.empty() ? std::optional<Str>(Str()) : attempt_.result.post_filter.nominated_node;
  const api::ObjectRef* current = pods_.find(uid);
  if (!current) return queue_->done(uid);
  if (!(*current == queued->pod->object())) queued->pod = base::make_ref<PodInfo>(*current);
  queue_->add_unschedulable(queued, now_);
  scheduler::Nominator& nominator = queue_->nominator();
  if (!nomination) nominator.add(queued->pod);
  else if (nomination->empty()) nominator.remove(uid);
  else nominator.add(queued->pod, *nomination);
  write_status(uid, !attempt_.node.empty() ? status.message() : attempt_.result.message, nomination);
}

void LoneScheduler::write_status(const Str& uid, const std::string& message, const std::optional<Str>& nomination) {
  api::ObjectRef& object = pods_[uid];
  const api::ObjectRef old = object;
  bool changed = false;
  const api::ObjectRef now = changed_pod(old, [&](api::Pod& p) {
    api::PodStatus& status = p.status.edit();
    if (!message.empty()) {
      api::PodCondition condition;
      condition.type = "PodScheduled";
      condition.status = "False";
      condition.reason = "Unschedulable";
      condition.message = message;
      changed = client::set_condition(status, std::move(condition), api::Time::from(now_));
    }
    if (nomination && !(*nomination == status.nominated_node_name)) {
      status.nominated_node_name = *nomination;
      changed = true;
    }
  });
  if (!changed) return;
  object = now;
  queue_->update(old, base::make_ref<PodInfo>(now), now_);
}

/// As upstream, the preemptor must not be tried before the last of its victims is on its way.
void LoneScheduler::preempt(const PodInfoRef& preemptor, const Str& node, const std::vector<PodInfoRef>& victims) {
  std::vector<PodInfoRef> outranked;
  for (const PodInfoRef& p : queue_->nominator().nominated_on(node)) {
    if (p->priority() < preemptor->priority()) outranked.push_back(p);
  }
  for (const PodInfoRef& p : outranked) {
    queue_->nominator().remove(p->meta().uid);
    write_status(p->meta().uid, {}, Str());
  }
  for (std::size_t i = 0; i + 1 < victims.size(); ++i) evict(victims[i]);
  preempting_.erase(preemptor->meta().uid);
  evict(victims.back());
}

void LoneScheduler::evict(const PodInfoRef& victim) {
  const Str uid = victim->meta().uid;
  const api::ObjectRef* known = pods_.find(uid);
  if (!known || (*known)->meta().deleting()) return;
  ++counts_.preempted;
  digest_.add(uid);
  const api::ObjectRef old = *known;
  const Nanos grace = old->as<api::Pod>().spec->termination_grace_period_seconds.value_or(30) * base::kSecond;
  if (grace == 0) return remove_pod(uid);
  api::ObjectRef& object = pods_[uid];
  object = changed_pod(old, [&](api::Pod& p) { p.metadata.deletion_timestamp = api::Time::from(now_ + grace); });
  cache_.set_pod(base::make_ref<PodInfo>(object));
  for (const scheduler::ClusterEvent& e : scheduler::pod_changes(old, object)) notify(e.resource, e.action, old, object);
  const Departure leaves{now_ + grace, uid};
  departures_.insert(std::upper_bound(departures_.begin(), departures_.end(), leaves,
                                      [](const Departure& a, const Departure& b) { return a.at < b.at; }), leaves);
}

}  // namespace orrery::scenarios::bench
