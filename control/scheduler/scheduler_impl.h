// The inside of Scheduler; see scheduler.h.
#pragma once
#include <deque>

#include "control/client/client.h"
#include "control/client/informer.h"
#include "control/client/leader_election.h"
#include "control/scheduler/cache.h"
#include "control/scheduler/cycle.h"
#include "control/scheduler/config/configuration.h"
#include "control/scheduler/event_series.h"
#include "control/scheduler/flow/flow_rounds.h"
#include "control/scheduler/permit_queue.h"
#include "control/scheduler/policies/tenant_turns.h"
#include "control/scheduler/queue/scheduling_queue.h"
#include "control/scheduler/scheduler.h"
#include "model/env/environment.h"
#include "model/env/liveness.h"
#include "model/env/memory_account.h"

namespace orrery::scheduler {

/// A Lister over the informers of the process.
class InformerLister final : public Lister {
 public:
  explicit InformerLister(client::InformerSet& informers) : informers_(informers) {}
  api::ObjectRef get(api::KindId kind, std::string_view ns, std::string_view name) const override {
    return informers_.of(kind).get(ns, name);
  }
  std::vector<api::ObjectRef> list(api::KindId kind, std::string_view ns) const override {
    return informers_.of(kind).list(ns);
  }
  std::int64_t version(api::KindId kind) const override { return informers_.of(kind).last_revision(); }

 private:
  client::InformerSet& informers_;
};

class Scheduler::Impl {
 public:
  Impl(env::Environment& env, SchedulerConfig config);

 private:
  /// A profile as it runs.
  struct ProfileRun {
    Str scheduler_name;
    std::unique_ptr<Adviser> adviser;      // null: plugins alone decide
    std::unique_ptr<Framework> framework;
    std::unique_ptr<PodClasses> classes;   // null: not incremental
    std::unique_ptr<EventSeries> events;
    bool first_of_best = false;            // of equally good nodes the first
    // Of policies that look at more than one pod; else null.
    std::unique_ptr<TenantTurns> turns;
    std::unique_ptr<FlowRounds> flow;
  };
  /// One pod from decision to binding or failure.
  struct Attempt {
    QueuedPodRef pod;
    const ProfileRun* profile = nullptr;
    PodInfoRef assigned;        // the pod with what it gets of its node; null until one is chosen
    CycleState state;
    CycleResult result;
    Status status;              // of Reserve and Permit
    base::Nanos permit_wait = 0;
    std::string_view permit_plugin;   // that lets it wait
    Str node;                   // chosen
  };
  using AttemptRef = std::unique_ptr<Attempt>;
  /// One that is decided, and the CPU that it takes until it is: `serial` in one thread, `share` in each.
  struct Thought {
    AttemptRef attempt;
    base::Nanos serial = 0, share = 0;
  };
  /// What becomes of status.nominatedNodeName: nullopt leaves it.
  using Nomination = std::optional<Str>;

  // --- scheduler.cc: life and events
  void make_profiles(const Configuration& configuration);
  /// The one that the pod names; null when it is another scheduler's.
  const ProfileRun* profile_of(const api::Pod& pod) const;
  env::Task<> start();
  void started_leading();
  void watch_pods();
  void watch_nodes();
  void watch(api::KindId kind, EventResource resource);
  void pod_changed(api::ObjectRef old, api::ObjectRef now);
  void assigned_changed(const api::ObjectRef& old, const api::ObjectRef& now);
  void pending_changed(const api::ObjectRef& old, const api::ObjectRef& now);
  void node_changed(const api::ObjectRef& old, const api::ObjectRef& now);
  void notify(EventResource resource, std::uint32_t action, const api::ObjectRef& old, const api::ObjectRef& now);

  // --- scheduling_loop.cc
  base::Instant now() const { return env_.clock.now() + wall_offset_; }
  void kick();
  void arm_flushes();
  void attempt();
  void attempt_next();
  AttemptRef begin(QueuedPodRef pod) const;
  bool skip(const QueuedPod& pod);
  void decide(Attempt& attempt);
  void take_node(Attempt& attempt);
  void think();
  void thought();
  void settle(AttemptRef attempt);
  env::Task<> bind(AttemptRef attempt);
  void binding_failed(Attempt& attempt, const Status& status);
  void fail(Attempt& attempt, std::string_view reason, const std::string& message, const Nomination& nomination);
  void requeue(Attempt& attempt);

  // --- policy_order.cc: policies that look at more than one pod
  QueuedPodRef next_pod();
  void attempt_together(const ProfileRun& profile);
  bool place_by_flow(const ProfileRun& profile, std::vector<AttemptRef>& round);
  bool try_node(Attempt& attempt, const NodeInfo& node);

  // --- status_writes.cc
  env::Task<> write_status(PodInfoRef pod, api::PodCondition condition, Nomination nomination);
  env::Task<> preempt(PodInfoRef preemptor, Str node, std::vector<PodInfoRef> victims);
  env::Task<bool> evict(PodInfoRef preemptor, Str node, PodInfoRef victim);

  env::Environment& env_;
  SchedulerConfig config_;
  base::Ref<client::Fence> fence_;   // null: not fenced
  client::Client client_, events_client_, election_client_;
  env::MemoryAccount account_;
  client::InformerSet informers_;
  client::Informer &pods_, &nodes_;
  InformerLister lister_;
  Cache cache_;
  RunningPreemptions preempting_;
  PermitQueue permit_;
  const Nominator* nominated_ = nullptr;
  std::unique_ptr<Nominated> late_nominated_;
  std::vector<ProfileRun> profiles_;
  std::unique_ptr<SchedulingQueue> queue_;
  std::unique_ptr<client::LeaderElector> elector_;
  CycleMemory memory_;
  base::Nanos wall_offset_ = 0;    // so that back-off windows are whole seconds of the wall clock
  /// Upstream's loop waits for the status of a pod that failed to be written, and so for the client's rate limit. Here it goes on beside so
  /// many such writes: pods that fail again and again do not fill the limiter's queue, in which bindings stand, too.
  static constexpr int kMostStatusWrites = 10;
  int status_writes_ = 0;          // under way
  std::deque<Thought> thoughts_;   // the first is being thought, the others follow
  int parallelism_ = 1, threads_ = 0;   // threads_: that still think the first
  bool leading_ = false, busy_ = false, woken_ = false;
  bool backoff_armed_ = false, unschedulable_armed_ = false;
  env::TaskScope tasks_;
  env::Liveness liveness_;
};

}  // namespace orrery::scheduler
