// SchedulingQueue: pods to schedule, pods that back off, and pods that wait for something to change
// (backend/queue/scheduling_queue.go; with queueing hints and SchedulerPopFromBackoffQ, as 1.33 has them on).
#pragma once
#include <deque>
#include <functional>
#include <vector>

#include "control/scheduler/queue/nominator.h"
#include "control/scheduler/queue/queued_pod.h"
#include "control/scheduler/tie_break.h"

namespace orrery::scheduler {

struct QueueConfig {
  base::Nanos initial_backoff = base::kSecond, max_backoff = 10 * base::kSecond;
  base::Nanos max_in_unschedulable = 5 * base::kMinute;
  NextPod next_pod;  ///< unset: always the first that backs off
};

/// A profile whose pods wait here, by the name that they give.
struct QueueProfile {
  Str scheduler_name;
  const Framework* framework;
};

/// Passive: times are passed in; the owner calls the flushes each second and each 30 s. A pod that was popped is in flight
/// until done() or add_unschedulable(); changes meanwhile are remembered, so that none is lost between the decision and its
/// return.
class SchedulingQueue {
 public:
  static constexpr base::Nanos kBackoffFlushPeriod = base::kSecond;
  static constexpr base::Nanos kUnschedulableFlushPeriod = 30 * base::kSecond;

  /// At least one profile; all sort alike.
  SchedulingQueue(std::vector<QueueProfile> profiles, QueueConfig config = {});
  /// For all pods alike.
  explicit SchedulingQueue(const Framework& framework, QueueConfig config = {})
      : SchedulingQueue(std::vector<QueueProfile>{{Str(), &framework}}, config) {}

  /// A pod that is new and unassigned.
  void add(PodInfoRef pod, base::Instant now);
  void update(const api::ObjectRef& old, PodInfoRef pod, base::Instant now);
  void remove(const api::Pod& pod);
  /// The next pod, or null: of the active queue, else the first that backs off.
  QueuedPodRef pop(base::Instant now);
  /// As pop(), but of those that are ready (of the active queue, else of those that back off) the one at the place that `choose` tells.
  using Choose = std::function<std::size_t(const std::vector<const PodInfo*>& ready)>;
  QueuedPodRef pop_chosen(base::Instant now, const Choose& choose);
  bool has_ready() const { return !active_.empty() || !backoff_.empty(); }
  /// The pod of an attempt is bound or gone.
  void done(const Str& uid);
  /// The pod of a failed attempt returns. `pod->unschedulable` and `pending` tell who rejected it; both empty: an error.
  void add_unschedulable(QueuedPodRef pod, base::Instant now);
  /// A change of the cluster: moves the pods that it may help.
  void change(const ClusterChange& change, base::Instant now);
  /// Moves the pod to the active queue without back-off.
  void activate(const Str& uid, base::Instant now);
  void flush_backoff(base::Instant now);
  void flush_unschedulable(base::Instant now);

  Nominator& nominator() { return nominator_; }
  const Nominator& nominator() const { return nominator_; }
  std::size_t active() const { return active_.size(); }
  std::size_t backing_off() const { return backoff_.size() + error_backoff_.size(); }
  std::size_t unschedulable() const { return unschedulable_.size(); }

 private:
  enum class Strategy : std::uint8_t { kSkip, kAfterBackoff, kImmediately };
  struct ActiveLess {
    const Framework* framework;
    bool operator()(const QueuedPodRef& a, const QueuedPodRef& b) const;
  };
  struct BackoffLess {
    const Framework* framework;
    bool operator()(const QueuedPodRef& a, const QueuedPodRef& b) const;
  };
  struct InFlight {
    Str uid;                 // of a pod taken off the queue; empty: a change
    ClusterChange change;
    Str only = {};           // the pod that the change is for; empty: all
  };

  QueuedPodRef take_off(QueuedPodRef pod, base::Instant now);
  QueuedPodRef find_waiting(const Str& uid) const;
  QueuedPodRef first_backing_off() const;
  void erase_everywhere(const Str& uid);
  bool move_to_active(const QueuedPodRef& pod, base::Instant now, bool gates_checked);
  void move_to_backoff(const QueuedPodRef& pod, base::Instant now);
  void requeue(const QueuedPodRef& pod, Strategy strategy, base::Instant now);
  Strategy worth(const QueuedPod& pod, const ClusterChange& change) const;
  Strategy worth_in_flight(const QueuedPod& pod) const;
  bool backing_off(QueuedPod& pod, base::Instant now) const;
  base::Instant backoff_expiry(QueuedPod& pod) const;
  void trim_in_flight();

  const Framework& framework_of(const PodInfo& pod) const;

  std::vector<QueueProfile> profiles_;
  QueueConfig config_;
  Nominator nominator_;
  base::BTreeSet<QueuedPodRef, ActiveLess> active_;
  base::BTreeSet<QueuedPodRef, BackoffLess> backoff_, error_backoff_;
  base::BTreeMap<Str, QueuedPodRef> unschedulable_;      // by uid
  enum class Place : std::uint8_t { kActive, kBackoff, kErrorBackoff };
  base::BTreeMap<Str, std::pair<QueuedPodRef, Place>> placed_;  // those in the three ordered sets, by uid
  base::BTreeSet<Str> flying_;
  std::deque<InFlight> in_flight_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace orrery::scheduler
