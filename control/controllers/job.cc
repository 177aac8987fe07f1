#include "control/controllers/job.h"

#include "control/client/owner.h"
#include "control/controllers/cost.h"

namespace orrery::controllers {
namespace {

constexpr base::Nanos kBatch = base::kSecond;
constexpr const char* kOwnName = "kubernetes.io/job-controller";

QueueControllerOptions job_options() {
  QueueControllerOptions o;
  o.sync_cpu = kSyncCpu;
  o.queue.base_delay = base::kSecond;
  o.queue.max_delay = base::kMinute;
  o.queue.bucket_qps = 0;
  return o;
}

bool managed_elsewhere(const api::Job& job) {
  return job.spec->managed_by && !(*job.spec->managed_by == kOwnName);
}

}  // namespace

Str release_finalizer_patch() {
  static const Str kPatch = base::cat("{\"metadata\":{\"$deleteFromPrimitiveList/finalizers\":[\"",
                                      kJobTrackingFinalizer, "\"]}}");
  return kPatch;
}

JobController::JobController(ControllerContext context)
    : QueueController(context, "job-controller", job_options()),
      jobs_(informer(KindId::kJob)),
      pods_(informer(KindId::kPod)),
      pods_by_controller_(client::controller_index(pods_)),
      orphans_(context.env, job_options().queue),
      tasks_(context.env.trampoline) {
  jobs_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { job_changed(old, now); });
  pods_.add_handler([this](const ObjectRef& old, const ObjectRef& now) { pod_changed(old, now); });
}

void JobController::start(int workers) {
  QueueController::start(workers);
  tasks_.spawn(orphan_loop());
}

void JobController::stop() {
  tasks_.cancel_all();
  QueueController::stop();
}

void JobController::enqueue_batched(const api::ObjectMeta& job) { enqueue_after(job, kBatch); }

void JobController::job_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now) {
    enqueue(old->meta());
    return clean_finalizers(old->meta());
  }
  if (!old) return enqueue(now->meta());
  const auto& job = now->as<api::Job>();
  const auto& before = old->as<api::Job>();
  if (job.metadata.generation == before.metadata.generation) enqueue_batched(job.metadata);
  else enqueue(job.metadata);
  if (is_job_finished(job)) clean_finalizers(job.metadata);
  const auto& deadline = job.spec->active_deadline_seconds;
  if (job.status->start_time.is_zero() || !deadline ||
      before.spec->active_deadline_seconds == deadline)
    return;
  enqueue_after(job.metadata,
                *deadline * base::kSecond - (wall() - job.status->start_time.instant()));
}

void JobController::clean_finalizers(const api::ObjectMeta& job) {
  for (const ObjectRef& pod : pods_.by_index(pods_by_controller_, job.uid)) {
    if (has_tracking_finalizer(pod->as<api::Pod>())) orphans_.add(api::key_of(pod->meta()));
  }
}

JobController::JobHandle JobController::owner_of(const api::ObjectMeta& pod) const {
  const api::OwnerReference* owner = api::controller_of(pod);
  if (!owner || !(owner->kind == "Job")) return {};
  const ObjectRef job = jobs_.get(pod.namespace_, owner->name);
  if (!job || !(job->meta().uid == owner->uid)) return {};
  return JobHandle(job);
}

void JobController::enqueue_matching(const api::ObjectMeta& pod) {
  if (pod.labels.empty()) return;
  for (const ObjectRef& job : jobs_.list(pod.namespace_)) {
    if (client::selector_of(job->as<api::Job>().spec->selector).matches(pod.labels))
      enqueue_batched(job->meta());
  }
}

void JobController::finalizer_gone(std::string_view key, const Str& uid) {
  const auto it = removals_.find(key);
  if (it == removals_.end()) return;
  it->second.erase(uid);
  if (it->second.empty()) removals_.erase(it);
}

void JobController::pod_changed(const ObjectRef& old, const ObjectRef& now) {
  if (!now) return pod_deleted(old, true);
  // A deletion mark counts as gone: the Job does not wait for the kubelet.
  if (now->meta().deleting()) return pod_deleted(now, false);
  if (old) return pod_updated(old, now);
  if (api::controller_of(now->meta())) {
    const JobHandle job = owner_of(now->meta());
    if (!job) return;
    expectations_.creation_observed(api::key_of(job->metadata));
    return enqueue_batched(job->metadata);
  }
  if (has_tracking_finalizer(now->as<api::Pod>())) orphans_.add(api::key_of(now->meta()));
  enqueue_matching(now->meta());
}

void JobController::pod_updated(const ObjectRef& old, const ObjectRef& now) {
  const api::OwnerReference* owner = api::controller_of(now->meta());
  const bool released = !has_tracking_finalizer(now->as<api::Pod>());
  const bool handed_over = !client::same_controller(api::controller_of(old->meta()), owner);
  if (handed_over) {
    if (const JobHandle former = owner_of(old->meta())) {
      if (released) finalizer_gone(api::key_of(former->metadata), now->meta().uid);
      enqueue_batched(former->metadata);
    }
  }
  if (owner) {
    const JobHandle job = owner_of(now->meta());
    if (!job) return;
    if (released) finalizer_gone(api::key_of(job->metadata), now->meta().uid);
    return enqueue_batched(job->metadata);
  }
  if (!released) orphans_.add(api::key_of(now->meta()));
  if (handed_over || !api::deep_equal(old->meta().labels, now->meta().labels))
    enqueue_matching(now->meta());
}

void JobController::pod_deleted(const ObjectRef& pod, bool final) {
  const api::ObjectMeta& meta = pod->meta();
  const bool held = has_tracking_finalizer(pod->as<api::Pod>());
  const JobHandle job = owner_of(meta);
  if (!job || is_job_finished(*job)) {
    // No sync will remove the finalizer.
    const api::OwnerReference* owner = api::controller_of(meta);
    if (held && (!owner || owner->kind == "Job")) orphans_.add(api::key_of(meta));
    return;
  }
  const Str key = api::key_of(job->metadata);
  expectations_.deletion_observed(key);
  if (final || !held) finalizer_gone(key, meta.uid);
  enqueue_batched(job->metadata);
}

env::Task<> JobController::orphan_loop() {
  co_await context_.informers.wait_synced();
  while (true) {
    const Str key = co_await orphans_.get();
    const bool done = co_await release_orphan(key);
    if (done) orphans_.forget(key);
    else orphans_.add_rate_limited(key);
    orphans_.done(key);
  }
}

env::Task<bool> JobController::release_orphan(Str key) {
  const SplitKey parts = split_key(key);
  const ObjectRef pod = pods_.get(parts.namespace_, parts.name);
  if (!pod) co_return true;
  if (const api::OwnerReference* owner = api::controller_of(pod->meta())) {
    if (!(owner->kind == "Job") || !(owner->api_version == "batch/v1")) co_return true;
    const JobHandle job = owner_of(pod->meta());
    if (job && (managed_elsewhere(*job) || !is_job_finished(*job))) co_return true;
  }
  if (!has_tracking_finalizer(pod->as<api::Pod>())) co_return true;
  const auto patched =
      co_await client_.patch(KindId::kPod, parts.namespace_, parts.name,
                             api::PatchType::kStrategicMerge, release_finalizer_patch());
  co_return patched.ok() || patched.error().not_found();
}

env::Task<client::ApiResult<std::vector<PodHandle>>> JobController::pods_of(JobHandle job) {
  auto claimed =
      co_await client::claim(client_, job.object(), client::selector_of(job->spec->selector),
                             client::claim_candidates(pods_, pods_by_controller_, job->metadata));
  if (claimed.error) co_return *claimed.error;
  std::vector<PodHandle> out;
  for (ObjectRef& object : claimed.claimed) {
    const bool adopted = !client::controlled_by(object->meta(), job->metadata.uid);
    if (adopted && !has_tracking_finalizer(object->as<api::Pod>())) {
      const auto tracked = co_await client_.patch(
          KindId::kPod, object->meta().namespace_, object->meta().name,
          api::PatchType::kStrategicMerge,
          base::cat("{\"metadata\":{\"finalizers\":[\"", kJobTrackingFinalizer, "\"]}}"));
      if (!tracked) co_return tracked.error();
      object = *tracked;
    }
    out.emplace_back(object);
  }
  co_return out;
}

env::Task<SyncResult> JobController::sync(Str key) {
  const SplitKey parts = split_key(key);
  const JobHandle job = jobs_.get_as<api::Job>(parts.namespace_, parts.name);
  if (!job) {
    expectations_.forget(key);
    removals_.erase(key);
    backoffs_.erase(key);
    co_return SyncResult::ok();
  }
  if (managed_elsewhere(*job)) co_return SyncResult::ok();
  if (is_job_finished(*job)) {
    backoffs_.erase(key);
    co_return SyncResult::ok();
  }
  Sync s;
  s.object = job.object();
  s.job = *job;
  s.key = key;
  if (!s.job.status->uncounted_terminated_pods)
    s.job.status.edit().uncounted_terminated_pods.edit();
  s.may_act = expectations_.satisfied(key, now());
  auto pods = co_await pods_of(job);
  if (!pods) co_return SyncResult::fail(pods.error());
  s.pods = std::move(*pods);
  count_pods(s);
  decide_end(s);
  if (is_indexed(s.job)) decide_indexed(s);
  const Failure acted = co_await act(s);
  api::JobStatus& status = s.job.status.edit();
  const bool flush = s.suspend_changed || s.active_count != status.active ||
                     status.ready != s.ready || status.terminating != s.terminating;
  status.active = s.active_count;
  status.ready = s.ready;
  status.terminating = s.terminating;
  const Failure tracked = co_await track(s, flush);
  if (tracked) co_return SyncResult::fail(*tracked);
  if (acted) co_return SyncResult::fail(*acted);
  co_return SyncResult::ok();
}

}  // namespace orrery::controllers
