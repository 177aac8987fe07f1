#include "control/scheduler/queue/scheduling_queue.h"

#include <algorithm>

#include "control/scheduler/queue/pod_changes.h"

namespace orrery::scheduler {
namespace {

/// Expiries within one window order by priority, so that popping early from the back-off queue is fair.
constexpr base::Nanos kBackoffWindow = base::kSecond;

base::Instant aligned(base::Instant t) { return {t.ns - t.ns % kBackoffWindow}; }

}  // namespace

bool SchedulingQueue::ActiveLess::operator()(const QueuedPodRef& a, const QueuedPodRef& b) const {
  if (framework->queue_less(*a, *b)) return true;
  if (framework->queue_less(*b, *a)) return false;
  return a->sequence < b->sequence;
}

bool SchedulingQueue::BackoffLess::operator()(const QueuedPodRef& a, const QueuedPodRef& b) const {
  const base::Instant ta = aligned(a->backoff_expiry);
  const base::Instant tb = aligned(b->backoff_expiry);
  return ta != tb ? ta < tb : ActiveLess{framework}(a, b);
}

SchedulingQueue::SchedulingQueue(std::vector<QueueProfile> profiles, QueueConfig config)
    : profiles_(std::move(profiles)), config_(config), active_(ActiveLess{profiles_[0].framework}),
      backoff_(BackoffLess{profiles_[0].framework}), error_backoff_(BackoffLess{profiles_[0].framework}) {}

const Framework& SchedulingQueue::framework_of(const PodInfo& pod) const {
  for (std::size_t i = 1; i < profiles_.size(); ++i) {
    if (profiles_[i].scheduler_name == pod.spec().scheduler_name) return *profiles_[i].framework;
  }
  return *profiles_[0].framework;
}

base::Instant SchedulingQueue::backoff_expiry(QueuedPod& pod) const {
  if (pod.backoff_expiry.ns >= 0) return pod.backoff_expiry;
  base::Nanos duration = pod.attempts == 0 ? 0 : config_.initial_backoff;
  for (int i = 1; i < pod.attempts; ++i) {
    if (duration > config_.max_backoff - duration) {
      duration = config_.max_backoff;
      break;
    }
    duration += duration;
  }
  pod.backoff_expiry = aligned(pod.timestamp + duration);
  return pod.backoff_expiry;
}

/// Until the window after the one in which it expires.
bool SchedulingQueue::backing_off(QueuedPod& pod, base::Instant now) const {
  return pod.attempts > 0 && backoff_expiry(pod) >= aligned(now);
}

QueuedPodRef SchedulingQueue::find_waiting(const Str& uid) const {
  if (const auto it = placed_.find(uid); it != placed_.end()) return it->second.first;
  const auto it = unschedulable_.find(uid);
  return it == unschedulable_.end() ? QueuedPodRef() : it->second;
}

void SchedulingQueue::erase_everywhere(const Str& uid) {
  if (const auto it = placed_.find(uid); it != placed_.end()) {
    const auto [pod, place] = it->second;
    if (place == Place::kActive) active_.erase(pod);
    else if (place == Place::kBackoff) backoff_.erase(pod);
    else error_backoff_.erase(pod);
    placed_.erase(it);
  }
  unschedulable_.erase(uid);
}

bool SchedulingQueue::move_to_active(const QueuedPodRef& pod, base::Instant now, bool gates_checked) {
  const Str uid = pod->pod->meta().uid;
  if (!gates_checked) {
    const Framework& framework = framework_of(*pod->pod);
    const Status s = framework.run_pre_enqueue(*pod->pod);
    pod->gated = !s.ok();
    if (pod->gated) pod->unschedulable |= framework.bit_of(s.plugin());
  }
  erase_everywhere(uid);
  if (pod->gated) {
    unschedulable_[uid] = pod;
    return false;
  }
  if (pod->initial_attempt.ns < 0) pod->initial_attempt = now;
  active_.insert(pod);
  placed_[uid] = {pod, Place::kActive};
  return true;
}

void SchedulingQueue::move_to_backoff(const QueuedPodRef& pod, base::Instant now) {
  const Str uid = pod->pod->meta().uid;
  const Framework& framework = framework_of(*pod->pod);
  const Status s = framework.run_pre_enqueue(*pod->pod);
  pod->gated = !s.ok();
  erase_everywhere(uid);
  if (pod->gated) {
    pod->unschedulable |= framework.bit_of(s.plugin());
    unschedulable_[uid] = pod;
    return;
  }
  if (pod->initial_attempt.ns < 0) pod->initial_attempt = now;
  backoff_expiry(*pod);
  const bool error = pod->unschedulable == 0 && pod->pending == 0;
  (error ? error_backoff_ : backoff_).insert(pod);
  placed_[uid] = {pod, error ? Place::kErrorBackoff : Place::kBackoff};
}

void SchedulingQueue::requeue(const QueuedPodRef& pod, Strategy strategy, base::Instant now) {
  if (strategy == Strategy::kSkip) {
    const Str uid = pod->pod->meta().uid;
    erase_everywhere(uid);
    unschedulable_[uid] = pod;
  } else if (strategy == Strategy::kAfterBackoff && backing_off(*pod, now)) {
    move_to_backoff(pod, now);
  } else {
    move_to_active(pod, now, false);
  }
}

void SchedulingQueue::add(PodInfoRef pod, base::Instant now) {
  auto queued = base::make_ref<QueuedPod>();
  queued->pod = std::move(pod);
  queued->timestamp = now;
  queued->sequence = next_sequence_++;
  nominator_.add(queued->pod);
  move_to_active(queued, now, false);
}

void SchedulingQueue::update(const api::ObjectRef& old, PodInfoRef pod, base::Instant now) {
  const Str uid = pod->meta().uid;
  if (flying_.contains(uid)) {
    for (const ClusterEvent& e : pod_changes(old, pod->object())) in_flight_.push_back({Str(), {e, old, pod->object()}});
    return;
  }
  nominator_.update(old->as<api::Pod>(), pod);
  if (const auto it = placed_.find(uid); it != placed_.end()) {
    const auto [queued, place] = it->second;
    erase_everywhere(uid);
    queued->pod = std::move(pod);
    if (place == Place::kActive) active_.insert(queued);
    else if (place == Place::kBackoff) backoff_.insert(queued);
    else error_backoff_.insert(queued);
    placed_[uid] = {queued, place};
    return;
  }
  const auto it = unschedulable_.find(uid);
  if (it == unschedulable_.end()) return add(std::move(pod), now);
  const QueuedPodRef queued = it->second;
  queued->pod = std::move(pod);
  for (const ClusterEvent& e : pod_changes(old, queued->pod->object())) {
    const Strategy strategy = worth(*queued, {e, old, queued->pod->object()});
    if (strategy == Strategy::kSkip) continue;
    if (queued->gated) queued->unschedulable = 0;
    return requeue(queued, strategy, now);
  }
}

void SchedulingQueue::remove(const api::Pod& pod) {
  nominator_.remove(pod.metadata.uid);
  erase_everywhere(pod.metadata.uid);
}

QueuedPodRef SchedulingQueue::first_backing_off() const {
  if (!config_.next_pod || backoff_.size() < 2) return *backoff_.begin();
  std::vector<api::ObjectRef> waiting;
  for (const QueuedPodRef& pod : backoff_) waiting.push_back(pod->pod->object());
  const std::optional<std::size_t> choice = config_.next_pod(waiting);
  auto it = backoff_.begin();
  for (std::size_t i = 0; choice && i < *choice; ++i) ++it;
  return *it;
}

QueuedPodRef SchedulingQueue::pop(base::Instant now) {
  if (!active_.empty()) return take_off(*active_.begin(), now);
  if (!backoff_.empty()) return take_off(first_backing_off(), now);
  return {};
}

QueuedPodRef SchedulingQueue::pop_chosen(base::Instant now, const Choose& choose) {
  std::vector<const PodInfo*> ready;
  const auto chosen_of = [&](const auto& queue) {
    for (const QueuedPodRef& pod : queue) ready.push_back(pod->pod.get());
    auto at = queue.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(choose(ready)));
    return take_off(*at, now);
  };
  if (!active_.empty()) return chosen_of(active_);
  if (!backoff_.empty()) return chosen_of(backoff_);
  return {};
}

QueuedPodRef SchedulingQueue::take_off(QueuedPodRef pod, base::Instant now) {
  const Str uid = pod->pod->meta().uid;
  erase_everywhere(uid);
  if (pod->initial_attempt.ns < 0) pod->initial_attempt = now;
  ++pod->attempts;
  pod->backoff_expiry = {-1};
  pod->unschedulable = pod->pending = 0;
  flying_.insert(uid);
  in_flight_.push_back({uid, {}});
  return pod;
}

void SchedulingQueue::done(const Str& uid) {
  if (flying_.erase(uid) == 0) return;
  for (auto it = in_flight_.begin(); it != in_flight_.end(); ++it) {
    if (!(it->uid == uid)) continue;
    in_flight_.erase(it);
    break;
  }
  trim_in_flight();
}

/// Changes older than every pod in flight interest nobody.
void SchedulingQueue::trim_in_flight() {
  while (!in_flight_.empty() && in_flight_.front().uid.empty()) in_flight_.pop_front();
}

SchedulingQueue::Strategy SchedulingQueue::worth(const QueuedPod& pod, const ClusterChange& change) const {
  const PluginSet rejectors = pod.unschedulable | pod.pending;
  if (rejectors == 0 || change.event.wild()) return Strategy::kAfterBackoff;
  const PluginSet interested = framework_of(*pod.pod).interested(rejectors, *pod.pod, change);
  if (interested & pod.pending) return Strategy::kImmediately;
  return interested ? Strategy::kAfterBackoff : Strategy::kSkip;
}

SchedulingQueue::Strategy SchedulingQueue::worth_in_flight(const QueuedPod& pod) const {
  if (pod.unschedulable == 0 && pod.pending == 0) return Strategy::kAfterBackoff;
  Strategy best = Strategy::kSkip;
  bool mine = false;
  for (const InFlight& entry : in_flight_) {
    if (!mine) {
      mine = entry.uid == pod.pod->meta().uid;
      continue;
    }
    const bool for_another = !entry.only.empty() && !(entry.only == pod.pod->meta().uid);
    if (!entry.uid.empty() || for_another) continue;
    const Strategy s = worth(pod, entry.change);
    if (s == Strategy::kImmediately) return s;
    if (s == Strategy::kAfterBackoff) best = s;
  }
  return best;
}

void SchedulingQueue::add_unschedulable(QueuedPodRef pod, base::Instant now) {
  const Str uid = pod->pod->meta().uid;
  if (find_waiting(uid)) return done(uid);
  pod->timestamp = now;
  pod->backoff_expiry = {-1};
  pod->sequence = next_sequence_++;
  const Strategy strategy = worth_in_flight(*pod);
  done(uid);
  requeue(pod, strategy, now);
}

void SchedulingQueue::change(const ClusterChange& change, base::Instant now) {
  const auto interested = [&](const QueueProfile& p) { return p.framework->anybody_interested(change.event); };
  if (std::none_of(profiles_.begin(), profiles_.end(), interested)) return;
  if (!flying_.empty()) in_flight_.push_back({Str(), change});
  std::vector<std::pair<QueuedPodRef, Strategy>> moving;
  for (const auto& [uid, pod] : unschedulable_) {
    const Strategy strategy = worth(*pod, change);
    if (strategy != Strategy::kSkip) moving.emplace_back(pod, strategy);
  }
  for (const auto& [pod, strategy] : moving) requeue(pod, strategy, now);
}

void SchedulingQueue::activate(const Str& uid, base::Instant now) {
  if (const QueuedPodRef pod = find_waiting(uid)) {
    move_to_active(pod, now, false);
  } else if (flying_.contains(uid)) {
    in_flight_.push_back({Str(), ClusterChange{}, uid});
  }
}

void SchedulingQueue::flush_backoff(base::Instant now) {
  for (auto* queue : {&backoff_, &error_backoff_}) {
    while (!queue->empty() && !backing_off(**queue->begin(), now)) {
      const QueuedPodRef pod = *queue->begin();
      move_to_active(pod, now, true);
    }
  }
}

void SchedulingQueue::flush_unschedulable(base::Instant now) {
  std::vector<QueuedPodRef> late;
  for (const auto& [uid, pod] : unschedulable_) {
    if (now - pod->timestamp > config_.max_in_unschedulable) late.push_back(pod);
  }
  for (const QueuedPodRef& pod : late) requeue(pod, Strategy::kAfterBackoff, now);
}

}  // namespace orrery::scheduler
