// LoneScheduler: kube-scheduler without an API server: its queue, cache and scheduling cycle, on a clock of its own. The owner
// tells it what informers would; every write it makes (binding, condition, nomination, removal of victims) succeeds at once and
// is shown to it as the informers would show it. PreBind and Bind, which are such writes, are not called.
//
// A decision takes the virtual time that its CPU time in a simulated cluster (control/scheduler/cost.h) comes to when what is done
// node by node goes on 16 at a time; changes of the cluster meanwhile meet a pod in flight.
#pragma once
#include "control/scheduler/cache.h"
#include "control/scheduler/cycle.h"
#include "control/scheduler/explain/decision_watcher.h"
#include "control/scheduler/plugins/default_preemption.h"
#include "control/scheduler/policies/policy.h"
#include "control/scheduler/queue/scheduling_queue.h"
#include "model/base/hash.h"
#include "model/base/hash_map.h"

namespace orrery::scenarios::bench {

using base::Str;

class LoneScheduler {
 public:
  /// `incremental` false: every decision by the plain cycle; the same decisions, slower.
  LoneScheduler(const scheduler::PolicySpec& policy, std::shared_ptr<const scheduler::FragmentationModel> model, std::uint64_t seed,
                bool incremental = true);
  LoneScheduler(const LoneScheduler&) = delete;

  /// `watcher` (may be null) sees every decision.
  void watch(scheduler::DecisionWatcher* watcher) { watcher_ = watcher; }
  base::Instant now() const { return now_; }
  /// Services, namespaces, volumes, claims, CSI limits: to be changed through here.
  scheduler::FixedLister& objects() { return lister_; }
  void add_node(api::ObjectRef node);
  void remove_node(const api::ObjectRef& node);
  /// Unassigned, with a uid of its own.
  void add_pod(const api::ObjectRef& pod);
  /// Whatever has become of it. Nothing happens when it is gone already.
  void remove_pod(const Str& uid);

  /// Takes the next pod that is ready and decides; false when none is. The clock stands at the beginning of the decision until
  /// settle(). Only once at a time.
  bool begin();
  bool deciding() const { return static_cast<bool>(attempt_.pod); }
  /// When the decision under way ends.
  base::Instant ends_at() const { return ends_at_; }
  /// Lets time pass, with what the queue does by itself; not beyond ends_at() while deciding.
  void advance(base::Instant to);
  /// At ends_at(): the pod is bound, or goes back to the queue, perhaps with victims removed.
  void settle();
  /// Whether time alone can make a pod ready.
  bool anybody_waits() const { return queue_->backing_off() + queue_->unschedulable() > 0; }

  struct Counts {
    std::size_t attempts = 0, bound = 0, failed = 0, preempted = 0;
    std::size_t filtered = 0, scored = 0;   ///< nodes
  };
  const Counts& counts() const { return counts_; }
  /// Bound or pending, and not removed.
  bool has_pod(const Str& uid) const { return pods_.contains(uid); }
  bool is_bound(const Str& uid) const;
  /// Of every binding and eviction, in order, with its time, and of what an adviser has said.
  std::uint64_t digest() const { return adviser_ ? base::combine64(digest_.value(), adviser_->digest()) : digest_.value(); }
  const scheduler::Snapshot& snapshot() const { return cache_.snapshot(); }

 private:
  struct Attempt {
    scheduler::QueuedPodRef pod;
    scheduler::PodInfoRef assigned;
    scheduler::CycleState state;
    scheduler::CycleResult result;
    scheduler::Status status;
    Str node;                          // chosen; empty: none. It may have gone when the decision ends
  };
  struct Departure {
    base::Instant at;
    Str uid;
  };

  void take_node();
  void bind();
  void fail(const scheduler::Status& status);
  void write_status(const Str& uid, const std::string& message, const std::optional<Str>& nomination);
  void preempt(const scheduler::PodInfoRef& preemptor, const Str& node, const std::vector<scheduler::PodInfoRef>& victims);
  void evict(const scheduler::PodInfoRef& victim);
  void notify(scheduler::EventResource resource, std::uint32_t action, const api::ObjectRef& old, const api::ObjectRef& now);

  scheduler::Cache cache_;
  scheduler::FixedLister lister_;
  scheduler::RunningPreemptions preempting_;
  const scheduler::Nominator* nominated_ = nullptr;
  scheduler::LateNominated late_nominated_{nominated_};
  std::unique_ptr<scheduler::Adviser> adviser_;      // null: plugins alone decide
  std::unique_ptr<scheduler::Framework> framework_;
  std::unique_ptr<scheduler::PodClasses> classes_;   // null: not incremental
  std::unique_ptr<scheduler::SchedulingQueue> queue_;
  scheduler::CycleMemory memory_;
  base::HashMap<Str, api::ObjectRef> pods_;          // by uid, as the API has them
  std::vector<Departure> departures_;                // of victims that take their time, by time
  base::Instant now_{0}, ends_at_{0};
  Attempt attempt_;
  Counts counts_;
  scheduler::DecisionWatcher* watcher_ = nullptr;
  base::Digest digest_;
};

}  // namespace orrery::scenarios::bench
