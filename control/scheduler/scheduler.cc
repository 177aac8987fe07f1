#include "control/scheduler/scheduler.h"

#include <algorithm>

#include "control/client/pod_util.h"
#include "control/scheduler/queue/pod_changes.h"
#include "control/scheduler/scheduler_impl.h"

namespace orrery::scheduler {
namespace {

// An idle kube-scheduler 1.33 (an estimate), and its growth per encoded byte of what it watches: from a measured peak of 382 MiB
// at 5,000 nodes and 10,000 pods, which are 9 MiB of encodings (tests/scenarios/memory_factors_test.cc).
constexpr std::int64_t kBaseMemory = std::int64_t{50} << 20;
constexpr std::int64_t kMemoryFactor = 37;

constexpr base::Nanos kElectionTimeout = 5 * base::kSecond;

client::ClientConfig client_config(const SchedulerConfig& config, std::string_view agent, double qps) {
  client::ClientConfig out;
  out.user = config.user;
  out.user_agent = agent;
  out.endpoints = config.apiservers;
  out.qps = qps;
  out.burst = config.burst;
  return out;
}

client::ClientConfig fenced(client::ClientConfig config, base::Ref<client::Fence> fence) {
  config.fence = std::move(fence);
  return config;
}

client::ClientConfig events_config(const SchedulerConfig& config) {
  client::ClientConfig out = client_config(config, "kube-scheduler/scheduler", config.qps);
  out.purpose = "events";
  return out;
}

client::ClientConfig election_config(const SchedulerConfig& config) {
  client::ClientConfig out = client_config(config, "kube-scheduler/leader-election", 0);
  out.timeout = kElectionTimeout;
  return out;
}

Str identity_of(env::Environment& env, const SchedulerConfig& config) {
  if (!config.identity.empty()) return config.identity;
  static constexpr char kHex[] = "0123456789abcdef";
  base::RandomStream random = env.random.stream("identity");
  std::string suffix;
  for (int i = 0; i < 8; ++i) suffix += kHex[random.below(16)];
  return base::cat(env.process.machine(), "_", suffix);
}

bool ended(const api::ObjectRef& pod) { return client::is_pod_terminal(pod->as<api::Pod>()); }
bool is_assigned(const api::ObjectRef& pod) { return pod && !pod->as<api::Pod>().spec->node_name.empty(); }

}  // namespace

Scheduler::Scheduler(env::Environment& env, SchedulerConfig config) : impl_(std::make_unique<Impl>(env, std::move(config))) {}
Scheduler::~Scheduler() = default;

env::ComponentFactory make_scheduler(SchedulerConfig config) {
  return [config = std::move(config)](env::Environment& env) { return std::make_unique<Scheduler>(env, config); };
}

Scheduler::Impl::Impl(env::Environment& env, SchedulerConfig config)
    : env_(env),
      config_(std::move(config)),
      fence_(config_.leader_elect && config_.fencing ? base::make_ref<client::Fence>("kube-system/kube-scheduler") : nullptr),
      client_(env, fenced(client_config(config_, "kube-scheduler/scheduler", config_.qps), fence_)),
      events_client_(env, fenced(events_config(config_), fence_)),
      election_client_(env, election_config(config_)),
      account_(env.compute, kBaseMemory, kMemoryFactor),
      informers_(env, client_, &account_),
      pods_(informers_.of(api::KindId::kPod)),
      nodes_(informers_.of(api::KindId::kNode)),
      lister_(informers_),
      permit_(env, [this](const Str& uid) { queue_->activate(uid, now()); }),
      wall_offset_(env.clock.wall() - env.clock.now()),
      tasks_(env.trampoline) {
  memory_.ties = env.random.stream("tie-break");
  memory_.preemption = env.random.stream("preemption");
  memory_.tie_break = config_.tie_break;
  for (const api::KindId kind : {api::KindId::kService, api::KindId::kReplicationController, api::KindId::kReplicaSet,
                                 api::KindId::kStatefulSet, api::KindId::kNamespace, api::KindId::kPodDisruptionBudget}) {
    informers_.of(kind);
  }
  late_nominated_ = std::make_unique<LateNominated>(nominated_);
  make_profiles(config_.configuration ? *config_.configuration : default_configuration());
  nominated_ = &queue_->nominator();
  watch_pods();
  watch_nodes();
  watch(api::KindId::kPersistentVolume, EventResource::kPersistentVolume);
  watch(api::KindId::kPersistentVolumeClaim, EventResource::kPersistentVolumeClaim);
  watch(api::KindId::kStorageClass, EventResource::kStorageClass);
  watch(api::KindId::kCSINode, EventResource::kCSINode);
  watch(api::KindId::kCSIDriver, EventResource::kCSIDriver);
  watch(api::KindId::kCSIStorageCapacity, EventResource::kCSIStorageCapacity);
  watch(api::KindId::kVolumeAttachment, EventResource::kVolumeAttachment);
  const auto gangs = [](const ProfileRun& p) { return p.framework->find("Coscheduling") != nullptr; };
  if (std::any_of(profiles_.begin(), profiles_.end(), gangs)) watch(api::KindId::kPodGroup, EventResource::kPodGroup);
  if (config_.leader_elect) {
    client::LeaderElectionConfig election;
    election.lease_name = "kube-scheduler";
    election.component = profiles_[0].scheduler_name;
    election.identity = identity_of(env, config_);
    election.fence = fence_;
    elector_ = std::make_unique<client::LeaderElector>(
        env, election_client_, election, [this] { started_leading(); },
        [this] { env_.process.exit(1, "leaderelection lost"); });
  }
  tasks_.spawn(start());
}

void Scheduler::Impl::make_profiles(const Configuration& configuration) {
  const ProfileContext context{cache_.snapshot(), lister_, *late_nominated_, preempting_, &client_, &env_, &permit_};
  std::vector<QueueProfile> queued;
  for (const Profile& p : configuration.profiles) {
    ProfileRun& run = profiles_.emplace_back();
    run.scheduler_name = p.scheduler_name;
    if (p.research && p.research->policy.adviser) run.adviser = p.research->policy.adviser(cache_.snapshot(), p.research->seed);
    run.framework = p.research ? policy_profile(context, p.research->policy, p.research->model, p.research->seed, run.adviser.get())
                               : default_profile(context, p.config);
    run.first_of_best = p.research && p.research->policy.first_of_best;
    if (config_.incremental) run.classes = std::make_unique<PodClasses>(*run.framework, cache_.snapshot());
    if (p.research && p.research->policy.order == WaitOrder::kDominantShare) run.turns = std::make_unique<TenantTurns>(cache_.snapshot());
    if (p.research && p.research->policy.together && run.classes) run.flow = std::make_unique<FlowRounds>(cache_.snapshot(), *run.classes);
    run.events = std::make_unique<EventSeries>(env_, events_client_, p.scheduler_name);
    queued.push_back({p.scheduler_name, run.framework.get()});
  }
  parallelism_ = configuration.parallelism;
  QueueConfig queue;
  queue.initial_backoff = configuration.initial_backoff;
  queue.max_backoff = configuration.max_backoff;
  queue.next_pod = config_.next_pod;
  queue_ = std::make_unique<SchedulingQueue>(std::move(queued), queue);
}

const Scheduler::Impl::ProfileRun* Scheduler::Impl::profile_of(const api::Pod& pod) const {
  for (const ProfileRun& p : profiles_) {
    if (p.scheduler_name == pod.spec->scheduler_name) return &p;
  }
  return nullptr;
}

env::Task<> Scheduler::Impl::start() {
  informers_.start();
  co_await informers_.wait_synced();
  if (elector_) elector_->start();
  else started_leading();
}

void Scheduler::Impl::started_leading() {
  leading_ = true;
  kick();
}

void Scheduler::Impl::watch_pods() {
  pods_.add_handler([this](const api::ObjectRef& old, const api::ObjectRef& now) { pod_changed(old, now); });
}

void Scheduler::Impl::watch_nodes() {
  nodes_.add_handler([this](const api::ObjectRef& old, const api::ObjectRef& now) { node_changed(old, now); });
}

void Scheduler::Impl::watch(api::KindId kind, EventResource resource) {
  informers_.of(kind).add_handler([this, resource](const api::ObjectRef& old, const api::ObjectRef& now) {
    notify(resource, !old ? kActionAdd : !now ? kActionDelete : kActionUpdateOther, old, now);
    kick();
  });
}

void Scheduler::Impl::notify(EventResource resource, std::uint32_t action, const api::ObjectRef& old,
                             const api::ObjectRef& now_object) {
  if (env_.faults.here(env::Site::kSchedulerLosesWakeup) && resource == EventResource::kNode) return;
  queue_->change({{resource, action}, old, now_object}, now());
}

void Scheduler::Impl::pod_changed(api::ObjectRef old, api::ObjectRef now) {
  // Upstream's informer does not select pods that have ended: to it they are deleted.
  if (old && ended(old)) old = {};
  if (now && ended(now)) now = {};
  if (!old && !now) return;
  if (old && now && !(old->meta().uid == now->meta().uid)) {
    pod_changed(old, {});
    pod_changed({}, now);
    return;
  }
  if (is_assigned(old) || is_assigned(now)) assigned_changed(old, now);
  else pending_changed(old, now);
  kick();
}

void Scheduler::Impl::assigned_changed(const api::ObjectRef& old, const api::ObjectRef& now_object) {
  if (!is_assigned(now_object)) {
    cache_.remove_pod(old->meta().uid);
    notify(EventResource::kAssignedPod, kActionDelete, old, {});
    return;
  }
  cache_.set_pod(base::make_ref<PodInfo>(now_object));
  if (!is_assigned(old)) {
    if (old) queue_->remove(old->as<api::Pod>());
    notify(EventResource::kAssignedPod, kActionAdd, {}, now_object);
    return;
  }
  for (const ClusterEvent& e : pod_changes(old, now_object)) notify(e.resource, e.action, old, now_object);
}

void Scheduler::Impl::pending_changed(const api::ObjectRef& old, const api::ObjectRef& now_object) {
  const api::ObjectRef& any = now_object ? now_object : old;
  if (!profile_of(any->as<api::Pod>())) return;
  const Str& uid = any->meta().uid;
  if (!now_object) {
    const bool nominated = !old->as<api::Pod>().status->nominated_node_name.empty();
    permit_.reject(uid, {}, "removed");
    cache_.forget(uid);
    queue_->remove(old->as<api::Pod>());
    if (nominated) notify(EventResource::kAssignedPod, kActionDelete, old, {});
    return;
  }
  if (cache_.assumed(uid)) return;
  const auto info = base::make_ref<PodInfo>(now_object);
  if (old) {
    queue_->update(old, info, now());
  } else {
    queue_->add(info, now());
    notify(EventResource::kUnscheduledPod, kActionAdd, {}, now_object);
  }
}

void Scheduler::Impl::node_changed(const api::ObjectRef& old, const api::ObjectRef& now_object) {
  if (!now_object) {
    cache_.remove_node(old->meta().name);
    notify(EventResource::kNode, kActionDelete, old, {});
    return kick();
  }
  cache_.set_node(NodeHandle(now_object));
  if (!old) notify(EventResource::kNode, kActionAdd, {}, now_object);
  else for (const ClusterEvent& e : node_changes(old, now_object)) notify(e.resource, e.action, old, now_object);
  kick();
}

}  // namespace orrery::scheduler
